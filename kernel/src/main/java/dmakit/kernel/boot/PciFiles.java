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
import java.util.function.Supplier;

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
        text(directory, "vendor", () -> format("0x%04x", function.vendor()));
        text(directory, "device", () -> format("0x%04x", function.deviceId()));
        text(directory, "subsystem_vendor", () -> format("0x%04x", function.subsystemVendor()));
        text(directory, "subsystem_device", () -> format("0x%04x", function.subsystemId()));
        text(directory, "class", () -> format("0x%06x", function.classCode()));
        text(directory, "revision", () -> format("0x%02x", function.revision()));
        text(directory, "irq", () -> format("%d", function.interrupts().irq()));
        text(directory, "enable", () -> format("%d", function.isEnabled() ? 1 : 0));
        text(directory, "resource", () -> resources(function));
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

    private static void text(Directory directory, String name, Supplier<String> contents) {
        directory.makeText(name, READABLE, () -> contents.get() + "\n");
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
