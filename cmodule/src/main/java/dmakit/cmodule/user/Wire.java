package dmakit.cmodule.user;

import java.util.Locale;

/**
 * What travels between a program, its guard and the simulation: every number that both sides use.
 *
 * <p>{@link #header()} is what the C side is compiled with, so the two cannot disagree. A program
 * sends a message and gets messages back until one is the answer:
 *
 * <pre>
 *  program     --READ 3, 0x7ffe1000, 512--&gt;      the thread waits
 *              &lt;--COPY_OUT 0x7ffe1000, bytes--     copy_to_user() in the driver
 *              --COPIED 512--&gt;
 *              &lt;--ANSWER 512--
 * </pre>
 */
public final class Wire {
    /** Bytes of the largest message. */
    static final int MESSAGE_MAX = 65_536;

    /** Bytes in front of a message's data: kind, 4 unused, and {@link #VALUE_COUNT} values. */
    static final int HEAD_BYTES = 64;

    static final int VALUE_COUNT = 7;

    /** Bytes of data in the largest message. */
    static final int DATA_MAX = MESSAGE_MAX - HEAD_BYTES;

    /** Bytes in front of what a frame carries between guard and simulation. */
    static final int FRAME_BYTES = 16;

    /** Descriptors that one poll may ask for. */
    static final int POLL_MAX = 1024;

    /** What a call answers instead of an error number where the host's own file is meant. */
    static final int NOT_MINE = 4000;

    /** {@code ERESTARTSYS}: whether the call is begun anew is for the program's side to say. */
    static final int RESTART = 512;

    /** The variable of the environment with the guard's address. */
    static final String ADDRESS_VARIABLE = "DMAKIT_USER";

    static final int ATTACHMENT_SHIFT = 28;

    /** The value of a call with the nanoseconds that passed for its program by itself. */
    static final int PASSED = 6;

    /** Bytes of a {@code wire_clock}. */
    static final int CLOCK_BYTES = 16;

    /** Bytes of a {@code wire_stat}. */
    static final int STAT_BYTES = 56;

    /** Bytes of a {@code wire_entry} without its name. */
    static final int ENTRY_BYTES = 16;

    /** Bytes of a {@code wire_piece}. */
    static final int PIECE_BYTES = 32;

    /** What a frame between guard and simulation is. */
    enum Frame {
        /** A thread sent a message. */
        REQUEST,
        /** A thread's connection ended. */
        GONE,
        /** The last descriptor of a file was closed; its number is the extra value. */
        CLOSED,
        /** Bytes were written to a file past the library. */
        BYPASS,
        /** The command ended; its wait status is the extra value. */
        ENDED,
        /** Every thread of the command sleeps; the extra value is what was asked with. */
        QUIET,
        /** Some thread has computed for as long as was allowed. */
        BUSY,
        /** The command had its time. */
        TIMEOUT,
        /** The guard is gone; made up on this side. */
        DEAD,
        /** A message for a thread, with an attachment as the extra value. */
        REPLY,
        /** Say when all threads sleep; the peer is the patience in milliseconds, or -1. */
        ASK_QUIET,
        /** Send a signal, the extra value, to the process whose number is the peer. */
        SIGNAL,
        /** End everything. */
        END
    }

    /** What a program wants. */
    enum Op {
        HELLO,
        COPIED,
        INTERRUPT,
        OPEN,
        CLOSED,
        READ,
        WRITE,
        IOCTL,
        SEEK,
        FCNTL,
        MMAP,
        MUNMAP,
        POLL,
        STAT,
        FSTAT,
        READLINK,
        CANONICAL,
        FOLDER,
        PATH,
        LIST,
        MKNOD,
        UNLINK,
        SLEEP,
        TIME,
        CONTROL
    }

    /** What the simulation wants of a thread that waits. */
    enum Wish {
        /** The call's answer: value 0. */
        ANSWER,
        /** Send value 1 bytes of memory from address value 0 on. */
        COPY_IN,
        /** Store the data at address value 0. */
        COPY_OUT,
        /** Map value 1 bytes at value 2 of the segment that comes with it at address value 0. */
        SHARE,
        /** End: the kernel died while it served the call. */
        DIE
    }

    /** Why a thread says hello. */
    enum Reason {
        THREAD,
        FORK,
        EXEC
    }

    /** What goes with a message to a program. */
    enum Attachment {
        NONE,
        /** The file of that number. */
        FILE,
        /** The descriptor of that number in this JVM. */
        SEGMENT
    }

    private Wire() {}

    /** The attachment as the guard takes it. */
    static int attach(Attachment kind, int number) {
        return kind.ordinal() << ATTACHMENT_SHIFT | number;
    }

    /** The header that the C side is compiled with. */
    public static String header() {
        StringBuilder out = new StringBuilder();
        out.append("/* Made from dmakit.cmodule.user.Wire. */\n#ifndef DMAKIT_WIRE_H\n");
        out.append("#define DMAKIT_WIRE_H\n#include <stdint.h>\n");
        define(out, "WIRE_MESSAGE_MAX", MESSAGE_MAX);
        define(out, "WIRE_POLL_MAX", POLL_MAX);
        define(out, "WIRE_NOT_MINE", NOT_MINE);
        define(out, "WIRE_RESTART", RESTART);
        define(out, "WIRE_PASSED", PASSED);
        define(out, "WIRE_ATTACHMENT_SHIFT", ATTACHMENT_SHIFT);
        out.append("#define WIRE_ADDRESS_VARIABLE \"" + ADDRESS_VARIABLE + "\"\n");
        number(out, "FRAME", Frame.values());
        number(out, "OP", Op.values());
        number(out, "WISH", Wish.values());
        number(out, "REASON", Reason.values());
        number(out, "ATTACH", Attachment.values());
        out.append(
                """
                struct wire_message {
                    uint32_t kind;
                    uint32_t unused;
                    int64_t v[7];
                };
                struct wire_stat {
                    uint64_t inode;
                    uint32_t mode;
                    uint32_t links;
                    uint64_t size;
                    uint32_t major;
                    uint32_t minor;
                    int64_t modified_ns;
                    uint64_t unused[2];
                };
                struct wire_entry {
                    uint64_t inode;
                    uint32_t length; /* with the name and the zeros behind it */
                    uint32_t type;   /* as in struct dirent */
                };
                struct wire_clock {
                    int64_t now_ns;   /* since power-on */
                    int64_t epoch_ns; /* when that was, in time of day */
                };
                struct wire_piece {
                    uint64_t offset; /* in the mapped area */
                    uint64_t length; /* 0 where nothing may be touched */
                    uint64_t from;   /* in the segment */
                    uint64_t segment;
                };
                #endif
                """);
        return out.toString();
    }

    private static void define(StringBuilder out, String name, int value) {
        out.append(String.format(Locale.ROOT, "#define %s %d%n", name, value));
    }

    private static void number(StringBuilder out, String prefix, Enum<?>[] values) {
        for (int code = 0; code < values.length; code++) {
            define(out, prefix + "_" + values[code].name(), code);
        }
    }
}
