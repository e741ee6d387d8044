package dmakit.hardware.smmu;

import dmakit.datasheet.smmu.ContextBankRegister.Fsr;
import dmakit.datasheet.smmu.LongDescriptor;
import dmakit.machine.memory.DeviceView;
import dmakit.machine.memory.Ram;

/**
 * Reads translation tables in RAM. One walk after the other; the answer of the last one stands in
 * fields, so that a walk allocates nothing.
 *
 * <p>A walk takes at most {@value #LEVEL_COUNT_MAX} reads, whatever the tables hold.
 */
final class TableWalker {
    /** Levels of tables of 4 KiB. */
    static final int LEVEL_COUNT_MAX = 4;

    /** The smallest and largest TxSZ: addresses of 48 and of 25 bits. */
    private static final int TSZ_MIN = 16;

    private static final int TSZ_MAX = 39;

    private final DeviceView memory;
    private final Ram ram;

    /** Why it failed; 0 when it did not. */
    private int fault;

    private boolean faultOfWalk;
    private int level;
    private long phys;
    private int allowed;
    private boolean global;

    TableWalker(DeviceView memory, Ram ram) {
        this.memory = memory;
        this.ram = ram;
    }

    /**
     * Translates an address.
     *
     * @param base where the first table lies, as TTBR says
     * @param sizeOffset TxSZ; one out of range counts as the nearest that is not
     * @param physLast the largest address that tables may hold
     * @return whether there is a translation
     */
    boolean walk(long address, long base, int sizeOffset, long physLast) {
        fault = 0;
        faultOfWalk = false;
        int bits = Long.SIZE - Math.clamp(sizeOffset, TSZ_MIN, TSZ_MAX);
        int indexBits = bits - LongDescriptor.LG2_PAGE;
        int levels = (indexBits + LongDescriptor.LG2_COUNT - 1) / LongDescriptor.LG2_COUNT;
        int width = indexBits - LongDescriptor.LG2_COUNT * (levels - 1);
        level = LongDescriptor.LEVEL_LAST + 1 - levels;
        long table = LongDescriptor.ADDRESS.mask() & base;
        table &= -(long) LongDescriptor.BYTES << width;
        long inherited = 0;
        while (true) {
            if (table > physLast) {
                return fail(Fsr.ASF, true);
            }
            int shift = LongDescriptor.shiftOf(level);
            long index = (address >>> shift) & ((1L << width) - 1);
            long offset = ram.offsetOf(table + index * LongDescriptor.BYTES, LongDescriptor.BYTES);
            if (offset == Ram.NOT_RAM) {
                return fail(Fsr.EF, true);
            }
            long descriptor = memory.load64(offset);
            if (!LongDescriptor.VALID.isSet(descriptor)) {
                return fail(Fsr.TF, false);
            }
            boolean isTable = LongDescriptor.TABLE.isSet(descriptor);
            if (level == LongDescriptor.LEVEL_LAST) {
                return isTable
                        ? found(descriptor, inherited, shift, physLast)
                        : fail(Fsr.TF, false);
            }
            if (!isTable) {
                return level >= LongDescriptor.LEVEL_BLOCK_FIRST
                        ? found(descriptor, inherited, shift, physLast)
                        : fail(Fsr.TF, false);
            }
            inherited |= descriptor;
            table = LongDescriptor.ADDRESS.mask() & descriptor;
            width = LongDescriptor.LG2_COUNT;
            level++;
        }
    }

    private boolean found(long descriptor, long inherited, int shift, long physLast) {
        phys = descriptor & LongDescriptor.ADDRESS.mask() & -(1L << shift);
        if (phys > physLast) {
            return fail(Fsr.ASF, false);
        }
        if (!LongDescriptor.AF.isSet(descriptor)) {
            return fail(Fsr.AFF, false);
        }
        boolean writable =
                !LongDescriptor.AP_READ_ONLY.isSet(descriptor)
                        && !LongDescriptor.AP_READ_ONLY_TABLE.isSet(inherited);
        boolean unprivileged =
                LongDescriptor.AP_UNPRIVILEGED.isSet(descriptor)
                        && !LongDescriptor.AP_UNPRIVILEGED_TABLE.isSet(inherited);
        allowed = (writable ? Iotlb.WRITABLE : 0) | (unprivileged ? Iotlb.UNPRIVILEGED : 0);
        global = !LongDescriptor.NG.isSet(descriptor);
        return true;
    }

    private boolean fail(Fsr why, boolean ofWalk) {
        fault = why.mask();
        faultOfWalk = ofWalk;
        return false;
    }

    /** There is no table to walk: a fault before the first read. */
    void failBeforeWalk() {
        level = 0;
        fail(Fsr.TF, false);
    }

    /** Why the last walk failed, a bit of {@link Fsr}; 0 when it did not. */
    int fault() {
        return fault;
    }

    /** Whether it failed for want of a table, and not of a translation. */
    boolean isFaultOfWalk() {
        return faultOfWalk;
    }

    /** The level at which it ended. */
    int level() {
        return level;
    }

    /** Where the page or block lies. */
    long phys() {
        return phys;
    }

    /** Flags of {@link Iotlb}. */
    int allowed() {
        return allowed;
    }

    /** Whether the translation is for all ASIDs. */
    boolean isGlobal() {
        return global;
    }
}
