package dmakit.kernel.mapping;

import java.util.Locale;

/** A driver used memory or a mapping that was not its to use in that way. */
public final class OwnershipViolation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OwnershipViolation(String format, Object... values) {
        super(String.format(Locale.ROOT, format, values));
    }
}
