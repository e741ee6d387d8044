package dmakit.kernel.boot;

import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.fs.Attribute;
import dmakit.kernel.fs.Directory;
import dmakit.kernel.fs.Sysfs;
import dmakit.kernel.iommu.IommuGroup;
import dmakit.kernel.iommu.Iommus;
import dmakit.kernel.iommu.ReservedRegion;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** What {@code /sys/kernel/iommu_groups} shows of each group, and the links between both. */
@Linux(file = "drivers/iommu/iommu.c", symbol = "iommu_group_alloc")
final class IommuFiles implements Iommus.Observer {
    private static final int READABLE = 0444;
    private static final int WRITABLE = 0644;
    private static final String LINK = "iommu_group";

    private final Iommus iommus;
    private final Sysfs sysfs;
    private final Directory all;
    private final Map<IommuGroup, Directory> shown = new LinkedHashMap<>();

    /**
     * Shows groups from now on.
     *
     * @param sys {@code /sys}
     */
    IommuFiles(Iommus iommus, Sysfs sysfs, Directory sys) {
        this.iommus = iommus;
        this.sysfs = sysfs;
        all = sys.directory("kernel").directory("iommu_groups");
    }

    @Override
    public void joined(IommuGroup group, Device device) {
        Directory directory = shown.computeIfAbsent(group, this::show);
        sysfs.find(device)
                .ifPresent(own -> {
                    directory.directory("devices").makeLink(device.name(), own);
                    own.makeLink(LINK, directory);
                });
    }

    @Override
    public void left(IommuGroup group, Device device) {
        sysfs.find(device).ifPresent(own -> own.find(LINK).ifPresent(own::remove));
        Directory directory = shown.get(group);
        if (directory == null) {
            return;
        }
        Directory devices = directory.directory("devices");
        devices.find(device.name()).ifPresent(devices::remove);
        if (group.devices().isEmpty()) {
            all.remove(directory);
            shown.remove(group);
        }
    }

    private Directory show(IommuGroup group) {
        Directory directory = all.makeDirectory(Integer.toString(group.id()));
        directory.makeDirectory("devices");
        directory.makeAttribute("type", WRITABLE, new Type(iommus, group));
        text(directory, "reserved_regions", () -> reservedRegions(group));
        group.onNamed(() -> {
            if (directory.find("name").isEmpty()) {
                text(directory, "name", () -> group.name() + "\n");
            }
        });
        return directory;
    }

    @Linux(file = "drivers/iommu/iommu.c", symbol = "iommu_group_show_resv_regions")
    private static String reservedRegions(IommuGroup group) {
        StringBuilder text = new StringBuilder();
        for (ReservedRegion region : group.reservedRegions()) {
            text.append(region).append('\n');
        }
        return text.toString();
    }

    private static void text(Directory directory, String name, Supplier<String> contents) {
        directory.makeText(name, READABLE, contents);
    }

    /** The type of a group's default domain. */
    @Linux(file = "drivers/iommu/iommu.c", symbol = "iommu_group_store_type")
    private record Type(Iommus iommus, IommuGroup group) implements Attribute {
        @Override
        public byte[] show() {
            String text = group.defaultDomain().type().text() + "\n";
            return text.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public long store(byte[] value) {
            iommus.changeType(group, new String(value, StandardCharsets.UTF_8).strip());
            return value.length;
        }
    }
}
