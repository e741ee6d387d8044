package dmakit.oracle.edu;

import dmakit.datasheet.edu.EduRegister;
import dmakit.hardware.edu.Edu;
import dmakit.hardware.pci.PciHost;
import dmakit.machine.Machine;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.Ram;
import dmakit.oracle.BareMachine;
import dmakit.oracle.Computer;
import dmakit.oracle.Emulator;
import dmakit.oracle.Peer;
import dmakit.oracle.Qemu;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The device in slot 3 of a PC, ours and QEMU's, with its region at the same address. */
final class EduPair implements AutoCloseable {
    static final Emulator EMULATOR = Emulator.X86_64;
    static final long REGION = 0xe000_0000L;
    static final long RAM_SIZE = 16 << 20;

    private static final int SLOT = 3;
    private static final long ECAM = 0xb000_0000L;
    private static final int CONFIG_ADDRESS = 0xcf8;
    private static final int CONFIG_DATA = 0xcfc;
    private static final int CONFIG_ENABLE = 0x8000_0000;
    private static final int COMMAND = 0x04;
    private static final int BAR_0 = 0x10;
    private static final int MEMORY = 2;
    private static final int MASTER = 4;
    private static final long PATIENCE_NS = 30_000_000_000L;
    private static final int EVENTS_MAX = 1000;

    final Qemu qemu = Peer.asleep(EMULATOR, "-M", "pc", "-m", "16", "-device", "edu,addr=" + SLOT);

    final BareMachine ours;

    EduPair() {
        Machine machine =
                new Machine(
                        new Machine.Config(
                                List.of(new Ram.Bank(0, RAM_SIZE)),
                                true,
                                new Machine.Cache.None(),
                                CostTable.CORTEX_A53,
                                1));
        PciHost host = new PciHost("pci", machine.bus(), _ -> Windows.IDENTITY, true);
        host.attachConfig(ECAM, PciHost.BUS_BYTES);
        host.attachWindow(REGION, REGION, EduRegister.REGION_BYTES);
        Edu edu = new Edu(machine.clock(), machine.trace(), "edu", EduRegister.DMA_MASK);
        host.plug(edu.function(), SLOT, machine.interrupts().line(1));
        ours = new BareMachine(machine);
        config(BAR_0, (int) REGION);
        config(COMMAND, MEMORY | MASTER);
    }

    /** Whether the function may reach RAM. */
    void master(boolean on) {
        config(COMMAND, on ? MEMORY | MASTER : MEMORY);
    }

    void config(int offset, int value) {
        ours.store(configAt(offset), 4, value & 0xffff_ffffL);
        qemu.out(CONFIG_ADDRESS, 4, CONFIG_ENABLE | SLOT << 11 | offset);
        qemu.out(CONFIG_DATA, 4, value);
    }

    int ourConfig(int offset) {
        return (int) ours.load(configAt(offset), 4);
    }

    int qemuConfig(int offset) {
        qemu.out(CONFIG_ADDRESS, 4, CONFIG_ENABLE | SLOT << 11 | offset);
        return (int) qemu.in(CONFIG_DATA, 4);
    }

    private static long configAt(int offset) {
        return ECAM + ((long) SLOT << 15) + offset;
    }

    void store(EduRegister register, int bytes, long value) {
        ours.store(REGION + register.offset(), bytes, value);
        qemu.store(REGION + register.offset(), bytes, value);
    }

    static long load(Computer side, EduRegister register, int bytes) {
        return side.load(REGION + register.offset(), bytes);
    }

    /**
     * Has both compute a factorial, and waits for it and for the interrupt, if one is to come: in
     * QEMU a thread of the host does both, one after the other.
     */
    void compute(int n) {
        int factorial = EduRegister.Causes.FACTORIAL.mask();
        store(EduRegister.INTERRUPT_ACKNOWLEDGE, 4, factorial);
        store(EduRegister.FACTORIAL, 4, n);
        ours.settle(EVENTS_MAX);
        long expected = load(ours, EduRegister.INTERRUPT_STATUS, 4) & factorial;
        await(() ->
                (load(qemu, EduRegister.STATUS, 4) & EduRegister.Status.COMPUTING.mask()) == 0
                        && (load(qemu, EduRegister.INTERRUPT_STATUS, 4) & expected) == expected);
    }

    /** Lets both end the transfer they have been told to make. */
    void settle() {
        ours.settle(EVENTS_MAX);
        await(() -> (load(qemu, EduRegister.DMA_COMMAND, 4) & EduRegister.Command.RUN.mask()) == 0);
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE_NS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("QEMU's edu does not come to an end");
            }
        }
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
