package dmakit.kernel.chardev;

import dmakit.kernel.Linux;
import org.jspecify.annotations.Nullable;

/** One open device file. Duplicated descriptors share it. */
@Linux(file = "include/linux/fs.h", symbol = "file")
public final class File {
    private final String name;
    private final DeviceNumber number;
    private final FileOperations operations;
    private final int flags;
    private long position;
    private @Nullable Object privateData;

    File(String name, DeviceNumber number, FileOperations operations, int flags) {
        this.name = name;
        this.number = number;
        this.operations = operations;
        this.flags = flags;
    }

    /** Path the file was opened by. */
    public String name() {
        return name;
    }

    /** The device it means; what {@code iminor(inode)} looks at. */
    public DeviceNumber number() {
        return number;
    }

    /** Bits of {@link OpenFlags}. */
    public int flags() {
        return flags;
    }

    /** Whether calls must not sleep. */
    public boolean isNonBlocking() {
        return (flags & OpenFlags.NONBLOCK) != 0;
    }

    /** Position in bytes ({@code f_pos}), at least 0. */
    public long position() {
        return position;
    }

    /** Sets the position. */
    public void position(long bytes) {
        position = bytes;
    }

    /** What the driver keeps for this file ({@code private_data}), or null. */
    public @Nullable Object privateData() {
        return privateData;
    }

    /** Lets the driver keep something for this file. */
    public void privateData(@Nullable Object data) {
        privateData = data;
    }

    FileOperations operations() {
        return operations;
    }
}
