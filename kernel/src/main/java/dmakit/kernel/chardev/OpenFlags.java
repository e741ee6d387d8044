package dmakit.kernel.chardev;

import dmakit.kernel.Linux;

/** How a file is opened. */
@Linux(file = "include/uapi/asm-generic/fcntl.h", symbol = "O_RDWR")
public final class OpenFlags {
    /** For reading. */
    public static final int RDONLY = 0;

    /** For writing. */
    public static final int WRONLY = 1;

    /** For both. */
    public static final int RDWR = 2;

    /** Calls answer {@code -EAGAIN} where they would sleep. */
    public static final int NONBLOCK = 04000;

    private static final int ACCESS_MODE = 3;

    private OpenFlags() {}

    static boolean reads(int flags) {
        return (flags & ACCESS_MODE) != WRONLY;
    }

    static boolean writes(int flags) {
        return (flags & ACCESS_MODE) != RDONLY;
    }
}
