package dmakit.kernel.boot;

import dmakit.kernel.Linux;
import dmakit.kernel.fs.Attribute;
import dmakit.kernel.fs.Directory;
import dmakit.kernel.fs.NumberAttribute;
import dmakit.kernel.mapping.DmaDebug;
import java.nio.charset.StandardCharsets;
import java.util.function.IntSupplier;

/** {@code /sys/kernel/debug/dma-api}: what the debugging of the mapping API shows and takes. */
@Linux(file = "kernel/dma/debug.c", symbol = "dma_debug_fs_init")
final class DmaDebugFiles {
    private static final int READABLE = 0444;
    private static final int WRITABLE = 0644;

    private final Directory directory;

    private DmaDebugFiles(Directory directory) {
        this.directory = directory;
    }

    static void make(Directory debugfs, DmaDebug debug) {
        new DmaDebugFiles(debugfs.makeDirectory("dma-api")).fill(debug);
    }

    private void fill(DmaDebug debug) {
        directory.makeText("disabled", READABLE, () -> debug.isOn() ? "N\n" : "Y\n");
        number("error_count", debug::errorCount);
        directory.makeAttribute(
                "all_errors",
                WRITABLE,
                NumberAttribute.of(
                        () -> Integer.toUnsignedLong(debug.allErrors()),
                        value -> debug.allErrors((int) value)));
        directory.makeAttribute(
                "num_errors",
                WRITABLE,
                NumberAttribute.of(
                        () -> Integer.toUnsignedLong(debug.numErrors()),
                        value -> debug.numErrors((int) value)));
        number("num_free_entries", debug::freeEntryCount);
        number("min_free_entries", debug::minFreeEntryCount);
        number("nr_total_entries", debug::entryCount);
        directory.makeAttribute("driver_filter", WRITABLE, new DriverFilter(debug));
        directory.makeText("dump", READABLE, debug::dump);
    }

    private void number(String name, IntSupplier value) {
        directory.makeAttribute(
                name, READABLE, NumberAttribute.of(() -> Integer.toUnsignedLong(value.getAsInt())));
    }

    private record DriverFilter(DmaDebug debug) implements Attribute {
        @Override
        public byte[] show() {
            String filter = debug.filter();
            return (filter.isEmpty() ? "" : filter + "\n").getBytes(StandardCharsets.ISO_8859_1);
        }

        @Override
        public long store(byte[] value) {
            debug.filter(new String(value, StandardCharsets.ISO_8859_1));
            return value.length;
        }
    }
}
