package dmakit.bench.hardware;

import dmakit.datasheet.axi.AxiCopyChannelRegister;
import dmakit.datasheet.axi.AxiCopyChannelRegister.Config;
import dmakit.datasheet.axi.AxiCopyChannelRegister.Ctrl;
import dmakit.datasheet.axi.AxiCopyRegister;
import dmakit.hardware.axi.AxiCopy;
import dmakit.machine.Machine;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.Ram;
import dmakit.machine.time.Clock;
import java.util.List;

/** A machine with nothing on it but an AXI copy engine, driven by registers. */
public final class AxiCopyRig implements AutoCloseable {
    private static final long RAM_SIZE = 64 << 20;
    private static final long DEST = 32 << 20;
    private static final int BURST_BEATS = 16;

    private final Machine machine;
    private final Clock clock;
    private final IrqLine irq;
    private final AxiCopy chip;

    /** Builds the machine. */
    public AxiCopyRig() {
        machine =
                new Machine(
                        new Machine.Config(
                                List.of(new Ram.Bank(0, RAM_SIZE)),
                                true,
                                new Machine.Cache.None(),
                                CostTable.CORTEX_A53,
                                1));
        clock = machine.clock();
        irq = machine.interrupts().line(1);
        chip =
                new AxiCopy(
                        clock,
                        machine.trace(),
                        machine.bus().master("copy", Windows.IDENTITY, true),
                        irq,
                        AxiCopy.CHANNEL_COUNT_MAX,
                        AxiCopy.LG2_BUS_BYTES_MAX);
    }

    /**
     * The cycles of one copy in bursts of 16 beats.
     *
     * @param beatBytes a power of two
     */
    public long cycles(int bytes, int beatBytes) {
        long startPs = clock.now();
        start(0, beatBytes, bytes);
        run(1);
        return (clock.now() - startPs) / AxiCopy.CYCLE_PS;
    }

    /** Copies on all channels at once, each burst given to the next one in turn. */
    void copyOnAll(int bytes) {
        for (int i = 0; i < AxiCopy.CHANNEL_COUNT_MAX; i++) {
            start(i, 1 << AxiCopy.LG2_BUS_BYTES_MAX, bytes);
        }
        run(AxiCopy.CHANNEL_COUNT_MAX);
    }

    private void start(int channel, int beatBytes, int bytes) {
        int config =
                Config.LG2_BEAT_BYTES.of(Integer.numberOfTrailingZeros(beatBytes))
                        | Config.BURST_BEATS.of(BURST_BEATS - 1);
        write(channel, AxiCopyChannelRegister.CONFIG, config);
        write(channel, AxiCopyChannelRegister.SOURCE, channel * bytes);
        write(channel, AxiCopyChannelRegister.DEST, (int) DEST + channel * bytes);
        write(channel, AxiCopyChannelRegister.LENGTH, bytes);
        write(channel, AxiCopyChannelRegister.CTRL, Ctrl.START.mask() | Ctrl.IRQ_EN.mask());
    }

    private void run(int channels) {
        while (!irq.isAsserted() || interrupting() < channels) {
            clock.advanceTo(clock.nextAt());
        }
    }

    private int interrupting() {
        return Integer.bitCount((int) chip.read(AxiCopyRegister.INTERRUPTS.offset(), 4));
    }

    private void write(int channel, AxiCopyChannelRegister register, int value) {
        long offset = channel * (long) AxiCopyChannelRegister.CHANNEL_STRIDE + register.offset();
        chip.write(offset, 4, Integer.toUnsignedLong(value));
    }

    @Override
    public void close() {
        machine.close();
    }
}
