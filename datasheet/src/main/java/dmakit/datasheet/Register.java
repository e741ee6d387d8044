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

    /** What the manual's table says of it. */
    Row row();

    /** From the start of the block it belongs to, in bytes. */
    default int offset() {
        return row().offset();
    }

    /** Its value after a reset. */
    default int reset() {
        return row().reset();
    }

    /** Its fields, the highest first. Bits that no field names are reserved. */
    default List<Field> fields() {
        return row().fields();
    }

    /** Ones where software can store. */
    default int writableMask() {
        return row().writableMask();
    }

    /** Ones where the model leaves a field without effect. */
    default int notModelledMask() {
        return row().notModelledMask();
    }
}
