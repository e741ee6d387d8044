package dmakit.cmodule;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.check.Finding;
import dmakit.machine.Machine;
import dmakit.machine.time.Alarm;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SyncIT {
    private static final long US = 1_000_000;

    @BeforeAll
    static void needsACompiler() {
        HostFixture.compiler();
    }

    /** Runs a module from its beginning to its end; it must be clean. */
    private static List<String> log(String name) {
        try (var kernel = new KernelFixture(new Machine.Cache.None(), 1)) {
            return log(kernel, name);
        }
    }

    private static List<String> log(KernelFixture kernel, String name) {
        CModule module = kernel.load(HostFixture.SOURCES.resolve(name + ".c"));
        assertThat(kernel.call(module::init)).isZero();
        kernel.call(() -> {
            module.exit();
            module.unload();
            return 0;
        });
        assertThat(kernel.kernel.findings().all()).extracting(Finding::message).isEmpty();
        return kernel.lines().stream()
                .filter(line -> line.startsWith(name + ": "))
                .map(line -> line.substring(name.length() + 2))
                .toList();
    }

    @Test
    void locksOfEveryKind() {
        assertThat(log("sync_locks"))
                .containsExactly(
                        "mutex: locked 1",
                        "mutex: again 0",
                        "mutex: locked 0",
                        "mutex: again 1",
                        "mutex: interruptible 1",
                        "mutex: interruptible 0",
                        "spin: atomic 1, irqs off 0",
                        "irqsave: atomic 1, irqs off 1",
                        "inner restored: irqs off 1",
                        "bh: softirq 1",
                        "free: atomic 0, irqs off 0",
                        "try: 1",
                        "sem: one 1, within 10 ms -62",
                        "sem: first 0",
                        "sem: second 0",
                        "sem: third 1",
                        "sem: 0",
                        "rwsem: write 0",
                        "rwsem: read 0",
                        "seq: retry 1",
                        "seq: retry 0",
                        "preempt: atomic 1, count 1",
                        "irqs off 1",
                        "task 1, interrupt 0",
                        "guard: 1",
                        "guard: 0");
    }

    @Test
    void threadsCompletionsAndWaitQueues() {
        assertThat(log("sync_waits"))
                .containsExactly(
                        "current: insmod, pid > 0: 1",
                        "thread completer/1",
                        "too early: 0, done 0",
                        "in time: 1, done 0",
                        "result 7",
                        "counted: 2",
                        "try: 1",
                        "counted: 1",
                        "try: 1",
                        "try: 0",
                        "interruptible: 0",
                        "through: 2, done 1",
                        "never ran: -4",
                        "exit code: 5",
                        "second: 0",
                        "one is left: 1",
                        "first: 0",
                        "nothing: 0",
                        "at once: 100",
                        "by hand: active 0 0",
                        "stopped: 42",
                        "parks",
                        "park: 0",
                        "unparked");
    }

    @Test
    void timersWorkAndTasklets() {
        assertThat(log("sync_later"))
                .containsExactly(
                        "pending 1",
                        "timer: softirq 1, ticks 1",
                        "timer: softirq 1, ticks 2",
                        "timer: softirq 1, ticks 3",
                        "pending 0, deleted 0",
                        "old timer: 99",
                        "old timer: 98",
                        "deleted 1",
                        "deleted 1",
                        "hrtimer active 1",
                        "after 500 us: 5",
                        "after 5 ms: 10, cancel 0",
                        "queued 1",
                        "queued 0",
                        "work: task 1, ticks 10",
                        "flushed 1",
                        "pending 1",
                        "delayed work 1",
                        "cancelled 1",
                        "delayed work 2",
                        "flushed 1",
                        "ordered 1",
                        "ordered 2",
                        "ordered 3",
                        "tasklet: softirq 1, ticks 2",
                        "old tasklet 17",
                        "enabling",
                        "old tasklet 0",
                        "spun for 250 ticks",
                        "delayed for 3500 us",
                        "polled for 250 us: 1",
                        "the year is after 2024: 1");
    }

    @Test
    void interruptsOfALine() {
        try (var kernel = new KernelFixture(new Machine.Cache.None(), 1)) {
            for (int i = 1; i < 200; i++) {
                level(kernel, 200 * US * i, true);
                level(kernel, 200 * US * i + 3 * US, false);
            }
            assertThat(log(kernel, "sync_irq"))
                    .containsExactly(
                            "request: 0",
                            "unshared: -16",
                            "shared: 0",
                            "no such line: -22",
                            "irq 9: hardirq 1, dev 1",
                            "handled 1, others looked 1",
                            "threaded: 0",
                            "thread: task 1, irq/9-sync",
                            "thread came: 1");
        }
    }

    private static void level(KernelFixture kernel, long atPs, boolean up) {
        var alarm = new Alarm("line", () -> kernel.machine.interrupts().line(9).set(up));
        kernel.machine.clock().setIn(alarm, atPs);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void areCleanWhateverTheSeedAndTheCache(long seed) {
        for (String name : List.of("sync_locks", "sync_waits", "sync_later")) {
            try (var kernel = new KernelFixture(new Machine.Cache.Adversary(), seed)) {
                assertThat(log(kernel, name)).isNotEmpty();
            }
        }
    }
}
