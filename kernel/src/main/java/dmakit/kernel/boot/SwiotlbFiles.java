package dmakit.kernel.boot;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.fs.Directory;
import dmakit.kernel.fs.NumberAttribute;
import dmakit.kernel.swiotlb.Swiotlb;
import dmakit.kernel.swiotlb.SwiotlbPool;
import java.util.function.IntSupplier;

/** {@code /sys/kernel/debug/swiotlb}: what is taken of each pool of bounce buffers. */
@Linux(file = "kernel/dma/swiotlb.c", symbol = "swiotlb_create_debugfs_files")
final class SwiotlbFiles {
    private static final int READABLE = 0400;
    private static final int WRITABLE = 0600;

    private final Directory directory;

    /** Makes the files of all pools, of those that come later, too. */
    SwiotlbFiles(Swiotlb swiotlb, Directory debug) {
        directory = debug.directory("swiotlb");
        SwiotlbPool common = swiotlb.common();
        if (common != null) {
            show(common, directory);
        }
        swiotlb.listener(pool -> show(pool, directory.directory(pool.name())));
    }

    private static void show(SwiotlbPool pool, Directory in) {
        number(in, "io_tlb_nslabs", pool::slotCount);
        number(in, "io_tlb_used", pool::usedCount);
        // Pools do not grow, so no slot is ever a passing one.
        number(in, "io_tlb_transient_nslabs", () -> 0);
        in.makeAttribute("io_tlb_used_hiwater", WRITABLE, highest(pool));
    }

    private static void number(Directory in, String name, IntSupplier value) {
        in.makeText(name, READABLE, () -> value.getAsInt() + "\n");
    }

    /** Reads as a number; takes 0 and nothing else. */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "io_tlb_hiwater_set")
    private static NumberAttribute highest(SwiotlbPool pool) {
        return NumberAttribute.of(
                pool::highestUsed,
                number -> {
                    if (number != 0) {
                        throw new KernelException(
                                Errno.EINVAL, "io_tlb_used_hiwater can be set to 0 alone");
                    }
                    pool.resetHighestUsed();
                });
    }
}
