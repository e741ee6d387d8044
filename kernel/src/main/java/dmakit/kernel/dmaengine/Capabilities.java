package dmakit.kernel.dmaengine;

import dmakit.kernel.Linux;
import java.util.ArrayList;
import java.util.List;

/**
 * A set of {@link TransactionType}s. It never changes; {@link #with} and {@link #without} answer
 * another.
 *
 * @param bits one bit per type, at its number
 */
@Linux(file = "include/linux/dmaengine.h", symbol = "dma_cap_mask_t")
public record Capabilities(int bits) {
    private static final int ALL = (1 << TransactionType.values().length) - 1;

    /** The empty set. */
    public static final Capabilities NONE = new Capabilities(0);

    /**
     * Rejects bits that stand for nothing.
     *
     * @throws IllegalArgumentException when {@code bits} has one
     */
    public Capabilities {
        if ((bits & ~ALL) != 0) {
            throw new IllegalArgumentException(
                    "capability mask 0x%x has bits beyond 0x%x".formatted(bits, ALL));
        }
    }

    /** The set of these types. */
    public static Capabilities of(TransactionType... types) {
        int bits = 0;
        for (TransactionType type : types) {
            bits |= type.bit();
        }
        return new Capabilities(bits);
    }

    /** This set and one type more. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dma_cap_set")
    public Capabilities with(TransactionType type) {
        return new Capabilities(bits | type.bit());
    }

    /** This set but for one type. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dma_cap_clear")
    public Capabilities without(TransactionType type) {
        return new Capabilities(bits & ~type.bit());
    }

    /** Whether a type is in the set. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dma_has_cap")
    public boolean has(TransactionType type) {
        return (bits & type.bit()) != 0;
    }

    /** Whether every type of another set is in this one. */
    public boolean hasAll(Capabilities wanted) {
        return (bits & wanted.bits) == wanted.bits;
    }

    /** The names in C, in the order of their numbers. */
    @Override
    public String toString() {
        List<String> names = new ArrayList<>();
        for (TransactionType type : TransactionType.values()) {
            if (has(type)) {
                names.add(type.symbol());
            }
        }
        return String.join("|", names);
    }
}
