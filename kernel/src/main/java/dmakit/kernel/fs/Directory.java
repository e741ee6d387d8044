package dmakit.kernel.fs;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.chardev.DeviceNumber;
import dmakit.kernel.chardev.FileOperations;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A directory: names in order, each with a node. */
public final class Directory extends Node {
    /** Characters of a name. */
    public static final int NAME_LENGTH_MAX = 255;

    /** Directories inside of each other. */
    public static final int DEPTH_MAX = 128;

    private static final int MODE = 0755;

    private final NavigableMap<String, Node> entries = new TreeMap<>();
    private final int depth;

    Directory(Tree tree, @Nullable Directory parent, String name) {
        super(tree, parent, name, MODE);
        depth = parent == null ? 0 : parent.depth + 1;
    }

    /** What lies in it, by name. */
    public List<Node> entries() {
        return List.copyOf(entries.values());
    }

    /** The node of a name. */
    public Optional<Node> find(String name) {
        return Optional.ofNullable(entries.get(name));
    }

    /** Whether nothing lies in it. */
    public boolean isEmpty() {
        return entries.isEmpty();
    }

    /**
     * Makes a directory.
     *
     * @throws KernelException {@code EEXIST} when the name is taken, {@code ENAMETOOLONG}, {@code
     *     EINVAL} for a name no file can have, {@code ENOENT} when this directory is removed,
     *     {@code ELOOP} behind {@link #DEPTH_MAX}, {@code ENOSPC}
     */
    public Directory makeDirectory(String name) {
        if (depth == DEPTH_MAX) {
            throw new KernelException(Errno.ELOOP, "%s is %d directories deep", path(), DEPTH_MAX);
        }
        return add(name, new Directory(tree(), this, name));
    }

    /**
     * The directory of a name, made where it is not there; for the rest as {@link #makeDirectory}.
     */
    public Directory directory(String name) {
        return entries.get(name) instanceof Directory there ? there : makeDirectory(name);
    }

    /** As {@link #makeText}, of one line whose end is added. */
    public TextFile makeLine(String name, int mode, Supplier<String> contents) {
        return makeText(name, mode, () -> contents.get() + "\n");
    }

    /**
     * Makes a file whose contents are made anew whenever it is opened; nobody can write it.
     *
     * @param mode permission bits
     * @throws KernelException as {@link #makeDirectory}
     */
    public TextFile makeText(String name, int mode, Supplier<String> contents) {
        Attribute text =
                new Attribute() {
                    @Override
                    public byte[] show() {
                        return contents.get().getBytes(StandardCharsets.UTF_8);
                    }
                };
        return makeFile(name, mode, 0, new AttributeFile(tree(), text, Integer.MAX_VALUE));
    }

    /**
     * Makes the file of an attribute.
     *
     * @param mode permission bits; without a bit for reading or writing nobody can open it so
     * @throws KernelException as {@link #makeDirectory}
     */
    @Linux(file = "fs/sysfs/file.c", symbol = "sysfs_create_file_ns")
    public TextFile makeAttribute(String name, int mode, Attribute attribute) {
        AttributeFile operations = new AttributeFile(tree(), attribute, Attribute.SIZE_MAX);
        return makeFile(name, mode, Attribute.SIZE_MAX, operations);
    }

    /**
     * Makes a file that behaves as its owner says.
     *
     * @param mode permission bits
     * @param size in bytes, as {@code stat} tells it; 0 where it is not known
     * @throws KernelException as {@link #makeDirectory}
     */
    public TextFile makeFile(String name, int mode, long size, FileOperations operations) {
        return add(name, new TextFile(tree(), this, name, mode, size, operations));
    }

    /**
     * Makes a link.
     *
     * @param target a path, from this directory on where it does not start with {@code /}
     * @throws KernelException as {@link #makeDirectory}
     */
    public SymbolicLink makeLink(String name, String target) {
        return add(name, new SymbolicLink(tree(), this, name, target));
    }

    /**
     * Makes a link to a node, with a path relative to this directory.
     *
     * @throws KernelException as {@link #makeDirectory}
     */
    public SymbolicLink makeLink(String name, Node target) {
        return makeLink(name, SymbolicLink.relative(path(), target.path()));
    }

    /**
     * Makes a device file.
     *
     * @param mode permission bits
     * @throws KernelException as {@link #makeDirectory}
     */
    public DeviceNode makeDevice(String name, DeviceNumber number, int mode) {
        return add(name, new DeviceNode(tree(), this, name, mode, number));
    }

    private <T extends Node> T add(String name, T node) {
        checkName(name);
        if (isRemoved()) {
            throw new KernelException(Errno.ENOENT, "%s is removed", path());
        }
        if (entries.containsKey(name)) {
            throw new KernelException(Errno.EEXIST, "%s exists", node.path());
        }
        tree().added();
        entries.put(name, node);
        return node;
    }

    private static void checkName(String name) {
        if (name.length() > NAME_LENGTH_MAX) {
            throw new KernelException(Errno.ENAMETOOLONG, "a name of %d characters", name.length());
        }
        if (name.isEmpty()
                || name.equals(".")
                || name.equals("..")
                || name.indexOf('/') >= 0
                || name.indexOf('\0') >= 0) {
            throw new KernelException(Errno.EINVAL, "\"%s\" cannot name a file", name);
        }
    }

    /** Takes a node out, with all that lies in it; one that lies elsewhere stays. */
    public void remove(Node node) {
        if (entries.remove(node.name(), node)) {
            node.markRemoved();
            tree().removed();
        }
    }

    @Override
    void markRemoved() {
        super.markRemoved();
        for (Node node : entries()) {
            remove(node);
        }
    }
}
