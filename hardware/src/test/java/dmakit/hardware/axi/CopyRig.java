package dmakit.hardware.axi;

import dmakit.datasheet.axi.AxiCopyChannelRegister;
import dmakit.datasheet.axi.AxiCopyChannelRegister.Config;
import dmakit.datasheet.axi.AxiCopyChannelRegister.Ctrl;
import dmakit.datasheet.axi.AxiCopyRegister;
import dmakit.machine.Machine;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.Ram;
import dmakit.machine.random.Rng;
import dmakit.machine.time.Clock;
import java.util.List;

/** A machine with a copy engine on it and nothing else, driven by registers only. */
final class CopyRig implements AutoCloseable {
    static final long RAM_SIZE = 16 << 20;
    static final long REGISTERS = 0x4000_0000L;

    final Machine machine;
    final AxiCopy chip;
    final IrqLine irq;

    CopyRig() {
        this(AxiCopy.CHANNEL_COUNT_MAX, AxiCopy.LG2_BUS_BYTES_MAX);
    }

    CopyRig(int channelCount, int lg2BusBytes) {
        machine =
                new Machine(
                        new Machine.Config(
                                List.of(new Ram.Bank(0, RAM_SIZE)),
                                true,
                                new Machine.Cache.None(),
                                CostTable.CORTEX_A53,
                                1));
        irq = machine.interrupts().line(3);
        chip =
                new AxiCopy(
                        machine.clock(),
                        machine.trace(),
                        machine.bus().master("copy", Windows.IDENTITY, true),
                        irq,
                        channelCount,
                        lg2BusBytes);
        machine.bus().attach("copy", REGISTERS, AxiCopy.SIZE, chip);
    }

    int read(int channel, AxiCopyChannelRegister register) {
        return (int) chip.read(offset(channel, register), 4);
    }

    void write(int channel, AxiCopyChannelRegister register, int value) {
        chip.write(offset(channel, register), 4, value & 0xffff_ffffL);
    }

    private static long offset(int channel, AxiCopyChannelRegister register) {
        return channel * (long) AxiCopyChannelRegister.CHANNEL_STRIDE + register.offset();
    }

    int read(AxiCopyRegister register) {
        return (int) chip.read(register.offset(), 4);
    }

    void write(AxiCopyRegister register, int value) {
        chip.write(register.offset(), 4, value & 0xffff_ffffL);
    }

    static int config(int beatBytes, int burstBeats) {
        return Config.LG2_BEAT_BYTES.of(Integer.numberOfTrailingZeros(beatBytes))
                | Config.BURST_BEATS.of(burstBeats - 1);
    }

    void start(int channel, long source, long dest, int bytes) {
        write(channel, AxiCopyChannelRegister.SOURCE, (int) source);
        write(channel, AxiCopyChannelRegister.SOURCE_HIGH, (int) (source >>> 32));
        write(channel, AxiCopyChannelRegister.DEST, (int) dest);
        write(channel, AxiCopyChannelRegister.DEST_HIGH, (int) (dest >>> 32));
        write(channel, AxiCopyChannelRegister.LENGTH, bytes);
        write(channel, AxiCopyChannelRegister.CTRL, Ctrl.START.mask() | Ctrl.IRQ_EN.mask());
    }

    /** Lets time pass until nothing is left to happen. */
    void finish() {
        while (machine.clock().nextAt() != Clock.NEVER) {
            machine.clock().advanceTo(machine.clock().nextAt());
        }
    }

    /** Lets time pass until so many channels interrupt; answers the cycles. */
    long cyclesUntil(int interrupts) {
        long startPs = machine.clock().now();
        while (!irq.isAsserted()
                || Integer.bitCount(read(AxiCopyRegister.INTERRUPTS)) < interrupts) {
            machine.clock().advanceTo(machine.clock().nextAt());
        }
        return (machine.clock().now() - startPs) / AxiCopy.CYCLE_PS;
    }

    void pass(long cycles) {
        machine.clock().advanceBy(cycles * AxiCopy.CYCLE_PS);
    }

    byte[] fill(long phys, int count, long seed) {
        Rng rng = new Rng(seed);
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) rng.nextInt(256);
        }
        machine.bus().master("poke", Windows.IDENTITY, true).write(phys, bytes, 0, count);
        return bytes;
    }

    byte[] peek(long phys, int count) {
        byte[] bytes = new byte[count];
        machine.bus().master("peek", Windows.IDENTITY, true).read(phys, bytes, 0, count);
        return bytes;
    }

    @Override
    public void close() {
        machine.close();
    }
}
