package dmakit.cmodule.service;

/** What C code can be asked to do with an open file or an area; {@code fs.c} has the same order. */
enum FileCall {
    OPEN,
    RELEASE,
    READ,
    WRITE,
    IOCTL,
    POLL,
    LLSEEK,
    MMAP,
    FLUSH,
    FSYNC,
    FASYNC,
    VMA_OPEN,
    VMA_CLOSE,
    VMA_FAULT
}
