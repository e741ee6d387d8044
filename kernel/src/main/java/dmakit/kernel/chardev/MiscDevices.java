package dmakit.kernel.chardev;

import dmakit.kernel.Calls;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import java.util.Map;
import java.util.TreeMap;

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

        private MiscDevice(String name, DeviceNumber number, CharDevices.Node node) {
            this.name = name;
            this.number = number;
            this.node = node;
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

        /** Takes the device and its file away; files that are open stay usable. */
        @Linux(file = "drivers/char/misc.c", symbol = "misc_deregister")
        public void deregister() {
            calls.enter();
            if (calls.isTraced()) {
                calls.report("misc_deregister", "\"" + name + "\"");
            }
            if (devices.remove(number.minor(), this)) {
                charDevices.dropNode(node);
                boolean outer = calls.internal(true);
                try {
                    charDevices.cdevDel(number);
                } finally {
                    calls.internal(outer);
                }
            }
        }
    }

    private final Calls calls;
    private final CharDevices charDevices;
    private final Map<Integer, MiscDevice> devices = new TreeMap<>();

    /** Creates a registry without devices. */
    public MiscDevices(Calls calls, CharDevices charDevices) {
        this.calls = calls;
        this.charDevices = charDevices;
    }

    /**
     * Registers a device and makes its file appear.
     *
     * @param minor 0 to 254, or {@link #DYNAMIC_MINOR}
     * @throws KernelException {@code EBUSY} when the minor is taken or none is free, {@code EEXIST}
     *     when there is a file of that name
     */
    @Linux(file = "drivers/char/misc.c", symbol = "misc_register")
    public MiscDevice register(int minor, String name, FileOperations operations) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("misc_register", "\"" + name + "\"");
        }
        int chosen = minor == DYNAMIC_MINOR ? freeMinor() : minor;
        if (devices.containsKey(chosen)) {
            throw new KernelException(Errno.EBUSY, "misc minor %d is taken", chosen);
        }
        DeviceNumber number = new DeviceNumber(MAJOR, chosen);
        CharDevices.Node node = charDevices.addNode(name, number, MODE);
        MiscDevice device = new MiscDevice(name, number, node);
        boolean outer = calls.internal(true);
        try {
            charDevices.cdevAdd(number, 1, operations);
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
