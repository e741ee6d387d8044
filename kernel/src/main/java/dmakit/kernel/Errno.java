package dmakit.kernel;

/**
 * Error numbers of the kernel, with Linux's values on arm64 and x86-64.
 *
 * <p>In Linux: {@code include/uapi/asm-generic/errno-base.h}, {@code
 * include/uapi/asm-generic/errno.h}, {@code include/linux/errno.h}.
 */
public enum Errno {
    EPERM(1),
    ENOENT(2),
    EINTR(4),
    EIO(5),
    ENXIO(6),
    EBADF(9),
    EAGAIN(11),
    ENOMEM(12),
    EACCES(13),
    EFAULT(14),
    EBUSY(16),
    EEXIST(17),
    ENODEV(19),
    EINVAL(22),
    EMFILE(24),
    ENOTTY(25),
    EFBIG(27),
    ENOSPC(28),
    ESPIPE(29),
    EDEADLK(35),
    ENOSYS(38),
    ETIME(62),
    EOVERFLOW(75),
    EOPNOTSUPP(95),
    ETIMEDOUT(110),
    EREMOTEIO(121),
    ERESTARTSYS(512),
    EPROBE_DEFER(517),
    ENOTSUPP(524);

    private final int number;

    Errno(int number) {
        this.number = number;
    }

    /** The positive error number; functions of C answer its negative. */
    public int number() {
        return number;
    }
}
