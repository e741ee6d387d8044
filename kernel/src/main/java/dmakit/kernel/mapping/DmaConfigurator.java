package dmakit.kernel.mapping;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.devicetree.Property;
import dmakit.devicetree.address.AddressRange;
import dmakit.devicetree.dma.Coherence;
import dmakit.devicetree.dma.DmaReach;
import dmakit.devicetree.dma.DmaWindow;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.DmaHook;
import dmakit.kernel.device.DmaParameters;
import dmakit.kernel.device.DmaRangeMap;
import dmakit.kernel.dma.DmaOps;
import dmakit.kernel.iommu.Iommus;
import dmakit.kernel.log.Log;
import dmakit.kernel.reserved.ReservedMemory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sets a device up for DMA from the device tree: masks, limit of its bus, translation, coherence.
 *
 * <p>It runs before every probe. Masks only shrink here; a driver may widen them later, the limit
 * of the bus stays.
 */
public final class DmaConfigurator implements DmaHook {
    private static final String PCI = "pci";

    private final DeviceTree tree;
    private final Log log;
    private final DmaMapping mapping;
    private final @Nullable Iommus iommus;
    private final @Nullable ReservedMemory regions;

    /** Creates the hook for devices of one tree whose IOMMUs are not used. */
    public DmaConfigurator(DeviceTree tree, Log log, DmaMapping mapping) {
        this(tree, log, mapping, null, null);
    }

    /** Creates the hook for devices of one tree. */
    public DmaConfigurator(
            DeviceTree tree,
            Log log,
            DmaMapping mapping,
            @Nullable Iommus iommus,
            @Nullable ReservedMemory regions) {
        this.tree = tree;
        this.log = log;
        this.mapping = mapping;
        this.iommus = iommus;
        this.regions = regions;
    }

    /**
     * The highest CPU address that every bus master of a tree reaches, for the size of the DMA
     * zone; -1 when nothing restricts them.
     */
    @Linux(file = "drivers/of/address.c", symbol = "of_dma_get_max_cpu_address")
    public static long reachOfAllDevices(DeviceTree tree) {
        return reachBelow(tree, tree.root());
    }

    private static long reachBelow(DeviceTree tree, Node node) {
        long reach = -1;
        Property ranges = node.property("dma-ranges").orElse(null);
        if (ranges != null && !ranges.isEmpty()) {
            // The rules for the functions of a host bridge: the node's own ranges count.
            long highest = 0;
            List<DmaWindow> windows = DmaReach.ofPciFunctions(tree, node).windows();
            for (DmaWindow window : windows) {
                highest = max(highest, window.cpuStart() + window.size() - 1);
            }
            reach = windows.isEmpty() ? reach : highest;
        }
        for (Node child : node.children()) {
            if (child.isAvailable()) {
                reach = min(reach, reachBelow(tree, child));
            }
        }
        return reach;
    }

    @Override
    @Linux(file = "drivers/of/device.c", symbol = "of_dma_configure_id")
    public void configure(Device device) {
        DmaParameters dma = device.dma();
        Node bridge = hostBridgeOf(device);
        Node node = bridge == null ? device.ofNode() : bridge;
        if (node == null) {
            dma.coherent(Coherence.of(tree, tree.root()) == Coherence.COHERENT);
            return;
        }
        configure(device, node, bridge != null);
    }

    @Override
    @Linux(file = "drivers/of/device.c", symbol = "of_dma_configure_id")
    public void configure(Device device, Node node) {
        configure(device, node, false);
    }

    private void configure(Device device, Node node, boolean isHostBridge) {
        DmaParameters dma = device.dma();
        DmaRangeMap map =
                rangeMap(
                        node,
                        isHostBridge
                                ? DmaReach.ofPciFunctions(tree, node)
                                : DmaReach.ofDevice(tree, node));
        long end = map == null ? orFourGigabytes(dma.coherentDmaMask()) : lastOf(map);
        if (dma.dmaMask() == 0) {
            log.devWarn(device, "DMA mask not set");
            dma.dmaMask(dma.coherentDmaMask());
        }
        long reachable = -1L >>> Long.numberOfLeadingZeros(end);
        dma.coherentDmaMask(dma.coherentDmaMask() & reachable);
        dma.dmaMask(dma.dmaMask() & reachable);
        if (map != null) {
            dma.busDmaLimit(end);
            dma.rangeMap(map);
        }
        dma.coherent(
                switch (Coherence.of(tree, node)) {
                    case COHERENT -> true;
                    case NONCOHERENT, UNSTATED -> false;
                });
        if (!bind(device, node) && regions != null) {
            regions.attachRestricted(device, node);
        }
    }

    /**
     * Lets a device that is behind an IOMMU use the mapping API through it.
     *
     * @return whether it is
     */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_setup_dma_ops")
    private boolean bind(Device device, Node node) {
        if (iommus == null) {
            return false;
        }
        DmaOps ops;
        try {
            ops = iommus.configure(device, node);
        } catch (KernelException e) {
            if (e.errno() == Errno.EPROBE_DEFER) {
                device.dma().rangeMap(null);
            }
            throw e;
        }
        if (ops == null) {
            mapping.bindDirectly(device);
        } else {
            mapping.bind(device, ops);
        }
        return ops != null;
    }

    @Override
    public void driverLeft(Device device) {
        mapping.driverLeft(device);
    }

    /**
     * Forgets the translation, unless somebody holds something that only it can give back.
     *
     * @throws OwnershipViolation in strict mode, when the device still holds memory
     */
    @Override
    public void release(Device device) {
        try {
            mapping.checkGivenBack(device);
        } finally {
            if (mapping.unbind(device)) {
                device.dma().rangeMap(null);
            }
            if (iommus != null) {
                iommus.unuse(device);
            }
        }
    }

    /** The node of the host bridge that a PCI function is behind, or null for other devices. */
    @Linux(file = "drivers/pci/pci-driver.c", symbol = "pci_dma_configure")
    private static @Nullable Node hostBridgeOf(Device device) {
        if (!device.subsystem().equals(PCI)) {
            return null;
        }
        for (Device up = device.parent(); up != null; up = up.parent()) {
            if (up.ofNode() != null) {
                return up.ofNode();
            }
        }
        return null;
    }

    /** The windows of a device, or null where it sees memory as the CPU does. */
    @Linux(file = "drivers/of/address.c", symbol = "of_dma_get_range")
    private @Nullable DmaRangeMap rangeMap(Node node, DmaReach reach) {
        for (AddressRange range : reach.unreachable()) {
            log.err(
                    "OF: translation of DMA address(%x) to CPU address failed node(%s)",
                    range.start(), reach.source().map(Node::path).orElse(""));
        }
        List<DmaRangeMap.Range> ranges = new ArrayList<>();
        for (DmaWindow window : reach.windows()) {
            if (window.size() != 0) {
                ranges.add(
                        new DmaRangeMap.Range(window.cpuStart(), window.busStart(), window.size()));
            }
        }
        if (ranges.size() > DmaRangeMap.RANGE_COUNT_MAX) {
            log.err(
                    "OF: %d DMA ranges for %s, limit is %d: ignored",
                    ranges.size(), node.path(), DmaRangeMap.RANGE_COUNT_MAX);
            return null;
        }
        return ranges.isEmpty() ? null : new DmaRangeMap(ranges);
    }

    private static long lastOf(DmaRangeMap map) {
        long last = 0;
        for (DmaRangeMap.Range range : map.ranges()) {
            last = max(last, range.dmaStart() + range.size() - 1);
        }
        return last;
    }

    private static long orFourGigabytes(long mask) {
        return mask == 0 ? DmaParameters.MASK_32 : mask;
    }

    private static long max(long a, long b) {
        return Long.compareUnsigned(a, b) > 0 ? a : b;
    }

    private static long min(long a, long b) {
        return Long.compareUnsigned(a, b) < 0 ? a : b;
    }
}
