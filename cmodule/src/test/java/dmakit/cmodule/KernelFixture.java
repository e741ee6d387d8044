package dmakit.cmodule;

import dmakit.devicetree.Origin;
import dmakit.devicetree.TreeBuilder;
import dmakit.kernel.device.Device;
import dmakit.kernel.direct.AtomicPools;
import dmakit.kernel.direct.DirectDma;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.dmaengine.OfDma;
import dmakit.kernel.irq.Irqs;
import dmakit.kernel.irq.Softirqs;
import dmakit.kernel.log.Log;
import dmakit.kernel.mapping.DmaConfigurator;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.Memblock;
import dmakit.kernel.mm.Mm;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sync.Timers;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.irq.InterruptController;
import dmakit.machine.memory.Ram;
import dmakit.machine.task.Task;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.IntSupplier;

/** As much of a kernel as a module needs, on a machine whose one chip copies. */
final class KernelFixture implements AutoCloseable {
    private static final int COPIER_LINE = 7;
    private static final int TIMER_LINE = InterruptController.LINE_COUNT_MAX - 1;

    final Machine machine;
    final Sched sched;
    final DmaMapping mapping;
    final DmaEngine engine;
    final CopyingProvider provider;

    KernelFixture(Machine.Cache cache, long seed) {
        machine =
                new Machine(
                        new Machine.Config(
                                List.of(new Ram.Bank(0, 64 << 20)),
                                false,
                                cache,
                                CostTable.CORTEX_A53,
                                seed));
        Log log = new Log(machine.clock(), machine.trace());
        var tree = new TreeBuilder(new Origin.Made("test")).build();
        sched = new Sched(machine, log);
        Irqs irqs = new Irqs(sched, new Softirqs(sched));
        var timers = new Timers(sched, irqs, TIMER_LINE);
        Memblock memblock = new Memblock(machine.ram());
        memblock.reserveKernel();
        Mm mm =
                Mm.boot(
                        machine,
                        sched.calls(),
                        memblock,
                        DmaConfigurator.reachOfAllDevices(tree),
                        log);
        var direct = new DirectDma(machine.cpu(), log, mm, new AtomicPools(machine.cpu(), log, mm));
        mapping = new DmaMapping(machine.cpu(), sched.calls(), log, mm.virtual(), direct, true);
        engine = new DmaEngine(sched, irqs.softirqs(), new OfDma(tree, log));
        Device device = new Device("copier", "platform", null, null);
        provider = new CopyingProvider(engine, device, irqs, machine, COPIER_LINE);
    }

    CModule load(Path source) {
        return CModule.load(
                sched,
                mapping,
                engine,
                source,
                Duration.ofSeconds(30),
                HostFixture.compiler(),
                HostFixture.build());
    }

    /** Runs kernel code as a task, to its end. */
    int call(IntSupplier body) {
        int[] result = new int[1];
        Task task = sched.spawn("insmod", () -> result[0] = body.getAsInt());
        machine.scheduler().runUntil(task);
        switch (task.failure()) {
            case RuntimeException failure -> throw failure;
            case Error failure -> throw failure;
            case null, default -> {
                return result[0];
            }
        }
    }

    /** The log's lines without their times. */
    List<String> lines() {
        return sched.log().buffer().texts();
    }

    @Override
    public void close() {
        machine.close();
    }
}
