package dmakit.cmodule.user;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.chardev.File;
import dmakit.kernel.fs.Node;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The files that programs of one command have open, by number. */
final class OpenFiles {
    /** Files open at a time, over all programs. */
    static final int COUNT_MAX = 65_536;

    private final Map<Integer, OpenFile> files = new TreeMap<>();
    private int last;

    /**
     * Gives an open file a number that none had before.
     *
     * @throws KernelException {@code ENFILE} when there are too many
     */
    OpenFile add(Node node, @Nullable File file) {
        if (files.size() >= COUNT_MAX) {
            throw new KernelException(Errno.ENFILE, "%d files are open", COUNT_MAX);
        }
        last++;
        OpenFile open = new OpenFile(last, node, file);
        files.put(open.number(), open);
        return open;
    }

    /**
     * The file of a number.
     *
     * @throws KernelException {@code EBADF}
     */
    OpenFile of(int number) {
        OpenFile open = files.get(number);
        if (open == null) {
            throw new KernelException(Errno.EBADF, "file %d is not open", number);
        }
        return open;
    }

    /** Forgets a file; null when it is not open. */
    @Nullable OpenFile remove(int number) {
        return files.remove(number);
    }

    /** Numbers of all files that are open. */
    List<Integer> numbers() {
        return List.copyOf(files.keySet());
    }
}
