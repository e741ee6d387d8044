package dmakit.board;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.machine.Machine;
import dmakit.machine.memory.Ram;
import java.util.Optional;

/** The geometry of the CPU's outermost cache, from the tree. */
final class CpuCaches {
    /** Larger than any cache of the boards in question; more is a mistake in the tree. */
    private static final int SIZE_MAX = 64 << 20;

    private CpuCaches() {}

    /** The outermost cache of the first CPU that says its size and its sets. */
    static Optional<Machine.Cache.Lru> of(DeviceTree tree) {
        return tree.node("/cpus").stream()
                .flatMap(cpus -> cpus.children().stream())
                .filter(cpu -> cpu.baseName().equals("cpu"))
                .flatMap(cpu -> outermost(tree, cpu).stream())
                .findFirst();
    }

    private static Optional<Machine.Cache.Lru> outermost(DeviceTree tree, Node cpu) {
        return cpu.property("next-level-cache")
                .filter(property -> property.sizeBytes() == Integer.BYTES)
                .flatMap(property -> tree.byPhandle(property.u32()))
                .flatMap(cache -> geometry(cache, "cache"))
                .or(() -> geometry(cpu, "d-cache"));
    }

    private static Optional<Machine.Cache.Lru> geometry(Node node, String prefix) {
        int size = node.u32(prefix + "-size").orElse(0);
        int sets = node.u32(prefix + "-sets").orElse(0);
        if (size <= 0 || size > SIZE_MAX || sets <= 0 || Integer.bitCount(sets) != 1) {
            return Optional.empty();
        }
        int ways = size / Ram.LINE_BYTES / sets;
        return ways > 0 && ways * sets * Ram.LINE_BYTES == size
                ? Optional.of(new Machine.Cache.Lru(size, ways))
                : Optional.empty();
    }
}
