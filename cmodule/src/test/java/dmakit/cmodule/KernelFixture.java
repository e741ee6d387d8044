package dmakit.cmodule;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.dts.DtsReader;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.Ram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;

/** A kernel that loads C modules, on a machine whose one chip copies. */
final class KernelFixture implements AutoCloseable {
    private static final int COPIER_LINE = 7;

    private static final String TREE =
            """
            /dts-v1/;
            / {
                model = "Copier";
                compatible = "dmakit,copier";
                #address-cells = <1>;
                #size-cells = <1>;
                memory@0 { device_type = "memory"; reg = <0 0x4000000>; };
            };
            """;

    final Machine machine;
    final Kernel kernel;
    final CSystem system;
    final CopyingProvider provider;

    KernelFixture(Machine.Cache cache, long seed) {
        this(cache, seed, TREE);
    }

    KernelFixture(Machine.Cache cache, long seed, String source) {
        machine =
                new Machine(
                        new Machine.Config(
                                List.of(new Ram.Bank(0, 64 << 20)),
                                false,
                                cache,
                                CostTable.CORTEX_A53,
                                seed));
        kernel =
                Kernel.boot(
                        machine,
                        tree(source),
                        interrupt -> interrupt.cells().getLast(),
                        _ -> {},
                        "");
        kernel.findings().enable();
        Device device = new Device("copier", "platform", null, null);
        provider =
                new CopyingProvider(
                        kernel.dmaEngine(), device, kernel.irqs(), machine, COPIER_LINE);
        system =
                CSystem.start(
                        kernel,
                        new CSystem.Options(Duration.ofSeconds(30), false),
                        HostFixture.modules());
    }

    private static DeviceTree tree(String source) {
        byte[] text = source.getBytes(StandardCharsets.UTF_8);
        try {
            return DtsReader.read("copier.dts", (_, _) -> Optional.of(text), List.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    CModule load(Path source) {
        return system.load(ModuleSource.of(source));
    }

    /** Runs kernel code as a task, to its end. */
    int call(IntSupplier body) {
        return kernel.call("insmod", body::getAsInt);
    }

    /** The log's lines without their times, from the end of booting on. */
    List<String> lines() {
        return kernel.log().buffer().texts();
    }

    @Override
    public void close() {
        system.close();
        machine.close();
    }
}
