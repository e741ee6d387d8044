package dmakit.oracle.bcm2835;

import dmakit.datasheet.bcm2835.DmaChannelRegister;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Cs;
import dmakit.datasheet.bcm2835.DmaControlBlock;
import dmakit.hardware.bcm2835.Bcm2835Dma;
import dmakit.machine.Machine;
import dmakit.machine.bus.Target;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.Ram;
import dmakit.oracle.BareMachine;
import dmakit.oracle.Computer;
import dmakit.oracle.Emulator;
import dmakit.oracle.Peer;
import dmakit.oracle.Qemu;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** The controller of a Raspberry Pi 3, ours and QEMU's, at the same addresses. */
final class Bcm2835Pair implements AutoCloseable {
    static final Emulator EMULATOR = Emulator.AARCH64;

    static final long DMA = 0x3f00_7000L;
    static final long RAM_SIZE = 16 << 20;
    static final int CHANNELS = 16;

    private static final long CHANNEL_15 = 0x3fe0_5000L;
    private static final int IN_BLOCK = 15;

    /** Bus addresses of RAM: four aliases, which differ in what caches do. */
    static final int RAM_BUS = 0xc000_0000;

    /** The interrupt controller: which of lines 0 to 31 are asserted and enabled. */
    static final long PENDING_1 = 0x3f00_b204L;

    private static final long ENABLE_IRQS_1 = 0x3f00_b210L;
    private static final int FIRST_IRQ = 16;

    /** Lines from here on belong to several channels, or to none, as the emulator's age has it. */
    private static final int OWN_IRQ_COUNT = 11;

    /** Bits of {@link #PENDING_1} that both sides agree on whose they are. */
    static final int PENDING_MASK = ((1 << OWN_IRQ_COUNT) - 1) << FIRST_IRQ;

    private static final long NOTHING_TO_DO = 0xf_0000L;
    private static final int EVENTS_MAX = 2_000_000;
    private static final int ALIASES = 4;

    final Qemu qemu = Peer.stopped(EMULATOR, "-M", "raspi3b");

    private BareMachine ours = machine();

    Bcm2835Pair() {
        qemu.store(ENABLE_IRQS_1, 4, -1);
        qemu.poke(NOTHING_TO_DO, new byte[DmaControlBlock.SIZE]);
    }

    private static BareMachine machine() {
        Machine machine =
                new Machine(
                        new Machine.Config(
                                List.of(new Ram.Bank(0, RAM_SIZE)),
                                true,
                                new Machine.Cache.None(),
                                CostTable.CORTEX_A53,
                                1));
        List<IrqLine> irqs = new ArrayList<>();
        List<Windows.Window> windows = new ArrayList<>();
        for (int i = 0; i < IN_BLOCK; i++) {
            irqs.add(machine.interrupts().line(FIRST_IRQ + i));
        }
        for (long i = 0; i < ALIASES; i++) {
            windows.add(new Windows.Window(i << 30, 0, 0x3f00_0000L));
        }
        Bcm2835Dma dma =
                new Bcm2835Dma(
                        machine.clock(),
                        machine.trace(),
                        machine.bus().master("dma", new Windows(windows), true),
                        irqs,
                        machine.interrupts().line(FIRST_IRQ + IN_BLOCK));
        machine.bus().attach("dma", DMA, Bcm2835Dma.SIZE, dma);
        machine.bus().attach("15", CHANNEL_15, Bcm2835Dma.CHANNEL_15_SIZE, dma.channel15());
        machine.bus().attach("ic", PENDING_1, 4, new Pending(irqs));
        return new BareMachine(machine);
    }

    /** What the interrupt controller of the board shows of the channels' lines. */
    private record Pending(List<IrqLine> irqs) implements Target {
        @Override
        public long read(long offset, int bytes) {
            long pending = 0;
            for (int i = 0; i < OWN_IRQ_COUNT; i++) {
                pending |= irqs.get(i).isAsserted() ? 1L << (FIRST_IRQ + i) : 0;
            }
            return pending;
        }

        @Override
        public void write(long offset, int bytes, long value) {
            throw new IllegalStateException("a register to be read");
        }
    }

    /** Our side. */
    BareMachine ours() {
        return ours;
    }

    /**
     * Brings both sides to where power-on leaves them: ours is built anew, QEMU's channels are made
     * to forget what they loaded, since its reset does not do that.
     */
    void powerOn() {
        ours.close();
        ours = machine();
        for (int channel = 0; channel < CHANNELS; channel++) {
            store(qemu, channel, DmaChannelRegister.CS, Cs.RESET.mask() | Cs.INT.mask());
            store(qemu, channel, DmaChannelRegister.CONBLK_AD, (int) NOTHING_TO_DO);
            store(qemu, channel, DmaChannelRegister.CS, Cs.ACTIVE.mask());
            store(qemu, channel, DmaChannelRegister.CS, Cs.RESET.mask());
            store(qemu, channel, DmaChannelRegister.DEBUG, 0);
        }
        qemu.store(DMA + 0xff0, 4, 0xffff);
    }

    /** Puts the same bytes into both memories. */
    void poke(long phys, byte[] content) {
        ours.poke(phys, content);
        qemu.poke(phys, content);
    }

    /** Stores to both, and lets ours do what it was told. */
    void store(int channel, DmaChannelRegister register, int value) {
        store(ours, channel, register, value);
        store(qemu, channel, register, value);
        settle();
    }

    /** Lets events happen on our side until there are none. */
    void settle() {
        if (!ours.settle(EVENTS_MAX)) {
            throw new IllegalStateException("more than " + EVENTS_MAX + " events");
        }
    }

    static void store(Computer side, int channel, DmaChannelRegister register, int value) {
        side.store(address(channel, register), 4, value & 0xffff_ffffL);
    }

    static int load(Computer side, int channel, DmaChannelRegister register) {
        return (int) side.load(address(channel, register), 4);
    }

    static long address(int channel, DmaChannelRegister register) {
        long base =
                channel < IN_BLOCK
                        ? DMA + (long) channel * DmaChannelRegister.CHANNEL_STRIDE
                        : CHANNEL_15;
        return base + register.offset();
    }

    /** The bytes of a control block. */
    static byte[] block(int ti, int source, int dest, int length, int stride, int next) {
        return ByteBuffer.allocate(DmaControlBlock.SIZE)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(ti)
                .putInt(source)
                .putInt(dest)
                .putInt(length)
                .putInt(stride)
                .putInt(next)
                .array();
    }

    @Override
    public void close() {
        ours.close();
        qemu.close();
    }
}
