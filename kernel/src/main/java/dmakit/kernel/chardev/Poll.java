package dmakit.kernel.chardev;

import dmakit.kernel.Linux;

/** Bits that say what a file is ready for. */
@Linux(file = "include/uapi/asm-generic/poll.h", symbol = "POLLIN")
public final class Poll {
    /** There is something urgent: an attribute has changed. */
    public static final int PRI = 0x0002;

    /** Data can be read. */
    public static final int IN = 0x01;

    /** Data can be written. */
    public static final int OUT = 0x04;

    /** An error happened. */
    public static final int ERR = 0x08;

    /** The other side is gone. */
    public static final int HUP = 0x10;

    /** The descriptor is not open. */
    public static final int NVAL = 0x20;

    /** Normal data can be read. */
    public static final int RDNORM = 0x40;

    /** Normal data can be written. */
    public static final int WRNORM = 0x100;

    private Poll() {}
}
