package dmakit.kernel.chardev;

import dmakit.kernel.Linux;
import dmakit.machine.Check;
import org.jspecify.annotations.Nullable;

/**
 * One open file, of a device or a text. Duplicated descriptors, mappings and processes share it;
 * with its last reference it is released.
 */
@Linux(file = "include/linux/fs.h", symbol = "file")
public final class File {
    private static final DeviceNumber NO_DEVICE = new DeviceNumber(0, 0);

    private final String name;
    private final DeviceNumber number;
    private final FileOperations operations;
    private final Runnable released;
    private int flags;
    private int references = 1;
    private long position;
    private @Nullable Object privateData;
    private @Nullable UserProcess owner;

    File(
            String name,
            DeviceNumber number,
            FileOperations operations,
            int flags,
            Runnable released) {
        this.name = name;
        this.number = number;
        this.operations = operations;
        this.flags = flags;
        this.released = released;
    }

    /**
     * Opens a file that is no device.
     *
     * @param name its path
     * @throws dmakit.kernel.KernelException what {@link FileOperations#open} says
     */
    public static File open(String name, FileOperations operations, int flags) {
        File file = new File(name, NO_DEVICE, operations, flags, () -> {});
        operations.open(file);
        return file;
    }

    /** Path the file was opened by. */
    public String name() {
        return name;
    }

    /** The device it means; what {@code iminor(inode)} looks at. 0:0 for a text. */
    public DeviceNumber number() {
        return number;
    }

    /** Bits of {@link OpenFlags}. */
    public int flags() {
        return flags;
    }

    /** Sets what {@code fcntl} may change: {@link OpenFlags#CHANGEABLE}. */
    @Linux(file = "fs/fcntl.c", symbol = "setfl")
    public void changeFlags(int wanted) {
        flags = (flags & ~OpenFlags.CHANGEABLE) | (wanted & OpenFlags.CHANGEABLE);
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

    /** Who gets {@code SIGIO} for this file, or null. */
    @Linux(file = "fs/fcntl.c", symbol = "f_setown")
    public @Nullable UserProcess owner() {
        return owner;
    }

    /** Says who gets {@code SIGIO} for this file. */
    public void owner(@Nullable UserProcess process) {
        owner = process;
    }

    /** How often it is held: by descriptors, mappings, calls. */
    public int references() {
        return references;
    }

    /** Takes another reference. */
    @Linux(file = "include/linux/fs.h", symbol = "get_file")
    public File get() {
        Check.invariant(references > 0, "%s is released", name);
        references++;
        return this;
    }

    /** Gives a reference back; with the last one the file is released. */
    @Linux(file = "fs/file_table.c", symbol = "fput")
    public void put() {
        Check.invariant(references > 0, "%s is released", name);
        references--;
        if (references == 0) {
            released.run();
            operations.release(this);
        }
    }

    FileOperations operations() {
        return operations;
    }
}
