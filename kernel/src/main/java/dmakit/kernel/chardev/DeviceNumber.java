package dmakit.kernel.chardev;

import dmakit.kernel.Linux;
import dmakit.machine.Check;

/**
 * Which driver and which of its devices a device file means.
 *
 * @param major 0 to {@link #MAJOR_MAX}
 * @param minor 0 to {@link #MINOR_MAX}
 */
@Linux(file = "include/linux/kdev_t.h", symbol = "MKDEV")
public record DeviceNumber(int major, int minor) implements Comparable<DeviceNumber> {
    /** Largest major number of character devices. */
    public static final int MAJOR_MAX = 511;

    /** Largest minor number: 20 bits. */
    public static final int MINOR_MAX = (1 << 20) - 1;

    /** Checks the ranges. */
    public DeviceNumber {
        Check.argument(major >= 0 && major <= MAJOR_MAX, "major %d", major);
        Check.argument(minor >= 0 && minor <= MINOR_MAX, "minor %d", minor);
    }

    @Override
    public int compareTo(DeviceNumber other) {
        return major != other.major
                ? Integer.compare(major, other.major)
                : Integer.compare(minor, other.minor);
    }

    @Override
    public String toString() {
        return major + ":" + minor;
    }
}
