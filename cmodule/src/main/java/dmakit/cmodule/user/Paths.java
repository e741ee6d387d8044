package dmakit.cmodule.user;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.chardev.DeviceNumber;
import dmakit.kernel.fs.DeviceNode;
import dmakit.kernel.fs.Directory;
import dmakit.kernel.fs.FileSystem;
import dmakit.kernel.fs.Node;
import dmakit.kernel.fs.SymbolicLink;
import dmakit.kernel.fs.TextFile;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What programs see when they look at names: the simulated tree, and a few files of the host. */
final class Paths {
    private static final String DEV = "/dev";
    private static final String PROC = "/proc/";

    /** As the library knows them: path.c. */
    private static final List<String> HARMLESS =
            List.of(
                    "fd", "full", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin",
                    "stdout", "tty", "urandom", "zero");

    private static final int DIRECTORY = 0040000;
    private static final int CHARACTER = 0020000;
    private static final int REGULAR = 0100000;
    private static final int LINK = 0120000;
    private static final int TYPE_SHIFT = 12;
    private static final int TYPE_UNKNOWN = 0;
    private static final long HOST_INODE = 1L << 40;
    private static final int ENTRY_ALIGNMENT = 8;
    private static final long PS_PER_NS = 1_000;

    private final FileSystem files;
    private final long bootNs;

    /**
     * Creates the view.
     *
     * @param bootNs when the simulated system was switched on, in nanoseconds of the host's time of
     *     day
     */
    Paths(FileSystem files, long bootNs) {
        this.files = files;
        this.bootNs = bootNs;
    }

    /** Whether only the host can have a name: of {@code /proc} the kernel has some files. */
    boolean isHosts(String path) {
        String normal = path.replaceAll("/+", "/");
        if (!normal.startsWith(PROC)) {
            return false;
        }
        String first = normal.substring(PROC.length()).replaceFirst("/.*", "");
        return files.proc().find(first).isEmpty();
    }

    /**
     * The node of a path.
     *
     * @param follows whether a link as the last part is followed
     * @throws KernelException {@code ENOENT} and the like
     */
    Node resolve(String path, boolean follows) {
        Node node = files.resolve(path, follows || path.endsWith("/"));
        if (path.endsWith("/") && !(node instanceof Directory)) {
            throw new KernelException(Errno.ENOTDIR, "%s is no directory", path);
        }
        return node;
    }

    /** The bytes of a {@code wire_stat}. */
    byte[] stat(Node node) {
        DeviceNumber device =
                node instanceof DeviceNode special ? special.number() : new DeviceNumber(0, 0);
        ByteBuffer out = ByteBuffer.allocate(Wire.STAT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(node.inode());
        out.putInt(typeOf(node) | node.mode());
        out.putInt(node instanceof Directory ? 2 : 1);
        out.putLong(sizeOf(node));
        out.putInt(device.major());
        out.putInt(device.minor());
        out.putLong(bootNs + node.modifiedAtPs() / PS_PER_NS);
        return out.array();
    }

    private static int typeOf(Node node) {
        return switch (node) {
            case Directory _ -> DIRECTORY;
            case TextFile _ -> REGULAR;
            case SymbolicLink _ -> LINK;
            case DeviceNode _ -> CHARACTER;
        };
    }

    private static long sizeOf(Node node) {
        return switch (node) {
            case TextFile text -> text.size();
            case SymbolicLink link -> link.target().getBytes(StandardCharsets.UTF_8).length;
            case Directory _, DeviceNode _ -> 0;
        };
    }

    private record Entry(String name, long inode, int type) {}

    /** The {@code wire_entry} records of a directory, each with its name behind it. */
    byte[] list(Directory directory) {
        var entries = new ArrayList<Entry>();
        Node above = directory.parent();
        entries.add(new Entry(".", directory.inode(), DIRECTORY));
        entries.add(new Entry("..", above == null ? 1 : above.inode(), DIRECTORY));
        for (Node node : directory.entries()) {
            entries.add(new Entry(node.name(), node.inode(), typeOf(node)));
        }
        if (directory.path().equals(DEV)) {
            addHarmless(directory, entries);
        }
        var out = new ByteArrayOutputStream();
        entries.forEach(entry -> out.writeBytes(bytes(entry)));
        return out.toByteArray();
    }

    private static void addHarmless(Directory dev, List<Entry> entries) {
        for (String name : HARMLESS) {
            if (dev.find(name).isEmpty() && Files.exists(Path.of(DEV, name))) {
                entries.add(new Entry(name, HOST_INODE + entries.size(), TYPE_UNKNOWN));
            }
        }
    }

    private static byte[] bytes(Entry entry) {
        byte[] name = entry.name().getBytes(StandardCharsets.UTF_8);
        int length = (Wire.ENTRY_BYTES + name.length + ENTRY_ALIGNMENT) & -ENTRY_ALIGNMENT;
        return ByteBuffer.allocate(length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(entry.inode())
                .putInt(length)
                .putInt(entry.type() >> TYPE_SHIFT)
                .put(name)
                .array();
    }
}
