package dmakit.hardware.pci;

import dmakit.datasheet.Access;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.machine.Check;

/** The configuration space of one function: words, and what a store changes in each. */
final class ConfigSpace {
    /** Bytes of one function's space, as PCI Express has it. */
    static final int SIZE = 4096;

    private final int[] words = new int[SIZE / Register.BYTES];
    private final int[] writable = new int[words.length];
    private final int[] clearable = new int[words.length];

    /** Puts a block of registers at an offset, as they are after a reset. */
    <R extends Enum<R> & Register> void place(RegisterMap<R> map, int offset) {
        Check.argument(
                offset >= 0 && offset + map.size() <= SIZE,
                "%s does not fit at 0x%x",
                map.name(),
                offset);
        for (R register : map.registers()) {
            int at = (offset + register.offset()) / Register.BYTES;
            words[at] = register.reset();
            for (Field field : register.fields()) {
                switch (field.bits().access()) {
                    case RW -> writable[at] |= field.mask();
                    case W1C -> clearable[at] |= field.mask();
                    case RO, WO, W1SC, RC ->
                            Check.invariant(
                                    field.bits().access() == Access.RO,
                                    "%s is no kind of configuration bit",
                                    field.name());
                }
            }
        }
    }

    /** The word at an offset. */
    int word(int offset) {
        return words[offset / Register.BYTES];
    }

    /** Sets a word whatever software may store there. */
    void set(int offset, int value) {
        words[offset / Register.BYTES] = value;
    }

    /** Sets fields of a word whatever software may store there. */
    void set(int offset, Field field, int value) {
        set(offset, field.with(word(offset), value));
    }

    /** Says which bits of a word software can set. */
    void writable(int offset, int mask) {
        writable[offset / Register.BYTES] = mask;
    }

    /** What software stores into some bytes of a word. */
    void store(int offset, int value, int lanes) {
        int at = offset / Register.BYTES;
        int stored = writable[at] & lanes;
        int merged = (words[at] & ~stored) | (value & stored);
        words[at] = merged & ~(value & clearable[at] & lanes);
    }
}
