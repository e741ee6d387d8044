package dmakit.kernel.chardev;

import dmakit.kernel.Linux;
import dmakit.machine.Check;

/**
 * Command numbers: direction in bits 31:30, size of the argument in 29:16, type in 15:8, number in
 * 7:0.
 */
public final class Ioctl {
    private static final int WRITE = 1;
    private static final int READ = 2;
    private static final int SIZE_MAX = (1 << 14) - 1;

    private Ioctl() {}

    /** A command without an argument. */
    @Linux(file = "include/uapi/asm-generic/ioctl.h", symbol = "_IO")
    public static int io(char type, int number) {
        return command(0, type, number, 0);
    }

    /** A command whose argument the driver fills. */
    @Linux(file = "include/uapi/asm-generic/ioctl.h", symbol = "_IOR")
    public static int ior(char type, int number, int size) {
        return command(READ, type, number, size);
    }

    /** A command whose argument the driver reads. */
    @Linux(file = "include/uapi/asm-generic/ioctl.h", symbol = "_IOW")
    public static int iow(char type, int number, int size) {
        return command(WRITE, type, number, size);
    }

    /** A command whose argument the driver reads and fills. */
    @Linux(file = "include/uapi/asm-generic/ioctl.h", symbol = "_IOWR")
    public static int iowr(char type, int number, int size) {
        return command(READ | WRITE, type, number, size);
    }

    private static int command(int direction, char type, int number, int size) {
        Check.argument(type <= 0xff, "type %d has more than 8 bits", type);
        Check.argument(number >= 0 && number <= 0xff, "number %d has more than 8 bits", number);
        Check.argument(size >= 0 && size <= SIZE_MAX, "size %d has more than 14 bits", size);
        return (direction << 30) | (size << 16) | (type << 8) | number;
    }
}
