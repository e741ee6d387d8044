package dmakit.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Target;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.MemoryType;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.Ram;
import dmakit.machine.task.Task;
import dmakit.machine.time.Alarm;
import dmakit.machine.trace.JsonLines;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class MachineTest {
    private static final long LINEAR = AddressLayout.LINEAR_BASE;
    private static final long REGISTERS = 0x3f00_0000;
    private static final long DOORBELL = AddressLayout.VMALLOC_BASE;
    private static final long DESCRIPTOR = AddressLayout.VMALLOC_BASE + 0x1000;
    private static final long DESCRIPTOR_PHYS = 0x4000;
    private static final long BUFFER_PHYS = 0x8000;
    private static final int LENGTH = 256;
    private static final int LATENCY_PS = 200_000;

    private static Machine machine(Machine.Cache cache, long seed) {
        return new Machine(
                new Machine.Config(
                        List.of(new Ram.Bank(0, 0x10_0000)),
                        false,
                        cache,
                        CostTable.CORTEX_A53,
                        seed));
    }

    /** Copies one byte value over the buffer that a descriptor in memory names, then interrupts. */
    private static final class Filler implements Target {
        private final Machine machine;
        private final MasterPort port;
        private final IrqLine line;
        private final Alarm step = new Alarm("filler", this::step);
        private boolean sawDescriptor;

        Filler(Machine machine) {
            this.machine = machine;
            port = machine.bus().master("filler", Windows.IDENTITY, false);
            line = machine.interrupts().line(7);
            machine.bus().attach("filler", REGISTERS, 0x10, this);
        }

        @Override
        public long read(long offset, int bytes) {
            return line.isAsserted() ? 1 : 0;
        }

        @Override
        public void write(long offset, int bytes, long value) {
            if (offset == 0) {
                machine.clock().setIn(step, LATENCY_PS);
            } else {
                line.set(false);
            }
        }

        private void step() {
            byte[] descriptor = new byte[8];
            port.read(DESCRIPTOR_PHYS, descriptor, 0, 8);
            sawDescriptor = descriptor[0] != 0;
            byte[] bytes = new byte[LENGTH];
            java.util.Arrays.fill(bytes, descriptor[0]);
            port.write(BUFFER_PHYS, bytes, 0, LENGTH);
            line.set(true);
        }
    }

    /** A small driver: descriptor in write-combining memory, doorbell, interrupt, buffer. */
    private static final class Run {
        private final Machine machine;
        private final Filler filler;
        private final Cpu cpu;
        private final StringWriter trace = new StringWriter();
        private final JsonLines lines = new JsonLines(trace);
        private long accessesBeforeInterrupt;
        private boolean interrupted;

        Run(Machine machine) {
            this.machine = machine;
            filler = new Filler(machine);
            cpu = machine.cpu();
            cpu.kernelTable().map(DOORBELL, REGISTERS, 0x1000, MemoryType.DEVICE);
            cpu.kernelTable().map(DESCRIPTOR, DESCRIPTOR_PHYS, 0x1000, MemoryType.WRITE_COMBINE);
            machine.trace().addSink(lines);
        }

        Run start(boolean storeBarrier) {
            Task[] waiting = new Task[1];
            cpu.onInterrupt(() -> {
                cpu.store32(DOORBELL + 4, 1);
                interrupted = true;
                machine.scheduler().wake(waiting[0]);
            });
            waiting[0] = machine.scheduler().spawn("driver", () -> drive(storeBarrier));
            Task noise = machine.scheduler().spawn("noise", this::disturb);
            machine.scheduler().runUntil(waiting[0]);
            machine.scheduler().runUntil(noise);
            lines.close();
            assertThat(waiting[0].failure()).isNull();
            return this;
        }

        private void drive(boolean storeBarrier) {
            cpu.fill(LINEAR + BUFFER_PHYS, LENGTH, (byte) 1);
            cpu.invalidate(BUFFER_PHYS, LENGTH);
            cpu.store64(DESCRIPTOR, 42);
            if (storeBarrier) {
                cpu.storeBarrier();
            }
            cpu.store32(DOORBELL, 1);
            for (int i = 0; i < 2000 && !interrupted; i++) {
                cpu.load64(LINEAR + 0x100 + i);
                accessesBeforeInterrupt++;
            }
            while (!interrupted) {
                machine.scheduler().block();
            }
            cpu.invalidate(BUFFER_PHYS, LENGTH);
        }

        private void disturb() {
            for (int i = 0; i < 20; i++) {
                cpu.store64(LINEAR + BUFFER_PHYS - 8L * (i + 1), i);
                machine.scheduler().yieldCpu();
            }
        }

        boolean isRight() {
            byte[] seen = new byte[LENGTH];
            cpu.load(LINEAR + BUFFER_PHYS, seen, 0, LENGTH);
            for (byte b : seen) {
                if (b != 42) {
                    return false;
                }
            }
            return true;
        }
    }

    private static String traceOf(Machine.Cache cache, long seed) {
        try (Machine machine = machine(cache, seed)) {
            return new Run(machine).start(true).trace.toString();
        }
    }

    @Test
    void oneSeedGivesOneTraceWhateverTheCacheDoes() {
        for (Machine.Cache cache : caches()) {
            for (long seed = 0; seed < 20; seed++) {
                assertThat(traceOf(cache, seed))
                        .as("%s seed %d", cache, seed)
                        .isNotEmpty()
                        .isEqualTo(traceOf(cache, seed));
            }
        }
    }

    private static List<Machine.Cache> caches() {
        return List.of(
                new Machine.Cache.None(),
                new Machine.Cache.Lru(4096, 4),
                new Machine.Cache.Adversary());
    }

    @Test
    void anInterruptArrivesAtAnAccessThatTheSeedChooses() {
        Set<Long> arrivals = new LinkedHashSet<>();
        for (long seed = 0; seed < 100; seed++) {
            try (Machine machine = machine(new Machine.Cache.None(), seed)) {
                arrivals.add(new Run(machine).start(true).accessesBeforeInterrupt);
            }
        }
        assertThat(arrivals).hasSizeGreaterThan(50);
    }

    @Test
    void aDriverWithItsStoreBarrierIsRightInEverySeed() {
        for (Machine.Cache cache : caches()) {
            for (long seed = 0; seed < 200; seed++) {
                try (Machine machine = machine(cache, seed)) {
                    Run run = new Run(machine).start(true);
                    assertThat(run.filler.sawDescriptor).as("%s seed %d", cache, seed).isTrue();
                    assertThat(run.isRight()).as("%s seed %d", cache, seed).isTrue();
                }
            }
        }
    }

    @Test
    void aMissingStoreBarrierShowsInSomeSeedsOfTheAdversaryAndNowhereElse() {
        int[] missed = new int[3];
        for (int i = 0; i < missed.length; i++) {
            for (long seed = 0; seed < 100; seed++) {
                try (Machine machine = machine(caches().get(i), seed)) {
                    missed[i] += new Run(machine).start(false).filler.sawDescriptor ? 0 : 1;
                }
            }
        }
        assertThat(missed[0]).isZero();
        assertThat(missed[1]).isZero();
        assertThat(missed[2]).isBetween(10, 99);
    }

    @Test
    void machinesOnTwoThreadsDoNotMeet() throws Exception {
        String alone = traceOf(new Machine.Cache.Adversary(), 3);
        String other = traceOf(new Machine.Cache.Lru(4096, 4), 4);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            List<Callable<String>> runs = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                runs.add(() -> traceOf(new Machine.Cache.Adversary(), 3));
                runs.add(() -> traceOf(new Machine.Cache.Lru(4096, 4), 4));
            }
            List<Future<String>> traces = threads.invokeAll(runs);
            for (int i = 0; i < traces.size(); i++) {
                assertThat(traces.get(i).get()).isEqualTo(i % 2 == 0 ? alone : other);
            }
        }
    }

    @Nested
    class Closed {
        @Test
        void twiceIsAsOnceAndUseAfterwardsIsRefused() {
            Machine machine = machine(new Machine.Cache.None(), 1);
            machine.close();
            machine.close();
            assertThatThrownBy(() -> machine.cpu().load8(LINEAR))
                    .isInstanceOf(IllegalStateException.class);
        }

        @Test
        void isWhatAMachineThatCannotBeBuiltLeavesBehind() {
            assertThatThrownBy(() -> machine(new Machine.Cache.Lru(100, 3), 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("100 bytes in 3 ways");
        }
    }
}
