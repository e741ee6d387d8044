package dmakit.machine;

import dmakit.machine.bus.Bus;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.irq.InterruptController;
import dmakit.machine.memory.CpuView;
import dmakit.machine.memory.Ram;
import dmakit.machine.random.Rng;
import dmakit.machine.task.Scheduler;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import java.util.List;

/**
 * One simulated computer: clock, RAM, caches, bus, interrupt controller, CPU and the tasks on it.
 *
 * <p>It owns everything it is made of and shares nothing: any number of machines live side by side
 * in one JVM, each on the thread that runs it.
 */
public final class Machine implements AutoCloseable {
    private final long seed;
    private final Clock clock = new Clock();
    private final Trace trace = new Trace();
    private final Ram ram;
    private final CpuView caches;
    private final Bus bus;
    private final InterruptController interrupts;
    private final Cpu cpu;
    private final Scheduler scheduler;

    /**
     * What a machine is made of.
     *
     * @param banks RAM, in ascending order
     * @param coherent whether every device snoops the CPU's caches
     * @param cache what the CPU's caches do by their own choice
     * @param cost what CPU code costs
     * @param seed where all chance comes from
     */
    public record Config(
            List<Ram.Bank> banks, boolean coherent, Cache cache, CostTable cost, long seed) {}

    /** What the CPU's caches do by their own choice. */
    public sealed interface Cache {
        /** Nothing: the cache is as large as RAM. */
        record None() implements Cache {}

        /**
         * They give up the line used longest ago.
         *
         * @param sizeBytes capacity
         * @param ways lines per set
         */
        record Lru(int sizeBytes, int ways) implements Cache {}

        /**
         * They write back, drop and read ahead at moments that the seed chooses; and stores to
         * write-combining memory wait for as long as the seed likes, or for a barrier.
         */
        record Adversary() implements Cache {}
    }

    /** Upper bound of the delay from an interrupt's edge to the CPU, in picoseconds. */
    private static final int INTERRUPT_DELAY_PS_MAX = 1_000_000;

    /**
     * Builds a machine that is switched on and has no chips.
     *
     * @throws IllegalArgumentException when banks or the cache's geometry make no sense
     * @throws java.io.UncheckedIOException when the operating system refuses the memory
     */
    public Machine(Config config) {
        seed = config.seed();
        ram = new Ram(config.banks(), config.coherent());
        caches = cachesOf(config);
        bus = new Bus(ram, caches);
        interrupts =
                new InterruptController(clock, trace, rng("interrupts"), INTERRUPT_DELAY_PS_MAX);
        Rng writeBuffer = config.cache() instanceof Cache.Adversary ? rng("write buffer") : null;
        cpu = new Cpu(clock, trace, bus, caches, interrupts, config.cost(), writeBuffer);
        scheduler = new Scheduler(clock, trace, rng("scheduler"), cpu::idle, cpu::switchTask);
    }

    private CpuView cachesOf(Config config) {
        try {
            return switch (config.cache()) {
                case Cache.None _ -> CpuView.withoutEviction(ram);
                case Cache.Lru lru -> CpuView.leastRecentlyUsed(ram, lru.sizeBytes(), lru.ways());
                case Cache.Adversary _ -> CpuView.adversary(ram, rng("cache"));
            };
        } catch (IllegalArgumentException e) {
            ram.close();
            throw e;
        }
    }

    /** The seed all chance comes from. */
    public long seed() {
        return seed;
    }

    /** A stream of chance for one part of the machine. */
    public Rng rng(String part) {
        return Rng.named(seed, part);
    }

    /** Simulated time. */
    public Clock clock() {
        return clock;
    }

    /** Where the machine reports what happens. */
    public Trace trace() {
        return trace;
    }

    /** RAM. */
    public Ram ram() {
        return ram;
    }

    /** RAM as the CPU sees it. */
    public CpuView caches() {
        return caches;
    }

    /** The address map. */
    public Bus bus() {
        return bus;
    }

    /** The interrupt lines. */
    public InterruptController interrupts() {
        return interrupts;
    }

    /** The CPU. */
    public Cpu cpu() {
        return cpu;
    }

    /** The tasks on the CPU. */
    public Scheduler scheduler() {
        return scheduler;
    }

    /**
     * Gives all memory back; closing again does nothing. An access to RAM fails afterwards with an
     * {@link IllegalStateException}. No task may be running.
     */
    @Override
    public void close() {
        ram.close();
    }
}
