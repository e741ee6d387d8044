package dmakit.kernel.fs;

import dmakit.kernel.chardev.DeviceNumber;

/** A file that means a character device. */
public final class DeviceNode extends Node {
    private final DeviceNumber number;

    DeviceNode(Tree tree, Directory parent, String name, int mode, DeviceNumber number) {
        super(tree, parent, name, mode);
        this.number = number;
    }

    /** Which device. */
    public DeviceNumber number() {
        return number;
    }
}
