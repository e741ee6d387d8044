package dmakit.kernel.chardev;

import dmakit.kernel.KernelException;

/** What paths mean to the processes of one machine. */
@FunctionalInterface
public interface Namespace {
    /**
     * Opens a file.
     *
     * @param path absolute, normalised
     * @param flags bits of {@link OpenFlags}
     * @throws KernelException {@code ENOENT}, {@code ENOTDIR}, {@code EISDIR}, {@code ELOOP},
     *     {@code EACCES}, {@code ENXIO}, or what the driver says
     */
    File open(String path, int flags);
}
