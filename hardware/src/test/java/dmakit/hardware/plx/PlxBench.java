package dmakit.hardware.plx;

import dmakit.hardware.pci.PciBench;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A card in a slot, with a ring in RAM; offsets are those of the drivers, not of the table. */
final class PlxBench implements AutoCloseable {
    static final int RING = 0x1000;
    static final int RING_COUNT = 8;
    static final int VALID = 0x8000_0000;
    static final int INTERRUPT = 0x4000_0000;
    static final int SUCCESS = 0x4000_0000;
    static final int CTRL = 0x238;
    static final int START = 0x48 | 0x1700; // off-chip, started, status cleared
    static final int WRITE_BACK = 0x4;
    static final int INTR = 0x23c;

    /** Where the card's own memory is put: above 4 GiB, so that DMA names it with 64 bits. */
    static final long OWN = 0x80_0000_0000L;

    final PciBench bench = new PciBench();
    final PlxDma chip = new PlxDma(bench.machine.clock(), bench.machine.trace(), "plx");

    PlxBench() {
        bench.plug(chip.function());
        bench.config(0x18, (int) OWN);
        bench.config(0x1c, (int) (OWN >>> 32));
        bench.enable();
        ring(RING_COUNT);
    }

    void ring(int count) {
        write(0x214, RING);
        write(0x218, 0);
        write(0x21c, RING);
        write(0x220, count);
    }

    int read(int offset) {
        return (int) bench.read(PciBench.REGION + offset, 4);
    }

    void write(int offset, int value) {
        bench.write(PciBench.REGION + offset, 4, value & 0xffff_ffffL);
    }

    void start() {
        bench.write(PciBench.REGION + CTRL, 2, START | WRITE_BACK);
    }

    /** Fills a descriptor of the ring. */
    void descriptor(int index, int flags, long from, long to) {
        ByteBuffer words = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        words.putInt(flags);
        words.putShort((short) (to >>> 32)).putShort((short) (from >>> 32));
        words.putInt((int) to).putInt((int) from);
        bench.ram(RING + 16 * index, words.array());
    }

    /** The first word of a descriptor of the ring. */
    int outcome(int index) {
        return ByteBuffer.wrap(bench.ram(RING + 16 * index, 4))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getInt();
    }

    void fill(long phys, int bytes, int first) {
        byte[] pattern = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            pattern[i] = (byte) (first + i);
        }
        bench.ram(phys, pattern);
    }

    boolean same(long one, long other, int bytes) {
        return Arrays.equals(bench.ram(one, bytes), bench.ram(other, bytes));
    }

    /** Lets time pass until nothing happens any more; how many times something did. */
    int finish(int stepsMax) {
        int steps = 0;
        while (steps < stepsMax && bench.machine.clock().nextAt() != Long.MAX_VALUE) {
            bench.machine.clock().advanceTo(bench.machine.clock().nextAt());
            steps++;
        }
        return steps;
    }

    void finish() {
        finish(100_000);
    }

    @Override
    public void close() {
        bench.close();
    }
}
