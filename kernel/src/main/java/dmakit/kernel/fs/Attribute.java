package dmakit.kernel.fs;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;

/** A value that is read and written as one text. */
@Linux(file = "include/linux/sysfs.h", symbol = "sysfs_ops")
public interface Attribute {
    /** Bytes of the longest value. */
    int SIZE_MAX = 4096;

    /**
     * The value.
     *
     * @return at most {@link #SIZE_MAX} bytes; what is longer is cut
     */
    default byte[] show() {
        throw new KernelException(Errno.EIO, "the attribute cannot be shown");
    }

    /**
     * Takes a value.
     *
     * @param value 0 to {@link #SIZE_MAX} bytes, as a process wrote them
     * @return how many of them were taken
     */
    default long store(byte[] value) {
        throw new KernelException(Errno.EIO, "the attribute cannot be stored");
    }
}
