package dmakit.kernel.fs;

import dmakit.devicetree.Node;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.chardev.DeviceNumber;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.Devices;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What {@code /sys} shows of devices, drivers, buses and classes. */
@Linux(file = "drivers/base/core.c", symbol = "device_add")
public final class Sysfs implements Devices.Observer {
    private static final int READABLE = 0444;
    private static final int UEVENT_MODE = 0644;

    private record Shown(Directory directory, Directory bySubsystem) {}

    /** The file of a device under {@code /dev}. */
    private record DeviceFile(DeviceNumber number, String name, int mode) {}

    private final FileSystem files;
    private final Map<Device, Shown> shown = new LinkedHashMap<>();
    private final Map<Device, DeviceFile> deviceFiles = new LinkedHashMap<>();
    private final TreeSet<String> classes = new TreeSet<>();

    /** Shows nothing yet but the directories of buses every system has. */
    public Sysfs(FileSystem files) {
        this.files = files;
        files.sys().directory("devices").directory("platform");
        files.sys().directory("devices").directory("virtual");
        files.sys().directory("dev").directory("char");
        bus("platform");
    }

    // Classes and buses.

    /**
     * Makes the directory of a class.
     *
     * @throws KernelException {@code EEXIST} when there is such a class
     */
    @Linux(file = "drivers/base/class.c", symbol = "class_register")
    public Directory addClass(String name) {
        Directory made = files.sys().directory("class").makeDirectory(name);
        classes.add(name);
        return made;
    }

    /** Takes the directory of a class away. */
    @Linux(file = "drivers/base/class.c", symbol = "class_unregister")
    public void removeClass(String name) {
        if (classes.remove(name)) {
            Directory all = files.sys().directory("class");
            all.find(name).ifPresent(all::remove);
        }
    }

    /** The directory of a bus, made where it is not there. */
    @Linux(file = "drivers/base/bus.c", symbol = "bus_register")
    public Directory bus(String name) {
        Directory bus = files.sys().directory("bus").directory(name);
        bus.directory("devices");
        bus.directory("drivers");
        return bus;
    }

    // Devices.

    /**
     * The directory of a device.
     *
     * @throws KernelException {@code ENOENT} when the device was not added, or is gone
     */
    public Directory directory(Device device) {
        return find(device)
                .orElseThrow(() ->
                        new KernelException(Errno.ENOENT, "device %s is not added", device.name()));
    }

    /** The directory of a device, if it is added. */
    public Optional<Directory> find(Device device) {
        return Optional.ofNullable(shown.get(device)).map(Shown::directory);
    }

    /**
     * Says, before or after it is added, which file under {@code /dev} means a device.
     *
     * @param name of the file below {@code /dev}
     * @param mode its permission bits
     */
    public void deviceFile(Device device, DeviceNumber number, String name, int mode) {
        deviceFiles.put(device, new DeviceFile(number, name, mode));
        find(device).ifPresent(directory -> showNumber(device, directory));
    }

    @Override
    public void added(Device device) {
        Directory directory = place(device).makeDirectory(device.name());
        Directory bySubsystem = directory;
        directory.makeAttribute("uevent", UEVENT_MODE, text(() -> uevent(device)));
        String subsystem = device.subsystem();
        if (!subsystem.isEmpty()) {
            Directory above = subsystemDirectory(subsystem);
            directory.makeLink("subsystem", above);
            bySubsystem = classes.contains(subsystem) ? above : above.directory("devices");
            if (bySubsystem.find(device.name()).isEmpty()) {
                bySubsystem.makeLink(device.name(), directory);
            }
        }
        shown.put(device, new Shown(directory, bySubsystem));
        Device parent = device.parent();
        if (classes.contains(subsystem) && parent != null && shown.containsKey(parent)) {
            directory.makeLink("device", directory(parent));
        }
        if (deviceFiles.containsKey(device)) {
            showNumber(device, directory);
        }
    }

    private Directory subsystemDirectory(String subsystem) {
        return classes.contains(subsystem)
                ? files.sys().directory("class").directory(subsystem)
                : bus(subsystem);
    }

    /** Class devices lie in a directory of their class, between those of their parents. */
    @Linux(file = "drivers/base/core.c", symbol = "get_device_parent")
    private Directory place(Device device) {
        Directory all = files.sys().directory("devices");
        Device parent = device.parent();
        Directory above = parent == null ? null : find(parent).orElse(null);
        boolean ofClass = classes.contains(device.subsystem());
        if (parent == null || above == null) {
            return switch (device.subsystem()) {
                case "platform", "amba" -> all.directory("platform");
                default -> ofClass ? all.directory("virtual").directory(device.subsystem()) : all;
            };
        }
        return ofClass && !classes.contains(parent.subsystem())
                ? above.directory(device.subsystem())
                : above;
    }

    private void showNumber(Device device, Directory directory) {
        DeviceFile file = deviceFiles.get(device);
        if (file != null && directory.find("dev").isEmpty()) {
            directory.makeAttribute("dev", READABLE, text(() -> file.number() + "\n"));
            Directory numbers = files.sys().directory("dev").directory("char");
            if (numbers.find(file.number().toString()).isEmpty()) {
                numbers.makeLink(file.number().toString(), directory);
            }
        }
    }

    @Override
    public void removed(Device device) {
        Shown gone = shown.remove(device);
        DeviceFile file = deviceFiles.remove(device);
        if (gone == null) {
            return;
        }
        if (!gone.bySubsystem().equals(gone.directory())) {
            removeFrom(gone.bySubsystem(), device.name());
        }
        if (file != null) {
            removeFrom(files.sys().directory("dev").directory("char"), file.number().toString());
        }
        Directory parent = gone.directory().parent();
        if (parent != null) {
            parent.remove(gone.directory());
            removeClassDirectory(parent, device.subsystem());
        }
    }

    /** The directory between a parent and its devices of one class goes with the last of them. */
    private void removeClassDirectory(Directory directory, String subsystem) {
        Directory above = directory.parent();
        if (above != null
                && directory.isEmpty()
                && directory.name().equals(subsystem)
                && classes.contains(subsystem)) {
            above.remove(directory);
        }
    }

    private static void removeFrom(Directory directory, String name) {
        directory.find(name).ifPresent(directory::remove);
    }

    // Drivers.

    @Override
    public void driverAdded(String bus, String driver) {
        Directory directory = bus(bus).directory("drivers").directory(driver);
        if (directory.find("uevent").isEmpty()) {
            directory.makeText("uevent", UEVENT_MODE, () -> "");
        }
    }

    @Override
    public void driverRemoved(String bus, String driver) {
        removeFrom(bus(bus).directory("drivers"), driver);
    }

    /**
     * The directory of a driver.
     *
     * @throws KernelException {@code ENOENT} when it is not registered
     */
    public Directory driver(String bus, String driver) {
        if (bus(bus).directory("drivers").find(driver).orElse(null) instanceof Directory found) {
            return found;
        }
        throw new KernelException(Errno.ENOENT, "driver %s is not registered", driver);
    }

    @Override
    public void bound(Device device, String driver) {
        Directory directory = find(device).orElse(null);
        Directory drivers = bus(device.subsystem()).directory("drivers");
        if (directory != null && drivers.find(driver).orElse(null) instanceof Directory by) {
            removeFrom(directory, "driver");
            directory.makeLink("driver", by);
            if (by.find(device.name()).isEmpty()) {
                by.makeLink(device.name(), directory);
            }
        }
    }

    @Override
    public void unbound(Device device, String driver) {
        find(device).ifPresent(directory -> removeFrom(directory, "driver"));
        Directory drivers = bus(device.subsystem()).directory("drivers");
        if (drivers.find(driver).orElse(null) instanceof Directory by) {
            removeFrom(by, device.name());
        }
    }

    // Texts.

    @Linux(file = "drivers/base/core.c", symbol = "dev_uevent")
    private String uevent(Device device) {
        StringBuilder text = new StringBuilder();
        DeviceFile file = deviceFiles.get(device);
        if (file != null) {
            line(text, "MAJOR", Integer.toString(file.number().major()));
            line(text, "MINOR", Integer.toString(file.number().minor()));
            line(text, "DEVNAME", file.name());
        }
        if (device.isBound()) {
            line(text, "DRIVER", device.driverName());
        }
        ofNode(text, device.ofNode());
        return text.toString();
    }

    @Linux(file = "drivers/of/device.c", symbol = "of_device_uevent")
    private static void ofNode(StringBuilder text, @Nullable Node node) {
        if (node == null) {
            return;
        }
        line(text, "OF_NAME", node.baseName());
        line(text, "OF_FULLNAME", node.path());
        List<String> compatible = node.compatible();
        for (int i = 0; i < compatible.size(); i++) {
            line(text, "OF_COMPATIBLE_" + i, compatible.get(i));
        }
        line(text, "OF_COMPATIBLE_N", Integer.toString(compatible.size()));
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(name).append('=').append(value).append('\n');
    }

    private static Attribute text(Supplier<String> contents) {
        return new Attribute() {
            @Override
            public byte[] show() {
                return contents.get().getBytes(StandardCharsets.UTF_8);
            }
        };
    }
}
