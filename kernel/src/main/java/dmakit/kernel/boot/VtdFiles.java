package dmakit.kernel.boot;

import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.drivers.vtd.UnitInfo;
import dmakit.kernel.fs.DeviceClasses;
import dmakit.kernel.fs.DeviceClasses.DeviceClass;
import dmakit.kernel.fs.Directory;
import dmakit.kernel.fs.Sysfs;
import java.util.LinkedHashMap;
import java.util.Map;

/** What {@code /sys/class/iommu/dmarN} shows of units of VT-d. */
@Linux(file = "drivers/iommu/iommu-sysfs.c", symbol = "iommu_device_sysfs_add")
final class VtdFiles implements UnitInfo.Observer {
    private static final String CLASS = "iommu";
    private static final int READABLE = 0444;

    private final DeviceClasses classes;
    private final Sysfs sysfs;
    private final Map<String, Device> shown = new LinkedHashMap<>();

    VtdFiles(DeviceClasses classes, Sysfs sysfs) {
        this.classes = classes;
        this.sysfs = sysfs;
    }

    @Override
    @Linux(file = "drivers/iommu/intel/iommu.c", symbol = "intel_iommu_groups")
    public void started(UnitInfo unit) {
        DeviceClass all = classes.find(CLASS).orElseGet(() -> classes.create(CLASS));
        Device device = classes.add(all, null, unit.name(), null);
        shown.put(unit.name(), device);
        Directory directory = sysfs.directory(device).makeDirectory("intel-iommu");
        directory.makeLine("version", READABLE, unit::version);
        directory.makeLine("address", READABLE, () -> Long.toHexString(unit.address()));
        directory.makeLine("cap", READABLE, () -> Long.toHexString(unit.capabilities()));
        directory.makeLine("ecap", READABLE, () -> Long.toHexString(unit.extendedCapabilities()));
        directory.makeLine(
                "domains_supported", READABLE, () -> Integer.toString(unit.domainsSupported()));
        directory.makeLine(
                "domains_used", READABLE, () -> Integer.toString(unit.domainsUsed().getAsInt()));
    }

    @Override
    public void stopped(UnitInfo unit) {
        Device device = shown.remove(unit.name());
        if (device != null) {
            classes.remove(device);
        }
    }
}
