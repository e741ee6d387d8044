package dmakit.oracle.bcm2835;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.bcm2835.DmaChannelRegister;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Cs;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Stride;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Ti;
import dmakit.datasheet.bcm2835.DmaChannelRegister.TxfrLen;
import dmakit.datasheet.bcm2835.DmaControllerRegister;
import dmakit.hardware.bcm2835.Bcm2835Dma;
import dmakit.machine.random.Rng;
import dmakit.oracle.Memories;
import dmakit.oracle.Peer;
import dmakit.oracle.Seeds;
import org.junit.jupiter.api.Test;

/**
 * Random programs leave QEMU's controller and ours with the same registers, the same interrupts and
 * the same memory, but for what {@link Difference} lists.
 */
class Bcm2835OracleTest {
    private static final String CHIP = "bcm2835";
    private static final int PROGRAMS = 600;

    private static final int ROW_PROGRAMS = 100;
    private static final int ROWS_MAX = 6;
    private static final int ROW_BYTES_MAX = 0x2c0;

    private static final int BLOCKS = 0x1000;
    private static final int BLOCKS_MAX = 6;
    private static final int BLOCK_SPACING = 64;
    private static final int DATA = 0x1_0000;
    private static final int DATA_SIZE = 0x8000;
    private static final int HALF = DATA_SIZE / 2;

    /** Keeps pieces off the halves' ends, since wide beats reach further than their length. */
    private static final int LENGTH_MAX = HALF - 0x100;

    /** What a program may ask for where both sides follow the manual. */
    private static final int FREE_TI =
            Ti.NO_WIDE_BURSTS.mask()
                    | Ti.WAITS.mask()
                    | Ti.PERMAP.mask()
                    | Ti.BURST_LENGTH.mask()
                    | Ti.SRC_WIDTH.mask()
                    | Ti.SRC_INC.mask()
                    | Ti.DEST_IGNORE.mask()
                    | Ti.DEST_WIDTH.mask()
                    | Ti.DEST_INC.mask()
                    | Ti.WAIT_RESP.mask()
                    | Ti.INTEN.mask();

    private long compared;

    @Test
    void randomChainsLeaveTheSame() {
        long programs = 0;
        try (Bcm2835Pair pair = new Bcm2835Pair()) {
            for (long seed : Seeds.upTo(PROGRAMS).toArray()) {
                new Program(pair, seed).run();
                programs++;
            }
        }
        Peer.summarize(
                CHIP,
                Bcm2835Pair.EMULATOR,
                "%d programs, %d registers and memories compared".formatted(programs, compared));
    }

    /**
     * QEMU's rows are wrong, its linear copies are not: our rows do what it does with a chain of a
     * block for each of them.
     */
    @Test
    void randomRowsAreAChainOfTheirCopies() {
        try (Bcm2835Pair pair = new Bcm2835Pair()) {
            for (long seed : Seeds.upTo(ROW_PROGRAMS).toArray()) {
                new Program(pair, seed).runRows();
            }
        }
    }

    /** What one seed does to both. */
    private final class Program {
        private final Bcm2835Pair pair;
        private final long seed;
        private final Rng rng;

        Program(Bcm2835Pair pair, long seed) {
            this.pair = pair;
            this.seed = seed;
            this.rng = new Rng(seed);
        }

        void run() {
            pair.powerOn();
            byte[] data = new byte[DATA_SIZE];
            for (int i = 0; i < data.length; i++) {
                data[i] = (byte) rng.nextLong();
            }
            pair.poke(DATA, data);
            pair.poke(BLOCKS, new byte[BLOCKS_MAX * BLOCK_SPACING]);
            int runs = 1 + rng.nextInt(3);
            for (int i = 0; i < runs; i++) {
                int channel = rng.nextInt(Bcm2835Pair.CHANNELS);
                runChain(channel);
                compareRegisters(channel);
                acknowledge(channel);
                compareRegisters(channel);
                compareShared();
            }
            compareMemory(BLOCKS, BLOCKS_MAX * BLOCK_SPACING);
            compareMemory(DATA, DATA_SIZE);
        }

        void runRows() {
            pair.powerOn();
            byte[] data = new byte[DATA_SIZE];
            for (int i = 0; i < data.length; i++) {
                data[i] = (byte) rng.nextLong();
            }
            pair.poke(DATA, data);
            int rows = 1 + rng.nextInt(ROWS_MAX);
            int bytes = 4 * (1 + rng.nextInt(ROW_BYTES_MAX / 4));
            int sourceStride = rng.nextInt(2 * ROW_BYTES_MAX) - ROW_BYTES_MAX;
            int destStride = rng.nextInt(2 * ROW_BYTES_MAX) - ROW_BYTES_MAX;
            // The middle of a half: strides may lead down as well.
            int source = DATA + HALF / 2;
            int dest = DATA + HALF + HALF / 2;
            int ti = (int) rng.nextLong() & FREE_TI & ~Ti.DEST_IGNORE.mask();
            ti |= Ti.SRC_INC.mask() | Ti.DEST_INC.mask();
            int rowsOf = TxfrLen.YLENGTH.of(rows - 1) | TxfrLen.XLENGTH.of(bytes);
            int strides =
                    Stride.S_STRIDE.of(sourceStride & 0xffff)
                            | Stride.D_STRIDE.of(destStride & 0xffff);
            byte[] all =
                    Bcm2835Pair.block(
                            ti | Ti.TDMODE.mask(), bus(source), bus(dest), rowsOf, strides, 0);
            pair.ours().poke(blockAt(0), all);
            for (int row = 0; row < rows; row++) {
                int next = row + 1 < rows ? bus(blockAt(row + 1)) : 0;
                int from = source + row * (bytes + sourceStride);
                int to = dest + row * (bytes + destStride);
                pair.qemu.poke(
                        blockAt(row), Bcm2835Pair.block(ti, bus(from), bus(to), bytes, 0, next));
            }
            int channel = rng.nextInt(Bcm2835Dma.FIRST_LITE);
            pair.store(channel, DmaChannelRegister.CONBLK_AD, bus(blockAt(0)));
            pair.store(channel, DmaChannelRegister.CS, Cs.ACTIVE.mask());
            compare("CS", Bcm2835Pair.address(channel, DmaChannelRegister.CS), -1);
            compareMemory(DATA, DATA_SIZE);
        }

        private void runChain(int channel) {
            int count = 1 + rng.nextInt(BLOCKS_MAX);
            for (int i = 0; i < count; i++) {
                int next = i + 1 < count ? bus(blockAt(i + 1)) : 0;
                pair.poke(blockAt(i), block(isLite(channel), next));
            }
            pair.store(channel, DmaChannelRegister.CONBLK_AD, bus(blockAt(0)));
            int control =
                    Cs.PRIORITY.of(rng.nextInt(16))
                            | Cs.PANIC_PRIORITY.of(rng.nextInt(16))
                            | Cs.WAIT_FOR_OUTSTANDING_WRITES.of(rng.nextInt(2))
                            | Cs.DISDEBUG.of(rng.nextInt(2));
            pair.store(channel, DmaChannelRegister.CS, control | Cs.ACTIVE.mask());
        }

        private byte[] block(boolean lite, int next) {
            int ti = (int) rng.nextLong() & FREE_TI;
            if (lite) {
                ti &= ~(Ti.NO_WIDE_BURSTS.mask() | Ti.DEST_IGNORE.mask());
            }
            // WIDE_BEATS: a side that stands still moves words.
            ti = Ti.SRC_INC.isSet(ti) ? ti : Ti.SRC_WIDTH.with(ti, 0);
            ti = Ti.DEST_INC.isSet(ti) ? ti : Ti.DEST_WIDTH.with(ti, 0);
            int length = rng.oneIn(8) ? 0 : 4 * rng.nextInt(LENGTH_MAX / 4);
            boolean upwards = rng.oneIn(2);
            int source = DATA + (upwards ? 0 : HALF) + rng.nextInt(HALF - length - 0x40);
            int dest = DATA + (upwards ? HALF : 0) + rng.nextInt(HALF - length - 0x40);
            int stride = lite ? 0 : (int) rng.nextLong();
            return Bcm2835Pair.block(ti, bus(source), bus(dest), length, stride, next);
        }

        private static boolean isLite(int channel) {
            return channel >= Bcm2835Dma.FIRST_LITE && channel < Bcm2835Dma.CHANNEL_COUNT_MAX;
        }

        private int blockAt(int i) {
            return BLOCKS + i * BLOCK_SPACING;
        }

        /** One of the four addresses by which the bus knows a byte of RAM. */
        private int bus(int phys) {
            return phys | rng.nextInt(4) << 30;
        }

        private void acknowledge(int channel) {
            int value = 0;
            value = Cs.INT.with(value, rng.oneIn(2));
            value = Cs.END.with(value, rng.oneIn(2));
            pair.store(channel, DmaChannelRegister.CS, value);
        }

        private void compareRegisters(int channel) {
            for (DmaChannelRegister register : DmaChannelRegister.values()) {
                compare(channel + "_" + register, Bcm2835Pair.address(channel, register), -1);
            }
        }

        private void compareShared() {
            for (DmaControllerRegister register : DmaControllerRegister.values()) {
                compare(register.name(), Bcm2835Pair.DMA + register.offset(), -1);
            }
            compare("interrupt lines", Bcm2835Pair.PENDING_1, Bcm2835Pair.PENDING_MASK);
        }

        private void compare(String name, long phys, int mask) {
            int ours = (int) pair.ours().load(phys, 4) & mask;
            int qemu = (int) pair.qemu.load(phys, 4) & mask;
            int known = Difference.excused(phys, ours, qemu);
            compared++;
            assertThat(Integer.toHexString(ours & ~known))
                    .as("%s: ours, then QEMU's; %s", name, Seeds.replay(CHIP, seed))
                    .isEqualTo(Integer.toHexString(qemu & ~known));
        }

        private void compareMemory(int phys, int bytes) {
            compared++;
            Memories.areEqual(pair.ours(), pair.qemu, phys, bytes, Seeds.replay(CHIP, seed));
        }
    }
}
