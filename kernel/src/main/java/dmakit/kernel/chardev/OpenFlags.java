package dmakit.kernel.chardev;

import dmakit.kernel.Linux;

/** How a file is opened. */
@Linux(file = "include/uapi/asm-generic/fcntl.h", symbol = "O_RDWR")
public final class OpenFlags {
    /** For reading. */
    public static final int RDONLY = 0;

    /** For writing. */
    public static final int WRONLY = 1;

    /** For both. */
    public static final int RDWR = 2;

    /** Calls answer {@code -EAGAIN} where they would sleep. */
    public static final int NONBLOCK = 04000;

    /** Each write goes to the end. */
    public static final int APPEND = 02000;

    /** {@code SIGIO} comes when there is news ({@code FASYNC}). */
    public static final int ASYNC = 020000;

    /** What {@code fcntl} may change of an open file. */
    public static final int CHANGEABLE = NONBLOCK | APPEND | ASYNC;

    private static final int ACCESS_MODE = 3;

    private OpenFlags() {}

    static boolean isAsync(int flags) {
        return (flags & ASYNC) != 0;
    }

    /** Whether a file opened so can be read. */
    public static boolean reads(int flags) {
        return (flags & ACCESS_MODE) != WRONLY;
    }

    /** Whether a file opened so can be written. */
    public static boolean writes(int flags) {
        return (flags & ACCESS_MODE) != RDONLY;
    }
}
