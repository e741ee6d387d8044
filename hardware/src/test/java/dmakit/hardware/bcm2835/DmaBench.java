package dmakit.hardware.bcm2835;

import dmakit.datasheet.bcm2835.DmaChannelRegister;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Cs;
import dmakit.datasheet.bcm2835.DmaControlBlock;
import dmakit.datasheet.bcm2835.DmaControllerRegister;
import dmakit.datasheet.bcm2835.Dreq;
import dmakit.hardware.fifo.LoopbackFifo;
import dmakit.machine.Machine;
import dmakit.machine.bus.Target;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.Ram;
import dmakit.machine.random.Rng;
import dmakit.machine.time.Clock;
import java.util.ArrayList;
import java.util.List;

/**
 * A machine with a controller on it and nothing else, driven by registers only. RAM is 16 MiB at
 * physical 0, which the controller reaches at bus address 0xC0000000 as on a Raspberry Pi.
 */
final class DmaBench implements AutoCloseable {
    static final long RAM_SIZE = 16 << 20;
    static final long RAM_BUS = 0xc000_0000L;
    static final long PERIPHERALS_PHYS = 0x3f00_0000L;
    static final long PERIPHERALS_BUS = 0x7e00_0000L;
    static final long DMA_PHYS = PERIPHERALS_PHYS + 0x7000;

    /** Where the controller's bus addresses lead. */
    static final Windows WINDOWS =
            new Windows(
                    List.of(
                            new Windows.Window(RAM_BUS, 0, 0x3f00_0000L),
                            new Windows.Window(PERIPHERALS_BUS, PERIPHERALS_PHYS, 0x0100_0000L)));

    static final long RECORDER_BUS = PERIPHERALS_BUS + 0x1000;

    /** The bus address of the FIFO's first register, DATA. */
    static final int FIFO_DATA_BUS = (int) PERIPHERALS_BUS + 0x2000;

    /** Linear copies of single words. */
    static final int COPY =
            DmaChannelRegister.Ti.SRC_INC.mask() | DmaChannelRegister.Ti.DEST_INC.mask();

    final Machine machine;
    final Bcm2835Dma dma;
    final List<IrqLine> irqs = new ArrayList<>();

    DmaBench() {
        this(15);
    }

    DmaBench(int irqCount) {
        this(false, irqCount);
    }

    DmaBench(boolean coherent, int irqCount) {
        machine =
                new Machine(
                        new Machine.Config(
                                List.of(new Ram.Bank(0, RAM_SIZE)),
                                coherent,
                                new Machine.Cache.None(),
                                CostTable.CORTEX_A53,
                                1));
        List<IrqLine> perChannel = new ArrayList<>();
        for (int i = 0; i < irqCount; i++) {
            irqs.add(machine.interrupts().line(16 + i));
        }
        for (int i = 0; i < Bcm2835Dma.CHANNEL_COUNT_MAX; i++) {
            perChannel.add(irqs.get(Math.min(i, irqCount - 1)));
        }
        dma =
                new Bcm2835Dma(
                        machine.clock(),
                        machine.trace(),
                        machine.bus().master("dma", WINDOWS, coherent),
                        perChannel);
        machine.bus().attach("dma", DMA_PHYS, Bcm2835Dma.SIZE, dma);
    }

    /** The bus address of a place in RAM. */
    static int bus(long phys) {
        return (int) (RAM_BUS + phys);
    }

    int read(int channel, DmaChannelRegister register) {
        return (int) dma.read(channel * 0x100L + register.offset(), 4);
    }

    void write(int channel, DmaChannelRegister register, int value) {
        dma.write(channel * 0x100L + register.offset(), 4, value & 0xffff_ffffL);
    }

    int read(DmaControllerRegister register) {
        return (int) dma.read(register.offset(), 4);
    }

    void write(DmaControllerRegister register, int value) {
        dma.write(register.offset(), 4, value & 0xffff_ffffL);
    }

    int cs(int channel) {
        return read(channel, DmaChannelRegister.CS);
    }

    boolean isSet(int channel, Cs field) {
        return field.isSet(cs(channel));
    }

    /** Writes a control block to RAM, as a device would see it. */
    void block(long phys, int ti, int source, int dest, int length, int stride, int next) {
        int[] words = {ti, source, dest, length, stride, next, 0, 0};
        byte[] bytes = new byte[DmaControlBlock.SIZE];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (words[i / 4] >>> (8 * (i % 4)));
        }
        poke(phys, bytes);
    }

    void start(int channel, long blockPhys) {
        start(channel, blockPhys, 0);
    }

    void start(int channel, long blockPhys, int control) {
        write(channel, DmaChannelRegister.CONBLK_AD, bus(blockPhys));
        write(channel, DmaChannelRegister.CS, Cs.ACTIVE.with(control, true));
    }

    void poke(long phys, byte[] bytes) {
        machine.bus().master("poke", Windows.IDENTITY, true).write(phys, bytes, 0, bytes.length);
    }

    byte[] peek(long phys, int count) {
        byte[] bytes = new byte[count];
        machine.bus().master("peek", Windows.IDENTITY, true).read(phys, bytes, 0, count);
        return bytes;
    }

    byte[] fill(long phys, int count, long seed) {
        byte[] bytes = random(count, seed);
        poke(phys, bytes);
        return bytes;
    }

    static byte[] random(int count, long seed) {
        Rng rng = new Rng(seed);
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) rng.nextLong();
        }
        return bytes;
    }

    /** Puts a register on the bus that remembers every store. */
    List<Long> attachRecorder() {
        List<Long> stored = new ArrayList<>();
        Target recorder =
                new Target() {
                    @Override
                    public long read(long offset, int bytes) {
                        return 0;
                    }

                    @Override
                    public void write(long offset, int bytes, long value) {
                        stored.add(value);
                    }
                };
        machine.bus().attach("recorder", PERIPHERALS_PHYS + 0x1000, 4, recorder);
        return stored;
    }

    /** Puts a loopback FIFO on the bus, on the request lines of SPI. */
    LoopbackFifo attachFifo() {
        LoopbackFifo fifo =
                new LoopbackFifo(
                        machine.clock(),
                        machine.trace(),
                        "fifo",
                        dma.request(Dreq.SPI_TX.permap()),
                        dma.request(Dreq.SPI_RX.permap()));
        machine.bus().attach("fifo", PERIPHERALS_PHYS + 0x2000, LoopbackFifo.SIZE, fifo);
        return fifo;
    }

    long now() {
        return machine.clock().now();
    }

    void pass(long ps) {
        machine.clock().advanceBy(ps);
    }

    /** Lets events happen until there are none, and answers at how many times there were some. */
    int finish() {
        int steps = 0;
        while (machine.clock().nextAt() != Clock.NEVER) {
            machine.clock().advanceTo(machine.clock().nextAt());
            steps++;
        }
        return steps;
    }

    /** Lets events happen until a channel is no longer active, and answers how long it took. */
    long finish(int channel) {
        long start = now();
        while (isSet(channel, Cs.ACTIVE) && machine.clock().nextAt() != Clock.NEVER) {
            machine.clock().advanceTo(machine.clock().nextAt());
        }
        return now() - start;
    }

    @Override
    public void close() {
        machine.close();
    }
}
