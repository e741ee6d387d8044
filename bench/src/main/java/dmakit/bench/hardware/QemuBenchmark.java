package dmakit.bench.hardware;

import dmakit.hardware.bcm2835.Bcm2835Dma;
import dmakit.hardware.pl330.Pl330;
import dmakit.hardware.pl330.Pl330Build;
import dmakit.machine.Machine;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.Ram;
import dmakit.oracle.BareMachine;
import dmakit.oracle.Emulator;
import dmakit.oracle.Qemu;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * How fast do our models of DMA controllers move bytes, beside QEMU's models of the same chips?
 * Both are driven by the same stores to registers and copy the same 16 MiB, ours in a bare machine
 * whose devices snoop, as QEMU's memory is one for all.
 */
public class QemuBenchmark {
    private static final long RAM_SIZE = 64 << 20;
    private static final long BCM2835_DMA = 0x3f00_7000L;
    private static final long PL330_DMA = 0xf800_3000L;
    private static final int FIRST_LINE = 16;
    private static final int EVENTS_MAX = 1_000_000;

    private static Machine machine() {
        return new Machine(
                new Machine.Config(
                        List.of(new Ram.Bank(0, RAM_SIZE)),
                        true,
                        new Machine.Cache.None(),
                        CostTable.CORTEX_A53,
                        1));
    }

    private static List<IrqLine> lines(Machine machine, int count) {
        List<IrqLine> lines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            lines.add(machine.interrupts().line(FIRST_LINE + i));
        }
        return lines;
    }

    /** A bcm2835 of ours. */
    @State(Scope.Thread)
    public static class OurBcm2835 {
        private final BareMachine side;
        final CopyOfBcm2835 copy;

        /** Builds the machine, and copies once to see that it does. */
        public OurBcm2835() {
            Machine machine = machine();
            Windows windows = new Windows(List.of(new Windows.Window(0xc000_0000L, 0, RAM_SIZE)));
            Bcm2835Dma dma =
                    new Bcm2835Dma(
                            machine.clock(),
                            machine.trace(),
                            machine.bus().master("dma", windows, true),
                            lines(machine, Bcm2835Dma.CHANNEL_COUNT_MAX));
            machine.bus().attach("dma", BCM2835_DMA, Bcm2835Dma.SIZE, dma);
            side = new BareMachine(machine);
            copy = new CopyOfBcm2835(side, BCM2835_DMA);
            run();
            copy.check();
        }

        final void run() {
            copy.start();
            side.settle(EVENTS_MAX);
            done(copy.isDone());
        }

        /** Gives the machine back. */
        @TearDown
        public void close() {
            side.close();
        }
    }

    /** QEMU's. */
    @State(Scope.Thread)
    public static class QemusBcm2835 {
        private final Qemu side = Qemu.stopped(Emulator.AARCH64, List.of("-M", "raspi3b"));
        final CopyOfBcm2835 copy;

        /** Starts QEMU, and copies once to see that it does. */
        public QemusBcm2835() {
            copy = new CopyOfBcm2835(side, BCM2835_DMA);
            run();
            copy.check();
        }

        final void run() {
            copy.start();
            done(copy.isDone());
        }

        /** Ends QEMU. */
        @TearDown
        public void close() {
            side.close();
        }
    }

    /** A pl330 of ours. */
    @State(Scope.Thread)
    public static class OurPl330 {
        private final BareMachine side;
        final CopyOfPl330 copy;

        /** Builds the machine, and copies once to see that it does. */
        public OurPl330() {
            Machine machine = machine();
            Pl330 dma =
                    new Pl330(
                            machine.clock(),
                            machine.trace(),
                            machine.bus().master("pl330", Windows.IDENTITY, true),
                            Pl330Build.secure(8, 4, 16, 8, 256),
                            lines(machine, 16),
                            machine.interrupts().line(1));
            machine.bus().attach("pl330", PL330_DMA, Pl330.SIZE, dma);
            side = new BareMachine(machine);
            copy = new CopyOfPl330(side, PL330_DMA);
            run();
            copy.check();
        }

        final void run() {
            copy.start();
            side.settle(EVENTS_MAX);
            done(copy.isDone());
        }

        /** Gives the machine back. */
        @TearDown
        public void close() {
            side.close();
        }
    }

    /** QEMU's. */
    @State(Scope.Thread)
    public static class QemusPl330 {
        private final Qemu side =
                Qemu.stopped(Emulator.ARM, List.of("-M", "xilinx-zynq-a9", "-m", "64"));
        final CopyOfPl330 copy;

        /** Starts QEMU, and copies once to see that it does. */
        public QemusPl330() {
            copy = new CopyOfPl330(side, PL330_DMA);
            run();
            copy.check();
        }

        final void run() {
            copy.start();
            done(copy.isDone());
        }

        /** Ends QEMU. */
        @TearDown
        public void close() {
            side.close();
        }
    }

    private static void done(boolean done) {
        if (!done) {
            throw new IllegalStateException("the transfer has not ended");
        }
    }

    /** 16 MiB by our bcm2835. */
    @Benchmark
    public void ourBcm2835(OurBcm2835 side) {
        side.run();
    }

    /** 16 MiB by QEMU's. */
    @Benchmark
    public void qemusBcm2835(QemusBcm2835 side) {
        side.run();
    }

    /** 16 MiB by our pl330. */
    @Benchmark
    public void ourPl330(OurPl330 side) {
        side.run();
    }

    /** 16 MiB by QEMU's. */
    @Benchmark
    public void qemusPl330(QemusPl330 side) {
        side.run();
    }
}
