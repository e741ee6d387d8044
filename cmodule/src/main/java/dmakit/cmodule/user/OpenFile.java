package dmakit.cmodule.user;

import dmakit.kernel.chardev.File;
import dmakit.kernel.fs.Directory;
import dmakit.kernel.fs.Node;
import org.jspecify.annotations.Nullable;

/**
 * What a descriptor of a program stands for. Every duplicate of it, in any process, is the same.
 */
final class OpenFile {
    private final int number;
    private final Node node;
    private final @Nullable File file;
    private long listPosition;

    /**
     * Creates one.
     *
     * @param number its name between the programs and the simulation, from 1
     * @param node what was opened
     * @param file the open file; null for a folder, and for what was opened as a path only
     */
    OpenFile(int number, Node node, @Nullable File file) {
        this.number = number;
        this.node = node;
        this.file = file;
    }

    int number() {
        return number;
    }

    Node node() {
        return node;
    }

    @Nullable File file() {
        return file;
    }

    boolean isFolder() {
        return node instanceof Directory;
    }

    /** How many entries of a folder were read. */
    long listPosition() {
        return listPosition;
    }

    void listPosition(long entries) {
        listPosition = entries;
    }
}
