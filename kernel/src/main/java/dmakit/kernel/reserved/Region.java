package dmakit.kernel.reserved;

import dmakit.devicetree.Node;
import dmakit.kernel.Linux;

/**
 * One reserved region.
 *
 * @param node what describes it
 * @param base physical address
 * @param size in bytes, at least 1
 */
@Linux(file = "include/linux/of_reserved_mem.h", symbol = "reserved_mem")
public record Region(Node node, long base, long size) {
    /** Its name in messages: that of its node. */
    public String name() {
        return node.name();
    }

    /** Whether it stays out of the kernel's linear map. */
    boolean isNoMap() {
        return node.has("no-map");
    }

    /** Whether the kernel may use it until its owner wants it. */
    boolean isReusable() {
        return node.has("reusable");
    }

    /** First address behind it. */
    long end() {
        return base + size;
    }

    /** Its size in whole mebibytes, rounded down. */
    long mebibytes() {
        return size >>> 20;
    }

    @Override
    public String toString() {
        return "%s (0x%016x--0x%016x)".formatted(name(), base, end());
    }
}
