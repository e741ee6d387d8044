package dmakit.kernel.chardev;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.mm.Vma;

/**
 * What a driver does when its device file is used. Every operation runs in the task of the process
 * that made the system call and may sleep. User addresses are followed with {@link UserAccess}.
 *
 * <p>A {@link KernelException} ends the system call with its error number.
 */
@Linux(file = "include/linux/fs.h", symbol = "file_operations")
public interface FileOperations {
    /** The file was opened; an exception refuses it. */
    default void open(File file) {}

    /** The last reference to the file is gone. */
    default void release(File file) {}

    /**
     * Copies up to {@code bytes} bytes to the process.
     *
     * @param userVa where the process wants them
     * @return how many; 0 at the end of the file
     */
    default long read(File file, long userVa, long bytes) {
        throw new KernelException(Errno.EINVAL, "%s cannot be read", file.name());
    }

    /**
     * Takes up to {@code bytes} bytes from the process.
     *
     * @param userVa where the process has them
     * @return how many
     */
    default long write(File file, long userVa, long bytes) {
        throw new KernelException(Errno.EINVAL, "%s cannot be written", file.name());
    }

    /**
     * Does what a command says ({@code unlocked_ioctl}).
     *
     * @param command see {@link Ioctl}
     * @param argument a number or a user address
     * @return 0 or more
     */
    default long ioctl(File file, int command, long argument) {
        throw new KernelException(Errno.ENOTTY, "%s knows no command 0x%x", file.name(), command);
    }

    /** Maps memory into the process; what is left unmapped in {@code vma} faults when used. */
    default void mmap(File file, Vma vma) {
        throw new KernelException(Errno.ENODEV, "%s cannot be mapped", file.name());
    }

    /**
     * Says what could be done now without sleeping, and where news of it will come.
     *
     * @param table takes the wait queues
     * @return bits of {@link Poll}
     */
    default int poll(File file, PollTable table) {
        return Poll.IN | Poll.OUT | Poll.RDNORM | Poll.WRNORM;
    }

    /**
     * Moves the position of the file.
     *
     * @return the new position, at least 0
     */
    default long seek(File file, long offset, Whence whence) {
        throw new KernelException(Errno.ESPIPE, "%s has no position", file.name());
    }

    /** A descriptor of the file is closed; others may stay. */
    default void flush(File file) {}

    /** Brings what was written to where it lasts. */
    default void fsync(File file) {
        throw new KernelException(Errno.EINVAL, "%s has nothing to bring anywhere", file.name());
    }

    /**
     * A process wants {@code SIGIO} when there is news, or no more ({@code fasync}).
     *
     * @param on which of both
     */
    default void async(File file, boolean on) {}

    /** What an offset counts from. */
    enum Whence {
        /** The start of the file. */
        SET,
        /** The current position. */
        CUR,
        /** The end of the file. */
        END
    }
}
