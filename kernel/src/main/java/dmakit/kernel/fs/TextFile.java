package dmakit.kernel.fs;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.chardev.File;
import dmakit.kernel.chardev.FileOperations;
import dmakit.kernel.chardev.OpenFlags;
import dmakit.kernel.chardev.PollTable;
import dmakit.kernel.mm.Vma;
import java.util.function.Supplier;

/** A file that is no device: of {@code /proc}, {@code /sys} or debugfs. */
public final class TextFile extends Node {
    private static final int WRITE_BITS = 0222;
    private static final int READ_BITS = 0444;

    private final long size;
    private final FileOperations operations;
    private final FileOperations guarded = new Guarded();

    TextFile(
            Tree tree,
            Directory parent,
            String name,
            int mode,
            long size,
            FileOperations operations) {
        super(tree, parent, name, mode);
        this.size = size;
        this.operations = operations;
    }

    /** In bytes, as {@code stat} tells it; 0 where it is not known before it is read. */
    public long size() {
        return size;
    }

    /**
     * What a reader would find in it now.
     *
     * @throws KernelException {@code EACCES} for one that only processes can read
     */
    public byte[] contents() {
        if (operations instanceof Text text && !isRemoved()) {
            return text.contents();
        }
        throw new KernelException(Errno.EACCES, "%s can only be read by a process", path());
    }

    /** Says that the value of an attribute changed by itself: who polls it wakes up. */
    public void changed() {
        if (operations instanceof AttributeFile attribute) {
            attribute.changed();
        }
    }

    /** Opens it, for {@link FileSystem}. */
    File open(String path, int flags) {
        if (operations instanceof AttributeFile
                && size > 0
                && ((OpenFlags.writes(flags) && (mode() & WRITE_BITS) == 0)
                        || (OpenFlags.reads(flags) && (mode() & READ_BITS) == 0))) {
            throw new KernelException(
                    Errno.EACCES, "%s with mode %o opened with flags %o", path, mode(), flags);
        }
        return File.open(path, guarded, flags);
    }

    /** Contents that are made in one piece. */
    interface Text {
        /** The contents now. */
        byte[] contents();
    }

    /** Keeps who has the file open from an owner that is gone. */
    private final class Guarded implements FileOperations {
        private <T> T whileThere(Supplier<T> operation) {
            if (isRemoved()) {
                throw new KernelException(Errno.ENODEV, "%s is removed", path());
            }
            return operation.get();
        }

        @Override
        public void open(File file) {
            operations.open(file);
        }

        @Override
        public void release(File file) {
            operations.release(file);
        }

        @Override
        public long read(File file, long userVa, long bytes) {
            return whileThere(() -> operations.read(file, userVa, bytes));
        }

        @Override
        public long write(File file, long userVa, long bytes) {
            return whileThere(() -> operations.write(file, userVa, bytes));
        }

        @Override
        public long ioctl(File file, int command, long argument) {
            return whileThere(() -> operations.ioctl(file, command, argument));
        }

        @Override
        public void mmap(File file, Vma vma) {
            whileThere(() -> {
                operations.mmap(file, vma);
                return 0;
            });
        }

        @Override
        public int poll(File file, PollTable table) {
            return whileThere(() -> operations.poll(file, table));
        }

        @Override
        public long seek(File file, long offset, Whence whence) {
            return whileThere(() -> operations.seek(file, offset, whence));
        }

        @Override
        public void flush(File file) {
            if (!isRemoved()) {
                operations.flush(file);
            }
        }

        @Override
        public void fsync(File file) {
            whileThere(() -> {
                operations.fsync(file);
                return 0;
            });
        }

        @Override
        public void async(File file, boolean on) {
            if (!isRemoved()) {
                operations.async(file, on);
            }
        }
    }
}
