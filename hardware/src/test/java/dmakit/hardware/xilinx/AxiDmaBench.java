package dmakit.hardware.xilinx;

import dmakit.datasheet.xilinx.AxiDmaDescriptor;
import dmakit.datasheet.xilinx.AxiDmaRegister;
import dmakit.datasheet.xilinx.AxiDmaRegister.Dmacr;
import dmakit.datasheet.xilinx.AxiDmaRegister.Dmasr;
import dmakit.hardware.AxiStream;
import dmakit.hardware.DescriptorWords;
import dmakit.machine.Machine;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.Ram;
import dmakit.machine.random.Rng;
import dmakit.machine.time.Clock;
import java.util.List;

/** A machine with an AXI DMA on it and nothing else, driven by registers only. */
final class AxiDmaBench implements AutoCloseable {
    static final long RAM_SIZE = 16 << 20;
    static final long DMA_PHYS = 0xa000_0000L;
    static final int FIFO_BYTES = 1024;
    static final int MM2S = AxiDmaRegister.MM2S;
    static final int S2MM = AxiDmaRegister.S2MM;
    static final int ALL_IRQS =
            Dmacr.IOC_IRQ_EN.mask() | Dmacr.DLY_IRQ_EN.mask() | Dmacr.ERR_IRQ_EN.mask();
    static final AxiDma.Build SCATTERED = new AxiDma.Build(true, 64, 23, 4, 4, true, true);
    static final AxiDma.Build SIMPLE = new AxiDma.Build(false, 32, 14, 4, 4, true, true);

    final Machine machine;
    final AxiDma dma;
    final AxiStream sent;
    final AxiStream received;
    final IrqLine mm2sIrq;
    final IrqLine s2mmIrq;
    private final MasterPort port;
    private final boolean wide;

    /** One whose stream comes back to it. */
    static AxiDmaBench looped(AxiDma.Build build) {
        return new AxiDmaBench(build, true);
    }

    /** One with two streams that a test holds the ends of. */
    static AxiDmaBench open(AxiDma.Build build) {
        return new AxiDmaBench(build, false);
    }

    private AxiDmaBench(AxiDma.Build build, boolean looped) {
        machine =
                new Machine(
                        new Machine.Config(
                                List.of(new Ram.Bank(0, RAM_SIZE)),
                                false,
                                new Machine.Cache.None(),
                                CostTable.CORTEX_A53,
                                1));
        sent = new AxiStream("sent", FIFO_BYTES);
        received = looped ? sent : new AxiStream("received", FIFO_BYTES);
        mm2sIrq = machine.interrupts().line(1);
        s2mmIrq = machine.interrupts().line(2);
        wide = build.addressBits() > 32;
        dma =
                new AxiDma(
                        machine.clock(),
                        machine.trace(),
                        machine.bus().master("dma", Windows.IDENTITY, false),
                        build,
                        sent,
                        received,
                        mm2sIrq,
                        s2mmIrq);
        machine.bus().attach("dma", DMA_PHYS, AxiDma.SIZE, dma);
        port = machine.bus().master("test", Windows.IDENTITY, true);
    }

    int read(int channel, AxiDmaRegister register) {
        return (int) dma.read(channel + register.offset(), 4);
    }

    void write(int channel, AxiDmaRegister register, long value) {
        dma.write(channel + register.offset(), 4, value & 0xffff_ffffL);
    }

    int status(int channel) {
        return read(channel, AxiDmaRegister.DMASR);
    }

    /** Sets the control register, with a threshold of so many packets. */
    void control(int channel, int bits, int threshold) {
        write(channel, AxiDmaRegister.DMACR, bits | Dmacr.IRQ_THRESHOLD.of(threshold));
    }

    /** Starts a chain from its first to its last descriptor. */
    void start(int channel, long first, long last) {
        write(channel, AxiDmaRegister.CURDESC, first);
        write(channel, AxiDmaRegister.CURDESC_MSB, first >>> 32);
        control(channel, Dmacr.RS.mask() | ALL_IRQS, 1);
        tail(channel, last);
    }

    void tail(int channel, long last) {
        write(channel, AxiDmaRegister.TAILDESC, last);
        if (wide) {
            write(channel, AxiDmaRegister.TAILDESC_MSB, last >>> 32);
        }
    }

    void descriptor(long at, long next, long buffer, int control) {
        word(at, AxiDmaDescriptor.NXTDESC, (int) next);
        word(at, AxiDmaDescriptor.NXTDESC_MSB, (int) (next >>> 32));
        word(at, AxiDmaDescriptor.BUFFER_ADDRESS, (int) buffer);
        word(at, AxiDmaDescriptor.BUFFER_ADDRESS_MSB, (int) (buffer >>> 32));
        word(at, AxiDmaDescriptor.CONTROL, control);
        word(at, AxiDmaDescriptor.STATUS, 0);
    }

    void word(long at, AxiDmaDescriptor which, int value) {
        byte[] bytes = new byte[4];
        DescriptorWords.store(bytes, 0, value);
        poke(at + which.offset(), bytes);
    }

    int word(long at, AxiDmaDescriptor which) {
        return DescriptorWords.word(peek(at + which.offset(), 4), 0);
    }

    void poke(long phys, byte[] bytes) {
        port.write(phys, bytes, 0, bytes.length);
    }

    byte[] peek(long phys, int count) {
        byte[] bytes = new byte[count];
        port.read(phys, bytes, 0, count);
        return bytes;
    }

    byte[] fill(long phys, int count, long seed) {
        byte[] bytes = bytes(count, seed);
        poke(phys, bytes);
        return bytes;
    }

    static byte[] bytes(int count, long seed) {
        byte[] bytes = new byte[count];
        Rng rng = new Rng(seed);
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) rng.nextLong();
        }
        return bytes;
    }

    /** Lets everything happen that happens by itself; at most so many events. */
    int finish(int most) {
        Clock clock = machine.clock();
        int events = 0;
        while (events < most && clock.nextAt() != Clock.NEVER) {
            clock.advanceTo(clock.nextAt());
            events++;
        }
        return events;
    }

    void finish() {
        finish(100_000);
    }

    boolean is(int channel, Dmasr flag) {
        return flag.isSet(status(channel));
    }

    @Override
    public void close() {
        machine.close();
    }
}
