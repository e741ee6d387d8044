package dmakit.kernel.iommu;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.kernel.TestTrees;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.swiotlb.Swiotlb;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.DeviceView;
import dmakit.machine.memory.Ram;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A kernel with 256 MiB on a board with an IOMMU in front of some devices. */
final class IommuFixture implements AutoCloseable {
    static final String SOURCE =
            """
            /dts-v1/;
            / {
                model = "IOMMU Board";
                compatible = "test,board";
                #address-cells = <2>;
                #size-cells = <2>;
                memory@0 { device_type = "memory"; reg = <0 0 0 0x10000000>; };
                reserved-memory {
                    #address-cells = <2>;
                    #size-cells = <2>;
                    ranges;
                    frame: framebuffer@8000000 {
                        reg = <0 0x8000000 0 0x2000>;
                        iommu-addresses = <&screen 0 0x8000000 0 0x2000>;
                    };
                    odd: odd { iommu-addresses = <&screen 0 0x1000 0>, <0x99 0 0 0 0>; };
                    hole: hole {
                        iommu-addresses = <&screen 0 0xfff00000 0 0x100000>,
                                          <&engine 0 0xffffe000 0 0x1000>;
                    };
                };
                iommu: iommu@50000000 {
                    compatible = "test,iommu";
                    reg = <0 0x50000000 0 0x1000>;
                    #iommu-cells = <1>;
                };
                off: iommu@50010000 {
                    reg = <0 0x50010000 0 0x1000>;
                    status = "disabled";
                    #iommu-cells = <1>;
                };
                engine: engine@60000000 { iommus = <&iommu 7>, <&iommu 8>; };
                coherent@60001000 { iommus = <&iommu 9>; dma-coherent; };
                screen: screen@60002000 {
                    iommus = <&iommu 10>;
                    memory-region = <&frame>, <&hole>;
                };
                plain@60003000 { };
                without@60004000 { iommus = <&off 1>; };
                cut@60006000 { iommus = <&iommu>; };
                odd@60007000 { iommus = <&iommu 12>; memory-region = <&odd 0x77>; };
                far {
                    #address-cells = <2>;
                    #size-cells = <2>;
                    ranges;
                    dma-ranges = <0 0x40000000 0 0 0 0x10000000>;
                    dma@0 { iommus = <&iommu 11>; };
                };
                wrong@60005000 { iommus = <&iommu 0x666>; };
                pci@70000000 {
                    device_type = "pci";
                    #address-cells = <3>;
                    #size-cells = <2>;
                    ranges = <0x02000000 0 0xe0000000 0 0xe0000000 0 0x10000000>;
                    dma-ranges = <0x02000000 0 0 0 0 1 0>;
                    iommu-map = <0x0 &iommu 0x100 0x10>, <0x18 &iommu 0x200 0x8>;
                    iommu-map-mask = <0xff>;
                };
                outside@71000000 {
                    device_type = "pci";
                    #address-cells = <3>;
                    #size-cells = <2>;
                    external-facing;
                    iommu-map = <0x0 &iommu 0x300 0x100>;
                };
            };
            """;

    final Machine machine;
    final DeviceTree tree = TestTrees.of(SOURCE);
    final Kernel kernel;
    final Iommus iommus;
    final DmaMapping mapping;
    final TestIommu iommu;

    /** What a device sees that snoops. */
    final DeviceView bus;

    /** What a device sees that does not. */
    final DeviceView dram;

    IommuFixture(String commandLine) {
        machine =
                new Machine(
                        new Machine.Config(
                                List.of(new Ram.Bank(0, 256 << 20)),
                                false,
                                new Machine.Cache.None(),
                                CostTable.CORTEX_A53,
                                1));
        kernel = Kernel.boot(machine, tree, TestTrees.LINES, _ -> {}, commandLine);
        iommus = kernel.iommus();
        mapping = kernel.dma();
        iommu =
                new TestIommu(
                        new Device("50000000.iommu", "platform", null, node("/iommu@50000000")));
        bus = new DeviceView(machine.ram(), machine.caches(), true);
        dram = new DeviceView(machine.ram(), machine.caches(), false);
        iommus.register(iommu);
    }

    IommuFixture() {
        this("");
    }

    /** Memory without bounce buffers and pools. */
    IommuSources sources() {
        AtomicMemory none =
                new AtomicMemory() {
                    @Override
                    public @Nullable IommuBlock take(long size, Gfp gfp, String device) {
                        return null;
                    }

                    @Override
                    public boolean give(long va, long size) {
                        return false;
                    }
                };
        Swiotlb noBounce = Swiotlb.none(machine, kernel.log());
        return new IommuSources(kernel.mm(), kernel.cma(), noBounce, none);
    }

    Node node(String path) {
        return tree.node(path).orElseThrow();
    }

    /** A device that is not set up for DMA yet. */
    Device bare(String path) {
        return new Device(path.substring(1), "platform", null, node(path));
    }

    /** A device that is. */
    Device device(String path) {
        Device device = bare(path);
        kernel.driverCore().configureDma(device, null);
        return device;
    }

    /** A PCI function that is set up. */
    Device function(String bridge, int requesterId) {
        Device host = new Device(bridge.substring(1), "platform", null, node(bridge));
        Device function =
                new Device("0000:00:%02x.0".formatted(requesterId >> 3), "pci", host, null);
        function.dma().requesterId(requesterId);
        kernel.driverCore().configureDma(function, null);
        return function;
    }

    /** The newest domain. */
    TestDomain domain() {
        return iommu.domains.getLast();
    }

    List<String> lines() {
        return kernel.log().buffer().records().stream().map(record -> record.text()).toList();
    }

    @Override
    public void close() {
        kernel.close();
        machine.close();
    }
}
