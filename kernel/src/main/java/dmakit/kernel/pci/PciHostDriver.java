package dmakit.kernel.pci;

import dmakit.devicetree.Node;
import dmakit.devicetree.Property;
import dmakit.devicetree.address.AddressRange;
import dmakit.devicetree.address.BusLayout;
import dmakit.devicetree.address.BusLayout.BusAddress;
import dmakit.devicetree.address.Translation;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** The driver of host bridges whose configuration space is a block of memory. */
@Linux(file = "drivers/pci/controller/pci-host-generic.c", symbol = "gen_pci_driver")
public final class PciHostDriver implements PlatformDriver {
    /** What such a bridge is called in a device tree. */
    public static final String COMPATIBLE = "pci-host-ecam-generic";

    private static final int SPACE_SHIFT = 24;
    private static final int SPACE_MASK = 3;
    private static final int SPACE_MEMORY_32 = 2;
    private static final int PREFETCHABLE = 0x4000_0000;

    private final PciBus bus;

    /** Creates the driver, to be registered with the platform bus. */
    public PciHostDriver(PciBus bus) {
        this.bus = bus;
    }

    @Override
    public String name() {
        return "pci-host-generic";
    }

    @Override
    public List<OfMatch> ofMatch() {
        return List.of(new OfMatch(COMPATIBLE));
    }

    @Override
    @Linux(file = "drivers/pci/controller/pci-host-common.c", symbol = "pci_host_common_probe")
    public void probe(PlatformDevice platform) {
        Device device = platform.device();
        Node node = device.ofNode();
        if (node == null) {
            throw new KernelException(Errno.EINVAL, "%s has no node", device.name());
        }
        bus.log().devInfo(device, "host bridge %s ranges:", node.path());
        List<PciWindow> windows = windowsOf(node);
        for (PciWindow window : windows) {
            bus.log()
                    .devInfo(
                            device,
                            "%8s 0x%010x..0x%010x -> 0x%010x",
                            "MEM",
                            window.cpuStart(),
                            window.cpuStart() + window.size() - 1,
                            window.pciStart());
        }
        AddressRange config = platform.memory(0);
        bus.resources().request(config.start(), config.size(), "PCI ECAM");
        device.devres().add("ECAM", () -> bus.resources().release(config.start(), config.size()));
        long va = bus.io().ioremap(config.start(), config.size());
        device.devres().add("ioremap", () -> bus.io().iounmap(va));
        bus.log()
                .devInfo(
                        device,
                        "ECAM at [mem 0x%08x-0x%08x] for [bus 00]",
                        config.start(),
                        config.start() + config.size() - 1);
        bus.addHost(device, node, va, windows);
    }

    /** The windows for memory in {@code ranges}; those for I/O are left out. */
    @Linux(file = "drivers/pci/of.c", symbol = "devm_of_pci_get_host_bridge_resources")
    private static List<PciWindow> windowsOf(Node node) {
        Property ranges = node.property("ranges").orElse(null);
        Node parent = node.parent().orElse(null);
        List<PciWindow> windows = new ArrayList<>();
        if (ranges == null || parent == null) {
            return windows;
        }
        BusLayout layout = BusLayout.of(node);
        int sizeAt = layout.addressCells() + BusLayout.of(parent).addressCells();
        int tuple = sizeAt + layout.sizeCells();
        for (int at = 0; at + tuple <= ranges.listCellCount(); at += tuple) {
            BusAddress pci = layout.address(ranges, at);
            OptionalLong cpu = Translation.CPU.toCpu(node, pci);
            long size = ranges.number(at + sizeAt, layout.sizeCells());
            int space = (pci.flags() >>> SPACE_SHIFT) & SPACE_MASK;
            if (space >= SPACE_MEMORY_32 && cpu.isPresent() && size > 0) {
                boolean prefetchable = (pci.flags() & PREFETCHABLE) != 0;
                windows.add(new PciWindow(cpu.getAsLong(), pci.value(), size, prefetchable));
            }
        }
        return windows;
    }

    @Override
    @Linux(file = "drivers/pci/controller/pci-host-common.c", symbol = "pci_host_common_remove")
    public void remove(PlatformDevice platform) {
        bus.removeHost(platform.device());
    }
}
