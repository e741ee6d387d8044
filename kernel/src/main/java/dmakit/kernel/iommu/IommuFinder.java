package dmakit.kernel.iommu;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.DeviceTreeException;
import dmakit.devicetree.Node;
import dmakit.devicetree.PhandleArgs;
import dmakit.devicetree.dma.IommuBinding;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.log.Level;
import dmakit.kernel.log.Log;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which IOMMU a device is behind, by the device tree, and whether it is there. */
@Linux(file = "drivers/iommu/of_iommu.c", symbol = "of_iommu_configure")
final class IommuFinder {
    private static final String PCI = "pci";

    private final DeviceTree tree;
    private final Log log;
    private final List<IommuDriver> drivers = new ArrayList<>();
    private final List<Node> without = new ArrayList<>();
    private boolean settled;

    IommuFinder(DeviceTree tree, Log log) {
        this.tree = tree;
        this.log = log;
    }

    void add(IommuDriver driver) {
        drivers.add(driver);
    }

    void remove(IommuDriver driver) {
        drivers.remove(driver);
    }

    /** Devices do without an IOMMU. */
    void leaveOff(Node iommu) {
        without.add(iommu);
    }

    /** Devices do without every IOMMU that has no driver now. */
    void settle() {
        settled = true;
    }

    /**
     * One id of a device, and whose it is.
     *
     * @param id as for {@link IommuDriver#probe}
     */
    record Stream(Node iommu, List<Integer> id) {
        int[] cells() {
            return id.stream().mapToInt(Integer::intValue).toArray();
        }
    }

    static boolean isPci(Device device) {
        return device.subsystem().equals(PCI);
    }

    /** The ids of a device; none when it is behind no IOMMU. */
    List<Stream> streamsOf(Device device, Node node) {
        IommuBinding binding;
        try {
            binding = IommuBinding.of(tree, node);
        } catch (DeviceTreeException e) {
            int error = -Errno.EINVAL.number();
            log.dev(Level.DEBUG, device, "Adding to IOMMU failed: %d", error);
            log.err("OF: %s", String.valueOf(e.getMessage()));
            return List.of();
        }
        return isPci(device) ? ofRequester(device, binding) : ofEntries(binding);
    }

    @Linux(file = "drivers/of/base.c", symbol = "of_map_id")
    private static List<Stream> ofRequester(Device device, IommuBinding binding) {
        int requester = device.dma().requesterId() & binding.mapMask();
        for (IommuBinding.Range range : binding.ranges()) {
            int offset = requester - range.ridBase();
            if (offset >= 0 && offset < range.length()) {
                return List.of(new Stream(range.iommu(), List.of(offset + range.streamBase())));
            }
        }
        return List.of();
    }

    private static List<Stream> ofEntries(IommuBinding binding) {
        List<Stream> streams = new ArrayList<>();
        for (PhandleArgs args : binding.streams()) {
            streams.add(new Stream(args.node(), args.args()));
        }
        return streams;
    }

    /**
     * The driver of the IOMMU that all ids are of.
     *
     * @return null when the device does without
     * @throws KernelException EPROBE_DEFER while it is not there
     */
    @Nullable IommuDriver driverOf(Device device, List<Stream> streams) {
        IommuDriver driver = null;
        for (Stream stream : streams) {
            IommuDriver found = driverOf(device, stream.iommu());
            if (found == null) {
                return null;
            }
            if (driver != null && !found.equals(driver)) {
                log.devErr(device, "ids of two IOMMUs: it does without");
                return null;
            }
            driver = found;
        }
        return driver;
    }

    private @Nullable IommuDriver driverOf(Device device, Node iommu) {
        for (IommuDriver driver : drivers) {
            if (iommu.equals(driver.device().ofNode())) {
                return driver;
            }
        }
        if (!iommu.isAvailable() || without.contains(iommu)) {
            return null;
        }
        if (settled) {
            log.devWarn(device, "ignoring dependency for device, assuming no driver");
            return null;
        }
        throw new KernelException(
                Errno.EPROBE_DEFER, "%s waits for its IOMMU %s", device.name(), iommu.path());
    }
}
