package dmakit.kernel.dmaengine;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.NodeBuilder;
import dmakit.devicetree.Origin;
import dmakit.devicetree.TreeBuilder;
import dmakit.kernel.device.Device;
import dmakit.kernel.irq.Softirqs;
import dmakit.kernel.log.Log;
import dmakit.kernel.sched.Sched;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.Ram;
import dmakit.machine.task.Task;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A machine with nothing but tasks, softirqs and dmaengine. */
final class EngineFixture implements AutoCloseable {
    static final Origin HERE = new Origin.Made("test");

    final Machine machine =
            new Machine(
                    new Machine.Config(
                            List.of(new Ram.Bank(0, 1 << 20)),
                            true,
                            new Machine.Cache.None(),
                            CostTable.CORTEX_A53,
                            7));
    final Log log = new Log(machine.clock(), machine.trace());
    final Sched sched = new Sched(machine, log);
    final Softirqs softirqs = new Softirqs(sched);
    final DeviceTree tree;
    final DmaEngine engine;

    EngineFixture() {
        this(new TreeBuilder(HERE).build());
    }

    EngineFixture(DeviceTree tree) {
        this.tree = tree;
        engine = new DmaEngine(sched, softirqs, new OfDma(tree, log));
    }

    Device device(String name) {
        return new Device(name, "platform", null, null);
    }

    /** A provider that can do everything the software one can, registered. */
    SoftwareProvider provider(int channels, TransactionType... types) {
        SoftwareProvider provider = unregistered(channels, types);
        engine.register(provider.device());
        return provider;
    }

    SoftwareProvider unregistered(int channels, TransactionType... types) {
        return new SoftwareProvider(
                engine, device("soft" + engine.devices().size()), channels, types);
    }

    /** Runs kernel code as a task, to its end. */
    void run(Runnable body) {
        Task task = sched.spawn("test", body);
        machine.scheduler().runUntil(task);
        if (task.failure() instanceof RuntimeException failure) {
            throw failure;
        }
        if (task.failure() instanceof Error failure) {
            throw failure;
        }
    }

    /** In a task: lets everything that waits run. */
    void settle() {
        sched.msleep(1);
    }

    List<String> logLines() {
        return log.buffer().texts();
    }

    @Override
    public void close() {
        machine.close();
    }

    static void cells(NodeBuilder node, String name, int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * 4);
        for (int value : values) {
            bytes.putInt(value);
        }
        node.set(name, bytes.array(), HERE);
    }

    static void strings(NodeBuilder node, String name, String... values) {
        node.set(name, (String.join("\0", values) + "\0").getBytes(StandardCharsets.UTF_8), HERE);
    }
}
