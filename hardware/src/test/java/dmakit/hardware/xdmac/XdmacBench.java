package dmakit.hardware.xdmac;

import dmakit.datasheet.xdmac.XdmacChannelRegister;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Addressing;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cc;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cndc;
import dmakit.datasheet.xdmac.XdmacDescriptor;
import dmakit.datasheet.xdmac.XdmacLayout;
import dmakit.datasheet.xdmac.XdmacRegister;
import dmakit.machine.Machine;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Target;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.Ram;
import dmakit.machine.random.Rng;
import dmakit.machine.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** A machine with a controller on it and nothing else, driven by registers only. */
final class XdmacBench implements AutoCloseable {
    static final long RAM_SIZE = 16 << 20;
    static final long DMA_PHYS = 0xe006_8000L;
    static final int RECORDER = 0xe007_0000;
    static final int IRQ = 16;

    /** From memory to memory, both addresses advancing, bursts of 16. */
    static final int COPY =
            Cc.SAM.of(Addressing.INCREMENTED.ordinal())
                    | Cc.DAM.of(Addressing.INCREMENTED.ordinal())
                    | Cc.MBSIZE.of(3);

    final Machine machine;
    final Xdmac dma;
    final IrqLine irq;
    private final MasterPort port;

    XdmacBench() {
        this(XdmacLayout.SAMA7G5, 16);
    }

    XdmacBench(XdmacLayout layout, int channels) {
        machine =
                new Machine(
                        new Machine.Config(
                                List.of(new Ram.Bank(0, RAM_SIZE)),
                                false,
                                new Machine.Cache.None(),
                                CostTable.CORTEX_A53,
                                1));
        irq = machine.interrupts().line(IRQ);
        dma =
                new Xdmac(
                        machine.clock(),
                        machine.trace(),
                        machine.bus().master("dma", Windows.IDENTITY, false),
                        irq,
                        layout,
                        channels);
        machine.bus().attach("dma", DMA_PHYS, Xdmac.SIZE, dma);
        port = machine.bus().master("test", Windows.IDENTITY, true);
        base = layout.channelBase();
        this.layout = layout;
    }

    private final int base;
    private final XdmacLayout layout;

    int read(XdmacRegister register) {
        return (int) dma.read(layout.offsetOf(register), 4);
    }

    void write(XdmacRegister register, int value) {
        dma.write(layout.offsetOf(register), 4, Integer.toUnsignedLong(value));
    }

    int read(int channel, XdmacChannelRegister register) {
        return (int) dma.read(base + channel * 0x40L + register.offset(), 4);
    }

    void write(int channel, XdmacChannelRegister register, int value) {
        dma.write(base + channel * 0x40L + register.offset(), 4, Integer.toUnsignedLong(value));
    }

    /** Starts one block without a list. */
    void start(int channel, int cc, int source, int dest, int data, int microblocksAfter) {
        write(channel, XdmacChannelRegister.CC, cc);
        write(channel, XdmacChannelRegister.CSA, source);
        write(channel, XdmacChannelRegister.CDA, dest);
        write(channel, XdmacChannelRegister.CUBC, data);
        write(channel, XdmacChannelRegister.CBC, microblocksAfter);
        write(channel, XdmacChannelRegister.CNDC, 0);
        write(XdmacRegister.GE, 1 << channel);
    }

    /** Starts a list whose first descriptor has a view. */
    void startList(int channel, int descriptor, int view) {
        write(channel, XdmacChannelRegister.CNDA, descriptor);
        write(
                channel,
                XdmacChannelRegister.CNDC,
                Cndc.NDVIEW.of(view) | Cndc.NDSUP.mask() | Cndc.NDDUP.mask() | Cndc.NDE.mask());
        write(XdmacRegister.GE, 1 << channel);
    }

    /** Writes the words of a descriptor in their order. */
    void descriptor(int at, int... words) {
        byte[] bytes = new byte[XdmacDescriptor.SIZE];
        for (int i = 0; i < words.length * 4; i++) {
            bytes[i] = (byte) (words[i / 4] >>> (8 * (i % 4)));
        }
        poke(at, bytes);
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
        byte[] bytes = new byte[count];
        Rng rng = new Rng(seed);
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) rng.nextLong();
        }
        poke(phys, bytes);
        return bytes;
    }

    /** Puts a register on the bus that counts loads and remembers every store. */
    List<Long> attachRecorder() {
        List<Long> stored = new ArrayList<>();
        Target recorder =
                new Target() {
                    private long next;

                    @Override
                    public long read(long offset, int bytes) {
                        return next++ & (-1L >>> (Long.SIZE - 8 * bytes));
                    }

                    @Override
                    public void write(long offset, int bytes, long value) {
                        stored.add(value);
                    }
                };
        machine.bus().attach("recorder", Integer.toUnsignedLong(RECORDER), 4, recorder);
        return stored;
    }

    long now() {
        return machine.clock().now();
    }

    void pass(long ps) {
        machine.clock().advanceBy(ps);
    }

    /** Lets events happen until there are none, or so many have happened; answers how many. */
    int finish(int stepsMax) {
        int steps = 0;
        while (steps < stepsMax && machine.clock().nextAt() != Clock.NEVER) {
            machine.clock().advanceTo(machine.clock().nextAt());
            steps++;
        }
        return steps;
    }

    int finish() {
        return finish(1_000_000);
    }

    @Override
    public void close() {
        machine.close();
    }
}
