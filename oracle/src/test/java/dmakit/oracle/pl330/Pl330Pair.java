package dmakit.oracle.pl330;

import dmakit.datasheet.pl330.Pl330ChannelRegister;
import dmakit.datasheet.pl330.Pl330Register;
import dmakit.datasheet.pl330.Pl330StatusRegister;
import dmakit.hardware.pl330.Pl330;
import dmakit.hardware.pl330.Pl330Build;
import dmakit.machine.Machine;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.Ram;
import dmakit.oracle.BareMachine;
import dmakit.oracle.Computer;
import dmakit.oracle.Emulator;
import dmakit.oracle.Peer;
import dmakit.oracle.Qemu;
import java.util.ArrayList;
import java.util.List;

/** The controller of a Zynq-7000, ours and QEMU's, at the same addresses. */
final class Pl330Pair implements AutoCloseable {
    static final Emulator EMULATOR = Emulator.ARM;
    static final long DMA = 0xf800_3000L;
    static final int CHANNELS = 8;
    static final int PERIPHERALS = 4;
    static final int EVENTS = 16;

    /** What QEMU's MFIFO holds; ours has entries of 8 bytes. */
    static final int MFIFO_BYTES = 256;

    private static final long RAM_SIZE = 16 << 20;

    /** Where programs are; a channel's own are this far apart. */
    static final int PROGRAMS = 0x10_0000;

    static final int PROGRAM_SPACING = 0x1000;

    private static final int FIRST_LINE = 32;
    private static final int EVENTS_MAX = 2_000_000;
    private static final int SECURE = 0x00;
    private static final int GO = 0xa0;
    private static final int KILL = 0x01;
    private static final int ALL_EVENTS = 0xffff;

    /** What Xilinx built, as far as CR0 to CRD and PERIPH_ID tell it; r1p1. */
    private static final Pl330Build BUILD =
            new Pl330Build(
                    CHANNELS,
                    PERIPHERALS,
                    EVENTS,
                    8,
                    MFIFO_BYTES,
                    8,
                    4,
                    2,
                    false,
                    SECURE,
                    SECURE,
                    false,
                    0);

    final Qemu qemu = Peer.stopped(EMULATOR, "-M", "xilinx-zynq-a9", "-m", "16");

    private BareMachine ours;
    private Pl330 dma;

    Pl330Pair() {
        ours = machine();
        dma = controller(ours.machine());
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
        return new BareMachine(machine);
    }

    private static Pl330 controller(Machine machine) {
        List<IrqLine> lines = new ArrayList<>();
        for (int i = 0; i < EVENTS; i++) {
            lines.add(machine.interrupts().line(FIRST_LINE + i));
        }
        Pl330 dma =
                new Pl330(
                        machine.clock(),
                        machine.trace(),
                        machine.bus().master("pl330", Windows.IDENTITY, true),
                        BUILD,
                        lines,
                        machine.interrupts().line(FIRST_LINE - 1));
        machine.bus().attach("pl330", DMA, Pl330.SIZE, dma);
        for (int i = 0; i < PERIPHERALS; i++) {
            // PERIPHERAL_REQUESTS: what QEMU takes for granted.
            dma.request(i).set(true);
        }
        return dma;
    }

    /** Takes our peripheral's request away. */
    void lowerRequest(int peripheral) {
        dma.request(peripheral).set(false);
    }

    BareMachine ours() {
        return ours;
    }

    /**
     * Brings both to the same state: ours after power-on, QEMU's by programs, since it has no
     * reset.
     */
    void powerOn() {
        ours.close();
        ours = machine();
        dma = controller(ours.machine());
        debug(false, 0, KILL, 0, 0);
        for (int channel = 0; channel < CHANNELS; channel++) {
            kill(channel);
        }
        store(Pl330Register.INTEN, ALL_EVENTS);
        store(Pl330Register.INTCLR, ALL_EVENTS);
        store(Pl330Register.INTEN, 0);
        Assembly forget =
                new Assembly()
                        .move(Assembly.SAR, 0)
                        .move(Assembly.DAR, 0)
                        .move(Assembly.CCR, 0)
                        .sendEvent(0)
                        .waitForEvent(0)
                        .waitForSingle(0);
        for (int counter = 0; counter < 2; counter++) {
            forget.loop(counter, 1);
            forget.endLoop(counter, forget.here());
        }
        byte[] program = forget.end();
        for (int channel = 0; channel < CHANNELS; channel++) {
            run(channel, program);
        }
    }

    /** Puts a program into both memories and has both managers start it. */
    void run(int channel, byte[] program) {
        int at = PROGRAMS + channel * PROGRAM_SPACING;
        poke(at, program);
        debug(false, 0, GO, channel, at);
    }

    void kill(int channel) {
        debug(true, channel, KILL, 0, 0);
    }

    /** Executes an instruction by the debug registers. */
    void debug(boolean onChannel, int channel, int code0, int code1, int word) {
        store(
                Pl330Register.DBGINST0,
                code1 << 24 | code0 << 16 | channel << 8 | (onChannel ? 1 : 0));
        store(Pl330Register.DBGINST1, word);
        store(Pl330Register.DBGCMD, 0);
    }

    void store(Pl330Register register, int value) {
        ours.store(DMA + register.offset(), 4, value & 0xffff_ffffL);
        qemu.store(DMA + register.offset(), 4, value & 0xffff_ffffL);
        if (!ours.settle(EVENTS_MAX)) {
            throw new IllegalStateException("more than " + EVENTS_MAX + " events");
        }
    }

    static int load(Computer side, long offset) {
        return (int) side.load(DMA + offset, 4);
    }

    static long offset(int channel, Pl330ChannelRegister register) {
        return Pl330ChannelRegister.BASE
                + (long) channel * Pl330ChannelRegister.STRIDE
                + register.offset();
    }

    static long offset(int channel, Pl330StatusRegister register) {
        return Pl330StatusRegister.BASE
                + (long) channel * Pl330StatusRegister.STRIDE
                + register.offset();
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
