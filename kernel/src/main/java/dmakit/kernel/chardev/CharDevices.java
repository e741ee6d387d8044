package dmakit.kernel.chardev;

import dmakit.kernel.Calls;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Character devices by number, and their files under {@code /dev}.
 *
 * <p>Order of calls: a region of numbers, then {@link #cdevAdd}, then {@link #createNode}; undone
 * in reverse.
 */
public final class CharDevices implements Namespace {
    private static final int DYNAMIC_MAJOR_TOP = 254;
    private static final int DYNAMIC_MAJOR_BOTTOM = 234;
    private static final int EXTENDED_MAJOR_TOP = 511;
    private static final int EXTENDED_MAJOR_BOTTOM = 384;
    private static final int NAME_LENGTH_MAX = 255;

    private record Region(String name, DeviceNumber first, int count) {
        boolean overlaps(DeviceNumber other, int otherCount) {
            return first.major() == other.major()
                    && first.minor() < other.minor() + otherCount
                    && other.minor() < first.minor() + count;
        }
    }

    private record Cdev(DeviceNumber first, int count, FileOperations operations) {}

    /**
     * One file under {@code /dev}.
     *
     * @param path {@code /dev/} and the name
     * @param number of the device
     * @param mode permission bits
     */
    public record Node(String path, DeviceNumber number, int mode) {}

    /** Hears of files that come and go under {@code /dev}. */
    public interface Observer {
        /** A file is there. */
        void added(Node node);

        /** A file is not there any more. */
        void removed(Node node);
    }

    private final Calls calls;
    private final List<Region> regions = new ArrayList<>();
    private final NavigableMap<DeviceNumber, Cdev> cdevs = new TreeMap<>();
    private final NavigableMap<String, Node> nodes = new TreeMap<>();
    private final Map<String, Integer> openCounts = new TreeMap<>();
    private final List<Observer> observers = new ArrayList<>();

    /** Creates a registry without devices. */
    public CharDevices(Calls calls) {
        this.calls = calls;
    }

    /**
     * Reserves numbers with a free major, from minor 0 on.
     *
     * @param count at least 1
     * @return the first number
     * @throws KernelException {@code EBUSY} when no major is free
     */
    public DeviceNumber allocRegion(String name, int count) {
        return allocRegion(name, 0, count);
    }

    /**
     * Reserves numbers with a free major.
     *
     * @param firstMinor from which on
     * @param count minors, at least 1
     * @return the first number
     * @throws KernelException {@code EBUSY} when no major is free, {@code EINVAL} for minors that
     *     do not exist
     */
    @Linux(file = "fs/char_dev.c", symbol = "alloc_chrdev_region")
    public DeviceNumber allocRegion(String name, int firstMinor, int count) {
        enter("alloc_chrdev_region", name, count);
        for (int major = DYNAMIC_MAJOR_TOP; major >= DYNAMIC_MAJOR_BOTTOM; major--) {
            if (isFree(major)) {
                return addRegion(name, major, firstMinor, count);
            }
        }
        for (int major = EXTENDED_MAJOR_TOP; major >= EXTENDED_MAJOR_BOTTOM; major--) {
            if (isFree(major)) {
                return addRegion(name, major, firstMinor, count);
            }
        }
        throw new KernelException(Errno.EBUSY, "no free major number for %s", name);
    }

    private boolean isFree(int major) {
        return regions.stream().noneMatch(region -> region.first().major() == major);
    }

    private DeviceNumber addRegion(String name, int major, int firstMinor, int count) {
        if (firstMinor < 0 || firstMinor > DeviceNumber.MINOR_MAX) {
            throw new KernelException(Errno.EINVAL, "minor %d", firstMinor);
        }
        DeviceNumber first = new DeviceNumber(major, firstMinor);
        addRegion(name, first, count);
        return first;
    }

    /**
     * Reserves numbers.
     *
     * @throws KernelException {@code EBUSY} when one is taken
     */
    @Linux(file = "fs/char_dev.c", symbol = "register_chrdev_region")
    public void registerRegion(DeviceNumber first, int count, String name) {
        enter("register_chrdev_region", name, count);
        addRegion(name, first, count);
    }

    /** Gives numbers back. */
    @Linux(file = "fs/char_dev.c", symbol = "unregister_chrdev_region")
    public void unregisterRegion(DeviceNumber first, int count) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("unregister_chrdev_region", first + ", " + count);
        }
        regions.removeIf(region -> region.first().equals(first) && region.count() == count);
    }

    /**
     * Makes devices answer.
     *
     * @throws KernelException {@code EBUSY} when a number answers already
     */
    @Linux(file = "fs/char_dev.c", symbol = "cdev_add")
    public void cdevAdd(DeviceNumber first, int count, FileOperations operations) {
        enter("cdev_add", first.toString(), count);
        for (Cdev other : cdevs.values()) {
            if (new Region("", other.first(), other.count()).overlaps(first, count)) {
                throw new KernelException(Errno.EBUSY, "device %s answers already", first);
            }
        }
        cdevs.put(first, new Cdev(first, count, operations));
    }

    /** Devices no longer answer; files that are open stay usable. */
    @Linux(file = "fs/char_dev.c", symbol = "cdev_del")
    public void cdevDel(DeviceNumber first) {
        enter("cdev_del", first.toString(), 1);
        cdevs.remove(first);
    }

    /**
     * Makes a file appear under {@code /dev}.
     *
     * @param name file name; a {@code !} in it becomes {@code /}, and {@code /} makes directories
     * @param mode permission bits, usually 0600
     * @throws KernelException {@code EEXIST} when there is such a file, {@code EINVAL} for a name
     *     no file can have
     */
    @Linux(file = "drivers/base/core.c", symbol = "device_create")
    public Node createNode(String name, DeviceNumber number, int mode) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("device_create", number + ", \"" + name + "\"");
        }
        return addNode(name, number, mode);
    }

    /** Makes a file disappear. */
    @Linux(file = "drivers/base/core.c", symbol = "device_destroy")
    public void removeNode(Node node) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("device_destroy", node.number().toString());
        }
        dropNode(node);
    }

    /** Tells somebody of every file from now on. */
    public void observe(Observer observer) {
        observers.add(observer);
    }

    /** All files under {@code /dev}, by name. */
    public List<Node> nodes() {
        return List.copyOf(nodes.values());
    }

    /** How often the file of a path is open now. */
    public int openCount(String path) {
        return openCounts.getOrDefault(path, 0);
    }

    /** The character part of {@code /proc/devices}. */
    public String procDevices() {
        StringBuilder text = new StringBuilder("Character devices:\n");
        regions.stream()
                .sorted((a, b) -> Integer.compare(a.first().major(), b.first().major()))
                .forEach(region ->
                        text.append("%3d %s%n".formatted(region.first().major(), region.name())));
        return text.toString();
    }

    /** As {@link #createNode}, on behalf of a device that is being added. */
    public Node addNode(String name, DeviceNumber number, int mode) {
        String path = "/dev/" + name.replace('!', '/');
        for (String part : path.substring(1).split("/", -1)) {
            if (part.isEmpty()
                    || part.length() > NAME_LENGTH_MAX
                    || part.equals(".")
                    || part.equals("..")
                    || part.indexOf('\0') >= 0) {
                throw new KernelException(Errno.EINVAL, "\"%s\" cannot name a device file", name);
            }
        }
        if (nodes.containsKey(path)) {
            throw new KernelException(Errno.EEXIST, "%s exists", path);
        }
        Node node = new Node(path, number, mode);
        nodes.put(path, node);
        observers.forEach(observer -> observer.added(node));
        return node;
    }

    /** As {@link #removeNode}, on behalf of a device that goes. */
    public void dropNode(Node node) {
        if (nodes.remove(node.path(), node)) {
            observers.forEach(observer -> observer.removed(node));
        }
    }

    /** Opens a file under {@code /dev}; other paths mean nothing here. */
    @Override
    public File open(String path, int flags) {
        Node node = nodes.get(path);
        if (node == null) {
            throw new KernelException(Errno.ENOENT, "%s: no such file", path);
        }
        return open(path, node.number(), flags);
    }

    /**
     * Opens a device by its number, as a file that {@code mknod} made.
     *
     * @param path of the file
     * @throws KernelException {@code ENXIO} when no driver answers, or what the driver says
     */
    @Linux(file = "fs/char_dev.c", symbol = "chrdev_open")
    public File open(String path, DeviceNumber number, int flags) {
        Cdev cdev = cdevOf(number);
        if (cdev == null) {
            throw new KernelException(Errno.ENXIO, "%s: no driver for %s", path, number);
        }
        File file =
                new File(
                        path,
                        number,
                        cdev.operations(),
                        flags,
                        () -> openCounts.merge(path, -1, Integer::sum));
        file.operations().open(file);
        openCounts.merge(path, 1, Integer::sum);
        return file;
    }

    private @Nullable Cdev cdevOf(DeviceNumber number) {
        Map.Entry<DeviceNumber, Cdev> entry = cdevs.floorEntry(number);
        if (entry == null) {
            return null;
        }
        Cdev cdev = entry.getValue();
        boolean covers =
                cdev.first().major() == number.major()
                        && number.minor() < cdev.first().minor() + cdev.count();
        return covers ? cdev : null;
    }

    private void addRegion(String name, DeviceNumber first, int count) {
        if (count < 1 || count - 1 > DeviceNumber.MINOR_MAX - first.minor()) {
            throw new KernelException(Errno.EINVAL, "%d minors from %s on", count, first);
        }
        for (Region other : regions) {
            if (other.overlaps(first, count)) {
                throw new KernelException(Errno.EBUSY, "%s is taken by %s", first, other.name());
            }
        }
        regions.add(new Region(name, first, count));
    }

    private void enter(String function, String what, int count) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(function, what + ", " + count);
        }
    }
}
