package dmakit.oracle.edu;

import static dmakit.datasheet.edu.EduRegister.DMA_COMMAND;
import static dmakit.datasheet.edu.EduRegister.DMA_COUNT;
import static dmakit.datasheet.edu.EduRegister.DMA_DESTINATION;
import static dmakit.datasheet.edu.EduRegister.DMA_SOURCE;
import static dmakit.datasheet.edu.EduRegister.INTERRUPT_ACKNOWLEDGE;
import static dmakit.datasheet.edu.EduRegister.INTERRUPT_RAISE;
import static dmakit.datasheet.edu.EduRegister.LIVENESS;
import static dmakit.datasheet.edu.EduRegister.STATUS;
import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.edu.EduRegister;
import dmakit.datasheet.edu.EduRegister.Command;
import dmakit.machine.random.Rng;
import dmakit.oracle.Listed;
import dmakit.oracle.Memories;
import dmakit.oracle.Peer;
import dmakit.oracle.Seeds;
import org.junit.jupiter.api.Test;

/** Random programs leave QEMU's {@code edu} and ours with the same registers and memory. */
class EduOracleTest {
    private static final String CHIP = "edu";
    private static final int PROGRAMS = 150;
    private static final int STEPS = 12;

    /** QEMU 7.2 takes the buffer's last byte for outside of it: OUT_OF_BUFFER. */
    private static final int BYTES_MAX = EduRegister.BUFFER_BYTES - 1;

    private static final int RAM = 0x10_0000;
    private static final int RAM_BYTES = 0x4000;

    /** The header of a type 0 function ends here. */
    private static final int HEADER_END = 0x40;

    /** Cache line size, latency, subsystem: what a board's firmware makes of them. */
    private static final int[] BOARDS_OWN = {0x0c, 0x2c, 0x3c};

    private static final int COMMAND_AND_STATUS = 0x04;
    private static final int INTX_PENDING = 1 << 19;

    private long compared;

    @Test
    void randomProgramsLeaveTheSame() {
        long programs = 0;
        try (EduPair pair = new EduPair()) {
            for (long seed : Seeds.upTo(PROGRAMS).toArray()) {
                run(pair, new Rng(seed), seed);
                programs++;
            }
        }
        Peer.summarize(
                CHIP,
                EduPair.EMULATOR,
                "%d programs, %d registers and memories compared".formatted(programs, compared));
    }

    private void run(EduPair pair, Rng rng, long seed) {
        byte[] ram = new byte[RAM_BYTES];
        for (int i = 0; i < ram.length; i++) {
            ram[i] = (byte) rng.nextLong();
        }
        pair.poke(RAM, ram);
        reset(pair);
        for (int i = 0; i < STEPS; i++) {
            act(pair, rng);
            if (rng.oneIn(2)) {
                compare(pair, seed);
            }
        }
        compare(pair, seed);
        compared++;
        Memories.areEqual(pair.ours, pair.qemu, RAM, RAM_BYTES, Seeds.replay(CHIP, seed));
    }

    /** A program must not hang on the one before it. */
    private static void reset(EduPair pair) {
        pair.store(INTERRUPT_ACKNOWLEDGE, 4, 0xffff_ffffL);
        pair.store(STATUS, 4, 0);
        pair.store(LIVENESS, 4, 0);
        pair.master(true);
        pair.compute(0);
        transfer(pair, RAM, EduRegister.BUFFER, BYTES_MAX, Command.RUN.mask());
    }

    private static void act(EduPair pair, Rng rng) {
        switch (rng.nextInt(8)) {
            case 0 -> pair.store(LIVENESS, 4, rng.nextLong() & 0xffff_ffffL);
            case 1 -> pair.compute(rng.nextInt(50));
            case 2 -> pair.store(STATUS, 4, rng.nextInt(256));
            case 3 -> pair.store(INTERRUPT_RAISE, 4, rng.nextLong() & 0xffff_ffffL);
            case 4 -> pair.store(INTERRUPT_ACKNOWLEDGE, 4, rng.nextLong() & 0xffff_ffffL);
            case 5 -> pair.master(rng.oneIn(2));
            default -> {
                boolean toRam = rng.oneIn(2);
                int bytes = 1 + rng.nextInt(BYTES_MAX);
                long inside = EduRegister.BUFFER + rng.nextInt(BYTES_MAX - bytes + 1);
                long outside = RAM + rng.nextInt(RAM_BYTES - bytes);
                // Above its 28 bits the device cuts an address.
                outside |= (rng.nextLong() & 0xff) << 28;
                // Where it is no master nothing answers; what the buffer gets then is listed.
                pair.master(toRam ? rng.oneIn(4) : true);
                int command = Command.RUN.mask() | Command.INTERRUPT.of(rng.nextInt(2));
                transfer(
                        pair,
                        toRam ? inside : outside,
                        toRam ? outside : inside,
                        bytes,
                        Command.TO_RAM.with(command, toRam));
            }
        }
    }

    private static void transfer(
            EduPair pair, long source, long destination, long bytes, int command) {
        pair.store(DMA_SOURCE, 8, source);
        pair.store(DMA_DESTINATION, 8, destination);
        pair.store(DMA_COUNT, 8, bytes);
        pair.store(DMA_COMMAND, 4, command);
        // QEMU's time is not ours: what comes next must not meet the transfer.
        pair.settle();
    }

    private void compare(EduPair pair, long seed) {
        for (EduRegister register : EduRegister.values()) {
            boolean wide = register.offset() >= DMA_SOURCE.offset();
            if (register.offset() % Long.BYTES != 0 && wide) {
                continue; // HALVES
            }
            compared++;
            int bytes = wide ? Long.BYTES : Integer.BYTES;
            assertThat(EduPair.load(pair.ours, register, bytes))
                    .as("%s: ours, then QEMU's; %s", register, Seeds.replay(CHIP, seed))
                    .isEqualTo(EduPair.load(pair.qemu, register, bytes));
        }
        compared++;
        int ours = pair.ourConfig(COMMAND_AND_STATUS) & INTX_PENDING;
        assertThat(ours)
                .as("the interrupt in PCI's status; %s", Seeds.replay(CHIP, seed))
                .isEqualTo(pair.qemuConfig(COMMAND_AND_STATUS) & INTX_PENDING);
    }

    @Test
    void theFunctionLooksTheSameToPci() {
        try (EduPair pair = new EduPair()) {
            for (int offset = 0; offset < HEADER_END; offset += 4) {
                if (offset == BOARDS_OWN[0] || offset == BOARDS_OWN[1] || offset == BOARDS_OWN[2]) {
                    continue;
                }
                assertThat(Integer.toHexString(pair.ourConfig(offset)))
                        .as("configuration at 0x%x: ours, then QEMU's", offset)
                        .isEqualTo(Integer.toHexString(pair.qemuConfig(offset)));
            }
            pair.config(0x10, -1);
            assertThat(pair.ourConfig(0x10)).isEqualTo(pair.qemuConfig(0x10));
        }
    }

    @Test
    void accessesThatTheDocumentForbidsReadOnes() {
        try (EduPair pair = new EduPair()) {
            for (int offset : new int[] {0x00, 0x08, 0x20, 0x28, 0x78}) {
                assertThat(pair.ours.load(EduPair.REGION + offset, 8))
                        .as("8 bytes at 0x%x", offset)
                        .isEqualTo(pair.qemu.load(EduPair.REGION + offset, 8));
            }
            for (int offset : new int[] {0x0c, 0x60, 0x64, 0xa0, 0x40000, 0xffffc}) {
                assertThat(pair.ours.load(EduPair.REGION + offset, 4))
                        .as("4 bytes at 0x%x", offset)
                        .isEqualTo(pair.qemu.load(EduPair.REGION + offset, 4));
            }
        }
    }

    @Test
    void halvesOfWideRegistersAreTheirOwn() {
        try (EduPair pair = new EduPair()) {
            pair.store(DMA_SOURCE, 8, 0x1_0000_0002L);
            pair.store(DMA_SOURCE, 4, 3);
            long ours = EduPair.load(pair.ours, DMA_SOURCE, 8);
            long qemu = EduPair.load(pair.qemu, DMA_SOURCE, 8);
            Listed.register(EduDifference.HALVES, (int) (ours >>> 32), 1, (int) (qemu >>> 32), 0);
            assertThat((int) ours).isEqualTo((int) qemu);
        }
    }

    @Test
    void undefinedBitsOfACommandAreNotKept() {
        try (EduPair pair = new EduPair()) {
            transfer(pair, RAM, EduRegister.BUFFER, 4, 0xf1);
            Listed.register(
                    EduDifference.COMMAND_BITS,
                    (int) EduPair.load(pair.ours, DMA_COMMAND, 4),
                    0,
                    (int) EduPair.load(pair.qemu, DMA_COMMAND, 4),
                    0xf0);
        }
    }

    @Test
    void theBufferKeepsItsBytesWhereNothingAnswers() {
        try (EduPair pair = new EduPair()) {
            pair.poke(RAM, new byte[] {1, 2, 3, 4});
            transfer(pair, RAM, EduRegister.BUFFER, 4, Command.RUN.mask());
            transfer(pair, 0x0800_0000, EduRegister.BUFFER, 4, Command.RUN.mask());
            int back = Command.RUN.mask() | Command.TO_RAM.mask();
            transfer(pair, EduRegister.BUFFER, RAM + 8, 4, back);
            Listed.memory(
                    EduDifference.NOTHING_ANSWERS,
                    pair.ours.peek(RAM + 8, 4),
                    "01020304",
                    pair.qemu.peek(RAM + 8, 4),
                    "00000000");
        }
    }
}
