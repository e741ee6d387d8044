package dmakit.kernel.boot;

import dmakit.datasheet.pci.PciHeaderRegister;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.Devices;
import dmakit.kernel.fs.Directory;
import dmakit.kernel.fs.Sysfs;
import dmakit.kernel.pci.PciBus;
import dmakit.kernel.pci.PciDevice;
import dmakit.kernel.pci.PciRegion;
import java.util.Locale;

/** What {@code /sys/bus/pci/devices/*} shows of each function. */
@Linux(file = "drivers/pci/pci-sysfs.c", symbol = "pci_dev_attrs")
final class PciFiles implements Devices.Observer {
    private static final int READABLE = 0444;

    /** Lines of {@code resource}: base addresses, the ROM, and those of bridges. */
    private static final int RESOURCE_COUNT = 13;

    private final PciBus bus;
    private final Sysfs sysfs;

    PciFiles(PciBus bus, Sysfs sysfs) {
        this.bus = bus;
        this.sysfs = sysfs;
    }

    @Override
    public void added(Device device) {
        if (device.subsystem().equals(PciBus.NAME)) {
            bus.device(device).ifPresent(function -> show(function, sysfs.directory(device)));
        }
    }

    private static void show(PciDevice function, Directory directory) {
        directory.makeLine("vendor", READABLE, () -> format("0x%04x", function.vendor()));
        directory.makeLine("device", READABLE, () -> format("0x%04x", function.deviceId()));
        directory.makeLine(
                "subsystem_vendor", READABLE, () -> format("0x%04x", function.subsystemVendor()));
        directory.makeLine(
                "subsystem_device", READABLE, () -> format("0x%04x", function.subsystemId()));
        directory.makeLine("class", READABLE, () -> format("0x%06x", function.classCode()));
        directory.makeLine("revision", READABLE, () -> format("0x%02x", function.revision()));
        directory.makeLine("irq", READABLE, () -> format("%d", function.interrupts().irq()));
        directory.makeLine("enable", READABLE, () -> format("%d", function.isEnabled() ? 1 : 0));
        directory.makeLine("resource", READABLE, () -> resources(function));
    }

    @Linux(file = "drivers/pci/pci-sysfs.c", symbol = "resource_show")
    private static String resources(PciDevice function) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < RESOURCE_COUNT; i++) {
            PciRegion region =
                    i < PciHeaderRegister.BAR_COUNT ? function.region(i).orElse(null) : null;
            text.append(
                    format(
                            "0x%016x 0x%016x 0x%016x\n",
                            region == null ? 0 : region.start().orElse(0),
                            region == null ? 0 : region.last(),
                            region == null ? 0 : Integer.toUnsignedLong(region.flags())));
        }
        return text.toString().strip();
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
