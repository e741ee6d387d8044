package dmakit.datasheet.smmu;

/**
 * Fields of the 64-bit descriptors in tables of 4 KiB, stage 1. Arm ARM, DDI 0487, section D8.3,
 * "Translation table descriptor formats"; the SMMU reads the same ones.
 *
 * <p>A table has 512 descriptors. Level 0 translates bits 47:39 of an address, level 1 bits 38:30,
 * level 2 bits 29:21, level 3 bits 20:12. Fields above {@link #ADDRESS} that end in {@code _TABLE}
 * are those of a descriptor that names another table.
 */
public enum LongDescriptor {
    /** Takes part in translation at all. */
    VALID(0, 0),
    /** Names a table; in level 3 a page, and clear no descriptor of level 3 is valid. */
    TABLE(1, 1),
    /** Memory type, an index into MAIR. */
    ATTR_INDEX(4, 2),
    /** Not secure. */
    NS(5, 5),
    /** Unprivileged accesses are allowed. */
    AP_UNPRIVILEGED(6, 6),
    /** Writes are not allowed. */
    AP_READ_ONLY(7, 7),
    /** Shareability: 0 none, 2 outer, 3 inner. */
    SH(9, 8),
    /** It may be used: clear, the first access faults. */
    AF(10, 10),
    /** For one ASID alone. */
    NG(11, 11),
    /** Bits 47:12 of an address: of the next table, of a block or page. */
    ADDRESS(47, 12),
    /** One of a run that may share one TLB entry. */
    CONTIGUOUS(52, 52),
    /** No privileged fetch of instructions. */
    PXN(53, 53),
    /** No unprivileged fetch of instructions. */
    XN(54, 54),
    /** Software's: the hardware ignores it. */
    SOFTWARE(58, 55),
    /** PXN for everything behind. */
    PXN_TABLE(59, 59),
    /** XN for everything behind. */
    XN_TABLE(60, 60),
    /** No unprivileged access to anything behind. */
    AP_UNPRIVILEGED_TABLE(61, 61),
    /** No write to anything behind. */
    AP_READ_ONLY_TABLE(62, 62),
    /** Not secure, everything behind. */
    NS_TABLE(63, 63);

    /** Bytes of a descriptor. */
    public static final int BYTES = 8;

    /** log2 of the descriptors in a table. */
    public static final int LG2_COUNT = 9;

    /** log2 of the bytes of a page, and of a table. */
    public static final int LG2_PAGE = 12;

    /** The last level, that of pages. */
    public static final int LEVEL_LAST = 3;

    /** The first level at which a descriptor can be a block: of 1 GiB. */
    public static final int LEVEL_BLOCK_FIRST = 1;

    /** {@link #SH} of memory that a cluster of CPUs shares. */
    public static final int SH_OUTER = 2;

    /** {@link #SH} of memory whose caches are kept coherent. */
    public static final int SH_INNER = 3;

    private final int msb;
    private final int lsb;
    private final long mask;

    LongDescriptor(int msb, int lsb) {
        this.msb = msb;
        this.lsb = lsb;
        mask = (-1L >>> (Long.SIZE - 1 - (msb - lsb))) << lsb;
    }

    /** Number of the highest bit. */
    public int msb() {
        return msb;
    }

    /** Number of the lowest bit. */
    public int lsb() {
        return lsb;
    }

    /** Ones where the field lies. */
    public long mask() {
        return mask;
    }

    /** Whether any bit of the field is set in a descriptor. */
    public boolean isSet(long descriptor) {
        return (descriptor & mask) != 0;
    }

    /** The field's value in a descriptor. */
    public long get(long descriptor) {
        return (descriptor & mask) >>> lsb;
    }

    /** A descriptor in which this field alone is not zero; bits that do not fit are dropped. */
    public long of(long value) {
        return (value << lsb) & mask;
    }

    /** How far right the bits lie that a level translates: 12 for level 3, 39 for level 0. */
    public static int shiftOf(int level) {
        return LG2_PAGE + LG2_COUNT * (LEVEL_LAST - level);
    }
}
