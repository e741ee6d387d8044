package dmakit.kernel.chardev;

import dmakit.kernel.Calls;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Devices that share major number 10 and need no class of their own. */
public final class MiscDevices {
    /** A minor of the registry's choice. */
    public static final int DYNAMIC_MINOR = 255;

    private static final int MAJOR = 10;
    private static final int DYNAMIC_FIRST = 256;
    private static final int STATIC_DYNAMIC_TOP = 127;
    private static final int MODE = 0600;

    /** One registered device; {@link #deregister} takes it away. */
    public final class MiscDevice {
        private final String name;
        private final DeviceNumber number;
        private final CharDevices.Node node;
        private final @Nullable Device parent;

        private MiscDevice(
                String name, DeviceNumber number, CharDevices.Node node, @Nullable Device parent) {
            this.name = name;
            this.number = number;
            this.node = node;
            this.parent = parent;
        }

        /** The device's name. */
        public String name() {
            return name;
        }

        /** Its number; the minor is what the registry chose. */
        public DeviceNumber number() {
            return number;
        }

        /** Its file, {@code /dev/} and the name. */
        public String path() {
            return node.path();
        }

        /** Its file. */
        public CharDevices.Node node() {
            return node;
        }

        /** The device it belongs to, or null. */
        public @Nullable Device parent() {
            return parent;
        }

        /** Takes the device and its file away; files that are open stay usable. */
        @Linux(file = "drivers/char/misc.c", symbol = "misc_deregister")
        public void deregister() {
            calls.enter();
            if (calls.isTraced()) {
                calls.report("misc_deregister", "\"" + name + "\"");
            }
            if (devices.remove(number.minor(), this)) {
                observers.forEach(observer -> observer.removed(this));
                charDevices.dropNode(node);
                try (var _ = calls.internally()) {
                    charDevices.cdevDel(number);
                }
            }
        }
    }

    /** Hears of devices that come and go. */
    public interface Observer {
        /** A device is being registered. */
        void added(MiscDevice device);

        /** A device goes. */
        void removed(MiscDevice device);
    }

    private final Calls calls;
    private final CharDevices charDevices;
    private final Map<Integer, MiscDevice> devices = new TreeMap<>();
    private final List<Observer> observers = new ArrayList<>();

    /** Creates a registry without devices. */
    public MiscDevices(Calls calls, CharDevices charDevices) {
        this.calls = calls;
        this.charDevices = charDevices;
    }

    /** Tells somebody of every device from now on. */
    public void observe(Observer observer) {
        observers.add(observer);
    }

    /**
     * Registers a device and makes its file appear, with mode 0600.
     *
     * @param minor 0 to 254, or {@link #DYNAMIC_MINOR}
     * @throws KernelException as {@link #register(int, String, String, int, Device,
     *     FileOperations)}
     */
    public MiscDevice register(int minor, String name, FileOperations operations) {
        return register(minor, name, name, MODE, null, operations);
    }

    /**
     * Registers a device and makes its file appear.
     *
     * @param minor 0 to 254, or {@link #DYNAMIC_MINOR}
     * @param path of the file below {@code /dev}
     * @param mode permission bits of the file
     * @param parent what it belongs to, or null
     * @throws KernelException {@code EBUSY} when the minor is taken or none is free, {@code EEXIST}
     *     when there is a file or device of that name
     */
    @Linux(file = "drivers/char/misc.c", symbol = "misc_register")
    public MiscDevice register(
            int minor,
            String name,
            String path,
            int mode,
            @Nullable Device parent,
            FileOperations operations) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("misc_register", "\"" + name + "\"");
        }
        int chosen = minor == DYNAMIC_MINOR ? freeMinor() : minor;
        if (devices.containsKey(chosen)) {
            throw new KernelException(Errno.EBUSY, "misc minor %d is taken", chosen);
        }
        DeviceNumber number = new DeviceNumber(MAJOR, chosen);
        CharDevices.Node node = charDevices.addNode(path, number, mode);
        MiscDevice device = new MiscDevice(name, number, node, parent);
        boolean outer = calls.internal(true);
        try {
            observers.forEach(observer -> observer.added(device));
            charDevices.cdevAdd(number, 1, operations);
        } catch (KernelException e) {
            charDevices.dropNode(node);
            throw e;
        } finally {
            calls.internal(outer);
        }
        devices.put(chosen, device);
        return device;
    }

    /** {@code /proc/misc}. */
    public String procMisc() {
        StringBuilder text = new StringBuilder();
        devices.forEach((minor, device) -> text.append("%3d %s%n".formatted(minor, device.name())));
        return text.toString();
    }

    /** Dynamic minors go down from 127, then on above the 8-bit ones. */
    private int freeMinor() {
        for (int minor = STATIC_DYNAMIC_TOP; minor >= 0; minor--) {
            if (!devices.containsKey(minor)) {
                return minor;
            }
        }
        for (int minor = DYNAMIC_FIRST; minor <= DeviceNumber.MINOR_MAX; minor++) {
            if (!devices.containsKey(minor)) {
                return minor;
            }
        }
        throw new KernelException(Errno.EBUSY, "no free misc minor");
    }
}
