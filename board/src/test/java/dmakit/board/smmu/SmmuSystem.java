package dmakit.board.smmu;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.dts.DtsReader;
import dmakit.hardware.smmu.Smmu;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import dmakit.kernel.iommu.PagingDomain;
import dmakit.machine.Machine;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.DeviceView;
import dmakit.machine.memory.Ram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A kernel on a machine with an SMMU of 4 banks and three masters, whose ports tests hold in their
 * hands: two that the tree knows, with drivers bound, and one that it does not.
 */
final class SmmuSystem implements AutoCloseable {
    static final int STREAM = 0x10;
    static final int SECOND_STREAM = 0x20;
    static final int UNKNOWN_STREAM = 0x30;
    static final int BANKS = 4;

    private static final long SMMU_PHYS = 0x5000_0000L;

    final Machine machine;
    final Kernel kernel;
    final MasterPort first;
    final MasterPort second;
    final MasterPort unknown;

    /** Everything non-coherent, the walks of the SMMU too. */
    static SmmuSystem nonCoherent(String commandLine, long seed) {
        return new SmmuSystem(commandLine, seed, false, BANKS);
    }

    /** One bank for two masters. */
    static SmmuSystem withOneBank() {
        return new SmmuSystem("", 1, false, 1);
    }

    /** Everything coherent. */
    static SmmuSystem coherent(String commandLine) {
        return new SmmuSystem(commandLine, 1, true, BANKS);
    }

    private SmmuSystem(String commandLine, long seed, boolean coherent, int banks) {
        machine =
                new Machine(
                        new Machine.Config(
                                List.of(new Ram.Bank(0, 64 << 20)),
                                coherent,
                                new Machine.Cache.Adversary(),
                                CostTable.CORTEX_A53,
                                seed));
        List<IrqLine> contextLines =
                IntStream.range(0, banks).mapToObj(i -> machine.interrupts().line(41 + i)).toList();
        Smmu.Build build = new Smmu.Build(16, banks, false, coherent);
        Smmu smmu =
                new Smmu(
                        machine.clock(),
                        machine.trace(),
                        "smmu",
                        new DeviceView(machine.ram(), machine.caches(), coherent, "smmu"),
                        machine.ram(),
                        build,
                        machine.interrupts().line(40),
                        contextLines);
        machine.bus().attach("smmu", SMMU_PHYS, build.size(), smmu);
        first = machine.bus().master("first", smmu.stream(STREAM, Windows.IDENTITY), coherent);
        second =
                machine.bus()
                        .master("second", smmu.stream(SECOND_STREAM, Windows.IDENTITY), coherent);
        unknown =
                machine.bus()
                        .master("unknown", smmu.stream(UNKNOWN_STREAM, Windows.IDENTITY), coherent);
        kernel =
                Kernel.boot(
                        machine,
                        tree(source(coherent ? "dma-coherent;" : "")),
                        interrupt -> interrupt.cells().getFirst(),
                        _ -> {},
                        commandLine);
        kernel.run("driver", () -> kernel.platform().register(new Taker()));
    }

    private static String source(String coherence) {
        return """
        /dts-v1/;
        / {
            #address-cells = <1>;
            #size-cells = <1>;
            interrupt-parent = <&intc>;
            memory@0 { device_type = "memory"; reg = <0 0x4000000>; };
            intc: interrupt-controller@60000000 {
                reg = <0x60000000 0x1000>;
                interrupt-controller;
                #interrupt-cells = <1>;
            };
            smmu: iommu@50000000 {
                compatible = "arm,smmu-v2";
                reg = <0x50000000 0x8000>;
                #global-interrupts = <1>;
                interrupts = <40>, <41>, <42>, <43>, <44>;
                #iommu-cells = <1>;
                %1$s
            };
            first@61000000 {
                compatible = "test,master";
                reg = <0x61000000 0x1000>;
                iommus = <&smmu 0x10>;
                %1$s
            };
            second@62000000 {
                compatible = "test,master";
                reg = <0x62000000 0x1000>;
                iommus = <&smmu 0x20>;
                %1$s
            };
        };
        """
                .formatted(coherence);
    }

    private static DeviceTree tree(String source) {
        byte[] text = source.getBytes(StandardCharsets.UTF_8);
        try {
            return DtsReader.read("system.dts", (_, _) -> Optional.of(text), List.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Taker implements PlatformDriver {
        @Override
        public String name() {
            return "taker";
        }

        @Override
        public List<OfMatch> ofMatch() {
            return List.of(new OfMatch("test,master"));
        }

        @Override
        public void probe(PlatformDevice device) {}
    }

    Device firstDevice() {
        return device("61000000.first");
    }

    Device secondDevice() {
        return device("62000000.second");
    }

    private Device device(String name) {
        return kernel.platform().device(name).map(PlatformDevice::device).orElseThrow();
    }

    /** The tables that a device's accesses go through. */
    PagingDomain tables(Device device) {
        PagingDomain tables = kernel.iommus().domainOf(device).orElseThrow().tables();
        if (tables == null) {
            throw new AssertionError(device + " goes through no tables");
        }
        return tables;
    }

    List<String> lines() {
        return kernel.log().buffer().records().stream().map(record -> record.text()).toList();
    }

    long linesWith(String part) {
        return lines().stream().filter(line -> line.contains(part)).count();
    }

    /** Whether a master reads or writes 4 bytes; a refusal is recorded. */
    static boolean reaches(MasterPort port, long address, boolean write) {
        byte[] bytes = new byte[4];
        return (write ? port.write(address, bytes, 0, 4) : port.read(address, bytes, 0, 4))
                .isDone();
    }

    @Override
    public void close() {
        kernel.close();
        machine.close();
    }
}
