package dmakit.kernel.fs;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.chardev.CharDevices;
import dmakit.kernel.chardev.DeviceNumber;
import dmakit.kernel.chardev.File;
import dmakit.kernel.chardev.Namespace;
import dmakit.kernel.chardev.OpenFlags;
import dmakit.kernel.chardev.UserAccess;
import dmakit.kernel.sched.Sched;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * All files of one simulated system. What processes see of {@code /dev} is what drivers made there;
 * {@code /proc} and {@code /sys} are filled by the kernel's parts and by modules.
 */
@Linux(file = "fs/namei.c", symbol = "path_openat")
public final class FileSystem implements Namespace {
    /** Links that are followed on one way. */
    @Linux(file = "include/linux/namei.h", symbol = "MAXSYMLINKS")
    public static final int LINK_COUNT_MAX = 40;

    /** Characters of a path. */
    @Linux(file = "include/uapi/linux/limits.h", symbol = "PATH_MAX")
    public static final int PATH_LENGTH_MAX = 4096;

    private final CharDevices devices;
    private final Directory root;
    private final Directory dev;
    private final Directory proc;
    private final Directory sys;

    /**
     * Creates a file system with its usual directories.
     *
     * @param devices whose files appear under {@code /dev}
     * @param user how contents reach a process
     */
    public FileSystem(Sched sched, CharDevices devices, UserAccess user) {
        this.devices = devices;
        root = new Directory(new Tree(sched, user), null, "");
        dev = root.makeDirectory("dev");
        proc = root.makeDirectory("proc");
        sys = root.makeDirectory("sys");
        for (String name :
                List.of("bus", "class", "dev", "devices", "firmware", "fs", "kernel", "module")) {
            sys.makeDirectory(name);
        }
        sys.directory("kernel").makeDirectory("debug");
        devices.nodes().forEach(this::addDevice);
        devices.observe(
                new CharDevices.Observer() {
                    @Override
                    public void added(CharDevices.Node node) {
                        addDevice(node);
                    }

                    @Override
                    public void removed(CharDevices.Node node) {
                        removeDevice(node);
                    }
                });
    }

    /** {@code /}. */
    public Directory root() {
        return root;
    }

    /** {@code /dev}. */
    public Directory dev() {
        return dev;
    }

    /** {@code /proc}. */
    public Directory proc() {
        return proc;
    }

    /** {@code /sys}. */
    public Directory sys() {
        return sys;
    }

    /** {@code /sys/kernel/debug}. */
    public Directory debug() {
        return sys.directory("kernel").directory("debug");
    }

    /**
     * The node of a path.
     *
     * @param path absolute and normalised; no link on it is followed
     */
    public Optional<Node> find(String path) {
        Node node = root;
        for (String part : parts(path)) {
            if (!(node instanceof Directory directory) || directory.find(part).isEmpty()) {
                return Optional.empty();
            }
            node = directory.find(part).get();
        }
        return Optional.of(node);
    }

    /**
     * The node of a path behind all links on it, the last included.
     *
     * @param path absolute
     * @throws KernelException {@code ENOENT}, {@code ENOTDIR}, {@code ELOOP} behind {@link
     *     #LINK_COUNT_MAX} links, {@code ENAMETOOLONG}
     */
    public Node resolve(String path) {
        return resolve(path, true);
    }

    /**
     * The node of a path behind all links on it.
     *
     * @param path absolute; {@code .} and {@code ..} in it are understood
     * @param last whether the last part is followed too, if it is a link
     * @throws KernelException as {@link #resolve(String)}
     */
    public Node resolve(String path, boolean last) {
        if (path.length() > PATH_LENGTH_MAX) {
            throw new KernelException(Errno.ENAMETOOLONG, "a path of %d characters", path.length());
        }
        Deque<String> way = new ArrayDeque<>(parts(path));
        Node node = root;
        int links = 0;
        while (!way.isEmpty()) {
            String part = way.removeFirst();
            if (!(node instanceof Directory directory)) {
                throw new KernelException(Errno.ENOTDIR, "%s: %s is no directory", path, node);
            }
            node = step(directory, part, path);
            if (node instanceof SymbolicLink link && (last || !way.isEmpty())) {
                links++;
                if (links > LINK_COUNT_MAX) {
                    throw new KernelException(
                            Errno.ELOOP, "%s: more than %d links", path, LINK_COUNT_MAX);
                }
                parts(link.target()).reversed().forEach(way::addFirst);
                node = link.target().startsWith("/") ? root : directory;
            }
        }
        return node;
    }

    private static Node step(Directory directory, String part, String path) {
        return switch (part) {
            case "." -> directory;
            case ".." -> directory.parent() == null ? directory : directory.parent();
            default ->
                    directory
                            .find(part)
                            .orElseThrow(() ->
                                    new KernelException(Errno.ENOENT, "%s: no such file", path));
        };
    }

    private static List<String> parts(String path) {
        return Arrays.stream(path.split("/")).filter(part -> !part.isEmpty()).toList();
    }

    @Override
    public File open(String path, int flags) {
        return switch (resolve(path)) {
            case DeviceNode device -> devices.open(device.path(), device.number(), flags);
            case TextFile text -> text.open(path, flags);
            case Directory _ ->
                    throw new KernelException(
                            OpenFlags.writes(flags) ? Errno.EISDIR : Errno.EINVAL,
                            "%s is a directory",
                            path);
            case SymbolicLink link -> throw new KernelException(Errno.ELOOP, "%s is a link", link);
        };
    }

    /**
     * Makes a device file, as {@code mknod}.
     *
     * @param path absolute
     * @param mode permission bits
     * @throws KernelException {@code ENOENT}, {@code ENOTDIR}, {@code EEXIST}
     */
    @Linux(file = "fs/namei.c", symbol = "mknodat")
    public DeviceNode mknod(String path, DeviceNumber number, int mode) {
        return parentOf(path).makeDevice(nameOf(path), number, mode);
    }

    /**
     * Takes a device file away that {@link #mknod} made, as {@code rm}.
     *
     * @throws KernelException {@code ENOENT}, {@code EPERM} for what is no device file
     */
    @Linux(file = "fs/namei.c", symbol = "unlink")
    public void unlink(String path) {
        if (!(resolve(path, false) instanceof DeviceNode node) || node.parent() == null) {
            throw new KernelException(Errno.EPERM, "%s is no device file", path);
        }
        node.parent().remove(node);
    }

    private Directory parentOf(String path) {
        int slash = path.lastIndexOf('/');
        if (resolve(path.substring(0, Math.max(slash, 1))) instanceof Directory directory) {
            return directory;
        }
        throw new KernelException(Errno.ENOTDIR, "%s: no directory", path);
    }

    private static String nameOf(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** A name with slashes gets its directories, as devtmpfs makes them. */
    @Linux(file = "drivers/base/devtmpfs.c", symbol = "handle_create")
    private void addDevice(CharDevices.Node node) {
        List<String> parts = parts(node.path());
        Directory directory = root;
        for (String part : parts.subList(0, parts.size() - 1)) {
            directory = directory.directory(part);
        }
        directory.makeDevice(parts.getLast(), node.number(), node.mode());
    }

    /** Directories that are empty then go too. */
    @Linux(file = "drivers/base/devtmpfs.c", symbol = "handle_remove")
    private void removeDevice(CharDevices.Node node) {
        Node gone = find(node.path()).orElse(null);
        if (!(gone instanceof DeviceNode device) || !device.number().equals(node.number())) {
            return;
        }
        Directory parent = gone.parent();
        while (parent != null) {
            parent.remove(gone);
            if (!parent.isEmpty() || parent.equals(dev)) {
                return;
            }
            gone = parent;
            parent = parent.parent();
        }
    }
}
