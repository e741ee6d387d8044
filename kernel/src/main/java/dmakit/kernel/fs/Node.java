package dmakit.kernel.fs;

import org.jspecify.annotations.Nullable;

/** One name in a directory, and what stands behind it. */
public abstract sealed class Node permits Directory, TextFile, SymbolicLink, DeviceNode {
    private final Tree tree;
    private final @Nullable Directory parent;
    private final String name;
    private final int mode;
    private final long inode;
    private final long modifiedAtPs;
    private boolean removed;

    Node(Tree tree, @Nullable Directory parent, String name, int mode) {
        this.tree = tree;
        this.parent = parent;
        this.name = name;
        this.mode = mode;
        inode = tree.nextInode();
        modifiedAtPs = tree.now();
    }

    /** The name in its directory; empty for the root. */
    public final String name() {
        return name;
    }

    /** Where it lies; null for the root. */
    public final @Nullable Directory parent() {
        return parent;
    }

    /** From the root, {@code /dev/null}; {@code /} for the root. */
    public final String path() {
        Directory above = parent;
        if (above == null) {
            return "/";
        }
        return (above.parent() == null ? "" : above.path()) + "/" + name;
    }

    /** Permission bits, as {@code 0644}. */
    public final int mode() {
        return mode;
    }

    /** A number no other node of the file system ever has, from 1. */
    public final long inode() {
        return inode;
    }

    /** When it was made, in picoseconds since power-on. */
    public final long modifiedAtPs() {
        return modifiedAtPs;
    }

    /** Whether it is not in its directory any more. */
    public final boolean isRemoved() {
        return removed;
    }

    void markRemoved() {
        removed = true;
    }

    final Tree tree() {
        return tree;
    }

    @Override
    public final String toString() {
        return path();
    }
}
