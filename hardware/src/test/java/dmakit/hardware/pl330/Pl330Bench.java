package dmakit.hardware.pl330;

import dmakit.datasheet.pl330.Pl330ChannelRegister;
import dmakit.datasheet.pl330.Pl330Register;
import dmakit.datasheet.pl330.Pl330StatusRegister;
import dmakit.datasheet.pl330.Pl330StatusRegister.Csr;
import dmakit.datasheet.pl330.ThreadState;
import dmakit.hardware.Settling;
import dmakit.machine.Machine;
import dmakit.machine.bus.Target;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.Ram;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.List;

/**
 * A machine with a controller on it and nothing else, driven by registers only. RAM is 16 MiB at
 * physical 0, which the controller sees at the same addresses.
 */
final class Pl330Bench implements AutoCloseable {
    static final long RAM_SIZE = 16 << 20;
    static final long DMA_PHYS = 0x4000_0000L;
    static final int DEVICE = 0x5000_0000;
    static final int DEVICE_SIZE = 0x1000;

    private static final int FIRST_LINE = 32;

    final Machine machine;
    final Pl330 dma;
    final List<IrqLine> events = new ArrayList<>();
    final IrqLine abort;

    Pl330Bench() {
        this(Pl330Build.secure(8, 32, 32, 8, 64));
    }

    Pl330Bench(Pl330Build build) {
        machine =
                new Machine(
                        new Machine.Config(
                                List.of(new Ram.Bank(0, RAM_SIZE)),
                                true,
                                new Machine.Cache.None(),
                                CostTable.CORTEX_A53,
                                1));
        for (int i = 0; i < build.events(); i++) {
            events.add(machine.interrupts().line(FIRST_LINE + i));
        }
        abort = machine.interrupts().line(FIRST_LINE - 1);
        dma =
                new Pl330(
                        machine.clock(),
                        machine.trace(),
                        machine.bus().master("pl330", Windows.IDENTITY, true),
                        build,
                        events,
                        abort);
        machine.bus().attach("pl330", DMA_PHYS, Pl330.SIZE, dma);
    }

    // Registers.

    int read(Pl330Register register) {
        return (int) dma.read(register.offset(), 4);
    }

    void write(Pl330Register register, int value) {
        dma.write(register.offset(), 4, value & 0xffff_ffffL);
    }

    int read(int channel, Pl330ChannelRegister register) {
        return (int)
                dma.read(
                        Pl330ChannelRegister.BASE
                                + channel * Pl330ChannelRegister.STRIDE
                                + register.offset(),
                        4);
    }

    int read(int channel, Pl330StatusRegister register) {
        return (int)
                dma.read(
                        Pl330StatusRegister.BASE
                                + channel * Pl330StatusRegister.STRIDE
                                + register.offset(),
                        4);
    }

    int state(int channel) {
        return Csr.CHANNEL_STATUS.get(read(channel, Pl330StatusRegister.CSR));
    }

    boolean is(int channel, ThreadState state) {
        return state(channel) == state.value();
    }

    int fault(int channel) {
        return read(Pl330Register.values()[Pl330Register.FTR0.ordinal() + channel]);
    }

    /** Has the manager start a channel. */
    void go(int channel, int address) {
        go(channel, address, false);
    }

    void go(int channel, int address, boolean nonSecure) {
        debug(false, 0, nonSecure ? 0xa2 : 0xa0, channel, address);
    }

    /** Ends a channel's program. */
    void kill(int channel) {
        debug(true, channel, 0x01, 0, 0);
    }

    void killManager() {
        debug(false, 0, 0x01, 0, 0);
    }

    void debug(boolean onChannel, int channel, int code0, int code1, int word) {
        write(
                Pl330Register.DBGINST0,
                code1 << 24 | code0 << 16 | channel << 8 | (onChannel ? 1 : 0));
        write(Pl330Register.DBGINST1, word);
        write(Pl330Register.DBGCMD, 0);
        pass(Timing.CYCLE_PS);
    }

    // Time and memory.

    long now() {
        return machine.clock().now();
    }

    void pass(long ps) {
        machine.clock().advanceBy(ps);
    }

    /** Lets everything happen that is going to. */
    void settle() {
        Settling.settle(machine.clock(), 2_000_000);
    }

    void poke(long phys, byte[] bytes) {
        machine.bus().master("poke", Windows.IDENTITY, true).write(phys, bytes, 0, bytes.length);
    }

    byte[] peek(long phys, int bytes) {
        byte[] into = new byte[bytes];
        machine.bus().master("peek", Windows.IDENTITY, true).read(phys, into, 0, bytes);
        return into;
    }

    byte[] fill(long phys, int bytes, long seed) {
        Rng rng = new Rng(seed);
        byte[] content = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            content[i] = (byte) rng.nextInt(256);
        }
        poke(phys, content);
        return content;
    }

    /** Attaches a device at {@link #DEVICE}. */
    void attach(Target device) {
        machine.bus().attach("device", DEVICE & 0xffff_ffffL, DEVICE_SIZE, device);
    }

    @Override
    public void close() {
        machine.close();
    }
}
