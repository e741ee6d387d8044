package dmakit.oracle.i8257;

import dmakit.hardware.IsaDmaWires;
import dmakit.hardware.i8237.IsaDma;
import dmakit.machine.Machine;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.Ram;
import dmakit.oracle.BareMachine;
import dmakit.oracle.Emulator;
import dmakit.oracle.Qemu;
import java.util.ArrayList;
import java.util.List;

/** The DMA controllers of a PC, ours and QEMU's, at the ports of a PC. */
final class I8257Pair implements AutoCloseable {
    static final Emulator EMULATOR = Emulator.X86_64;
    static final long RAM_SIZE = 16 << 20;
    static final int CHANNELS = 8;
    static final int CASCADE = 4;

    // Registers of a controller.
    static final int COMMAND = 0x8;
    static final int STATUS = 0x8;
    static final int REQUEST = 0x9;
    static final int SINGLE_MASK = 0xa;
    static final int MODE = 0xb;
    static final int CLEAR_FLIP_FLOP = 0xc;
    static final int MASTER_CLEAR = 0xd;
    static final int CLEAR_MASK = 0xe;
    static final int ALL_MASK = 0xf;

    static final int DISABLED = 1 << 2;

    private static final int[] PAGES = {0x87, 0x83, 0x81, 0x82, 0x8f, 0x8b, 0x89, 0x8a};
    private static final int EVENTS_MAX = 2_000_000;

    final Qemu qemu;
    final BareMachine ours;
    private final List<IsaDmaWires> wires = new ArrayList<>();

    I8257Pair(Qemu qemu) {
        this.qemu = qemu;
        Machine machine =
                new Machine(
                        new Machine.Config(
                                List.of(new Ram.Bank(0, RAM_SIZE)),
                                true,
                                new Machine.Cache.None(),
                                CostTable.CORTEX_A53,
                                1));
        Windows windows = new Windows(List.of(new Windows.Window(0, 0, RAM_SIZE)));
        List<MasterPort> masters = new ArrayList<>();
        for (int i = 0; i < CHANNELS; i++) {
            masters.add(machine.bus().master("dma " + i, windows, true));
            wires.add(new IsaDmaWires("DRQ" + i));
        }
        IsaDma pair = new IsaDma(machine.clock(), machine.trace(), "dma", masters, wires);
        pair.attach(machine.bus().ports());
        ours = new BareMachine(machine);
    }

    /** The wires of one of our channels, for a card. */
    IsaDmaWires wires(int channel) {
        return wires.get(channel);
    }

    /** The port of a register of the controller that a channel belongs to. */
    static int port(int channel, int register) {
        return channel < CASCADE ? register : 0xc0 + 2 * register;
    }

    static int addressPort(int channel) {
        return port(channel, 2 * (channel % CASCADE));
    }

    static int countPort(int channel) {
        return port(channel, 2 * (channel % CASCADE) + 1);
    }

    static int pagePort(int channel) {
        return PAGES[channel];
    }

    void out(int port, int value) {
        ours.out(port, 1, value);
        qemu.out(port, 1, value);
        settle();
    }

    void settle() {
        if (!ours.settle(EVENTS_MAX)) {
            throw new IllegalStateException("more than " + EVENTS_MAX + " events");
        }
    }

    /** Both halves of an address or a count. */
    void outBoth(int port, int value) {
        out(port, value & 0xff);
        out(port, value >>> 8 & 0xff);
    }

    /** The same bytes in both memories. */
    void poke(long phys, byte[] content) {
        ours.poke(phys, content);
        qemu.poke(phys, content);
    }

    @Override
    public void close() {
        ours.close();
        qemu.close();
    }
}
