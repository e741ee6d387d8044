package dmakit.datasheet;

import java.util.List;

/**
 * One 32-bit register, as its manual describes it. Implemented by enums in address order, which
 * {@link RegisterMap} checks.
 */
public interface Register {
    /** Bytes in a register. */
    int BYTES = 4;

    /** The manual's name; enums have it already. */
    String name();

    /** From the start of the block it belongs to, in bytes. */
    int offset();

    /** Its value after a reset. */
    int reset();

    /** Its fields, the highest first. Bits that no field names are reserved. */
    List<? extends Field> fields();

    /** Ones where software can store. */
    default int writableMask() {
        int mask = 0;
        List<? extends Field> all = fields();
        // By index: a chip asks at every store, and an iterator would be an object each time.
        for (int i = 0; i < all.size(); i++) {
            Field field = all.get(i);
            if (field.bits().access().isWritable()) {
                mask |= field.mask();
            }
        }
        return mask;
    }

    /** Ones where the model leaves a field without effect. */
    default int notModelledMask() {
        int mask = 0;
        for (Field field : fields()) {
            if (!field.bits().modelled()) {
                mask |= field.mask();
            }
        }
        return mask;
    }
}
