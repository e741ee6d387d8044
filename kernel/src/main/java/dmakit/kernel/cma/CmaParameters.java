package dmakit.kernel.cma;

import dmakit.kernel.KernelParameters;
import dmakit.kernel.KernelParameters.Parsed;
import dmakit.kernel.Linux;
import java.util.Optional;

/**
 * What {@code cma=nn[KMG]@[start[KMG][-end[KMG]]]} asks for.
 *
 * @param size in bytes; 0 for no default area
 * @param base first address allowed, 0 for any
 * @param limit end of what is allowed, 0 for any
 */
record CmaParameters(long size, long base, long limit) {
    /** Whether the place is given, and not a range to look in. */
    boolean isFixed() {
        return limit != 0 && base + size == limit;
    }

    /** Reads a value; what is no number counts as 0, as everywhere on the command line. */
    @Linux(file = "kernel/dma/contiguous.c", symbol = "early_cma")
    static CmaParameters of(String value) {
        Parsed size = number(value);
        if (!size.rest().startsWith("@")) {
            return new CmaParameters(size.value(), 0, 0);
        }
        Parsed start = number(size.rest().substring(1));
        if (!start.rest().startsWith("-")) {
            return new CmaParameters(size.value(), start.value(), start.value() + size.value());
        }
        long end = number(start.rest().substring(1)).value();
        return new CmaParameters(size.value(), start.value(), end);
    }

    private static Parsed number(String text) {
        Optional<Parsed> parsed = KernelParameters.memparse(text);
        return parsed.orElseGet(() -> new Parsed(0, text));
    }
}
