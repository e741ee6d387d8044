package dmakit.kernel.fs;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.chardev.CharDevices;
import dmakit.kernel.chardev.DeviceNumber;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.Devices;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Classes of devices, and the devices in them: what makes files under {@code /dev} appear by
 * themselves.
 */
public final class DeviceClasses {
    private static final String CLASS = "drivers/base/class.c";
    private static final String CORE = "drivers/base/core.c";

    /** One class, until {@link #destroy(DeviceClass)}. */
    public final class DeviceClass {
        private final String name;

        private DeviceClass(String name) {
            this.name = name;
        }

        /** The class's name. */
        public String name() {
            return name;
        }

        /** Its directory, {@code /sys/class/} and the name. */
        public Directory directory() {
            return files.sys().directory("class").directory(name);
        }
    }

    /**
     * The file a class device has under {@code /dev}.
     *
     * @param number of the device
     * @param path below {@code /dev}
     * @param mode permission bits
     */
    public record DeviceFile(DeviceNumber number, String path, int mode) {}

    private record Member(DeviceClass ofClass, CharDevices.@Nullable Node node) {}

    private final FileSystem files;
    private final Sysfs sysfs;
    private final Devices devices;
    private final CharDevices charDevices;
    private final Map<String, DeviceClass> classes = new TreeMap<>();
    private final Map<Device, Member> members = new LinkedHashMap<>();

    /** Starts without classes. */
    public DeviceClasses(FileSystem files, Sysfs sysfs, Devices devices, CharDevices charDevices) {
        this.files = files;
        this.sysfs = sysfs;
        this.devices = devices;
        this.charDevices = charDevices;
    }

    /**
     * Makes a class.
     *
     * @throws KernelException {@code EEXIST} when there is such a class, {@code EINVAL} for a name
     *     that no directory can have
     */
    @Linux(file = CLASS, symbol = "class_create")
    public DeviceClass create(String name) {
        sysfs.addClass(name);
        DeviceClass made = new DeviceClass(name);
        classes.put(name, made);
        return made;
    }

    /** The class of a name. */
    public Optional<DeviceClass> find(String name) {
        return Optional.ofNullable(classes.get(name));
    }

    /** Takes a class away. Its devices lose their links in it, and stay. */
    @Linux(file = CLASS, symbol = "class_destroy")
    public void destroy(DeviceClass gone) {
        if (classes.remove(gone.name(), gone)) {
            sysfs.removeClass(gone.name());
        }
    }

    /**
     * Makes a device of a class.
     *
     * @param name a {@code /} in it becomes {@code !}
     * @param parent what it hangs on, or null
     * @param file what appears under {@code /dev}, or null for nothing
     * @throws KernelException {@code EEXIST} when the name or the file is there, {@code EINVAL} for
     *     a name that no file can have
     */
    @Linux(file = CORE, symbol = "device_create")
    public Device add(
            DeviceClass ofClass, @Nullable Device parent, String name, @Nullable DeviceFile file) {
        Device device = new Device(name.replace('/', '!'), ofClass.name(), parent, null);
        add(ofClass, device, file);
        return device;
    }

    /** As above, for a device that its driver made itself. */
    @Linux(file = CORE, symbol = "device_register")
    public void add(DeviceClass ofClass, Device device, @Nullable DeviceFile file) {
        devices.add(device);
        CharDevices.Node node = null;
        try {
            if (file != null) {
                node = charDevices.addNode(file.path(), file.number(), file.mode());
                sysfs.deviceFile(device, file.number(), file.path(), file.mode());
            }
        } catch (KernelException e) {
            devices.remove(device);
            throw e;
        }
        members.put(device, new Member(ofClass, node));
    }

    /**
     * Takes a device away, with its file.
     *
     * @throws KernelException {@code ENODEV} when it is not there
     */
    @Linux(file = CORE, symbol = "device_unregister")
    public void remove(Device device) {
        Member member = members.remove(device);
        if (member == null) {
            throw new KernelException(Errno.ENODEV, "%s is no device of a class", device.name());
        }
        CharDevices.Node node = member.node();
        if (node != null) {
            charDevices.dropNode(node);
        }
        devices.remove(device);
    }

    /** The device of a class that has a number. */
    @Linux(file = CLASS, symbol = "class_find_device_by_devt")
    public Optional<Device> find(DeviceClass ofClass, DeviceNumber number) {
        for (Map.Entry<Device, Member> entry : members.entrySet()) {
            CharDevices.Node node = entry.getValue().node();
            if (entry.getValue().ofClass().equals(ofClass)
                    && node != null
                    && node.number().equals(number)) {
                return Optional.of(entry.getKey());
            }
        }
        return Optional.empty();
    }

    /** Whether a device is of a class. */
    public boolean contains(Device device) {
        return members.containsKey(device);
    }

    /** The devices of a class, in the order in which they were added. */
    public List<Device> devices(DeviceClass ofClass) {
        return members.entrySet().stream()
                .filter(entry -> entry.getValue().ofClass().equals(ofClass))
                .map(Map.Entry::getKey)
                .toList();
    }
}
