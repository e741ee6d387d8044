package dmakit.hardware.ioat;

import dmakit.datasheet.ioat.IoatChannelRegister;
import dmakit.datasheet.ioat.IoatDescriptor.Control;
import dmakit.datasheet.ioat.IoatDescriptor.Op;
import dmakit.datasheet.ioat.IoatRegister;
import dmakit.hardware.pci.PciBench;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Windows;
import dmakit.machine.random.Rng;
import dmakit.machine.time.Clock;

/** A function in a slot, driven by loads and stores alone. RAM is 1 MiB at 0. */
final class IoatBench implements AutoCloseable {
    /** Where the completion of channel 0 goes. */
    static final int COMPLETION = 0x800;

    static final int RING = 0x1000;
    static final int END = Control.COMPL_WRITE.mask() | Control.INT_EN.mask();

    final PciBench pci = new PciBench();
    final Ioat ioat;
    private final MasterPort port;

    IoatBench(Ioat.Kind kind) {
        ioat = new Ioat(pci.machine.clock(), pci.machine.trace(), "ioat", kind);
        pci.plug(ioat.function()).enable();
        port = pci.machine.bus().master("test", Windows.IDENTITY, true);
        write(0, IoatChannelRegister.CHANCMP_LOW, COMPLETION);
        write(0, IoatChannelRegister.CHANCTRL, 0x1c);
        pci.write(PciBench.REGION + 3, 1, 1);
    }

    int read(IoatRegister register) {
        return (int) pci.read(PciBench.REGION + register.offset(), 4);
    }

    int read(int channel, IoatChannelRegister register) {
        return (int) pci.read(at(channel, register), 4);
    }

    void write(int channel, IoatChannelRegister register, int value) {
        pci.write(at(channel, register), 4, Integer.toUnsignedLong(value));
    }

    static long at(int channel, IoatChannelRegister register) {
        return PciBench.REGION + 0x80L * (channel + 1) + register.offset();
    }

    void command(int channel, int bits) {
        pci.write(at(channel, IoatChannelRegister.CHANCMD), 1, bits);
    }

    void announce(int channel, int count) {
        pci.write(at(channel, IoatChannelRegister.CHANCMD) + 2, 2, count & 0xffffL);
    }

    void start(int channel, int chain, int count) {
        write(channel, IoatChannelRegister.CHAINADDR_LOW, chain);
        write(channel, IoatChannelRegister.CHAINADDR_HIGH, 0);
        announce(channel, count);
    }

    static int control(Op op, int sources, int more) {
        int base =
                switch (op) {
                    case COPY -> sources;
                    case XOR, XOR_VAL, PQ, PQ_VAL -> 2;
                    case PQ_16S, PQ_VAL_16S -> 9;
                };
        return Control.OP.of(op.code()) | Control.SRC_CNT.of(sources - base) | more;
    }

    /** The descriptor of a place in the ring; what is not given is 0. */
    void descriptor(int place, int control, int size, long... words) {
        long at = RING + 64L * place;
        store64(at, (long) control << 32 | size);
        for (int i = 1; i < 8; i++) {
            store64(at + 8L * i, i - 1 < words.length ? words[i - 1] : 0);
        }
        store64(at + 24, at + 64);
    }

    void store64(long at, long value) {
        byte[] bytes = new byte[8];
        for (int i = 0; i < 8; i++) {
            bytes[i] = (byte) (value >>> (8 * i));
        }
        port.write(at, bytes, 0, 8);
    }

    long load64(long at) {
        byte[] bytes = peek(at, 8);
        long value = 0;
        for (int i = 7; i >= 0; i--) {
            value = value << 8 | bytes[i] & 0xff;
        }
        return value;
    }

    byte[] peek(long at, int count) {
        byte[] bytes = new byte[count];
        port.read(at, bytes, 0, count);
        return bytes;
    }

    byte[] fill(long at, int count, long seed) {
        byte[] bytes = new byte[count];
        Rng rng = new Rng(seed);
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) rng.nextLong();
        }
        port.write(at, bytes, 0, count);
        return bytes;
    }

    int finish(int stepsMax) {
        Clock clock = pci.machine.clock();
        int steps = 0;
        while (steps < stepsMax && clock.nextAt() != Clock.NEVER) {
            clock.advanceTo(clock.nextAt());
            steps++;
        }
        return steps;
    }

    int finish() {
        return finish(1_000_000);
    }

    @Override
    public void close() {
        pci.machine.close();
    }
}
