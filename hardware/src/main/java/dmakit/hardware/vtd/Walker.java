package dmakit.hardware.vtd;

import dmakit.datasheet.vtd.ContextEntry;
import dmakit.datasheet.vtd.FaultReason;
import dmakit.datasheet.vtd.RootEntry;
import dmakit.datasheet.vtd.SecondLevelEntry;
import dmakit.machine.memory.Ram;
import org.jspecify.annotations.Nullable;

/**
 * Reads the tables in memory: root, context, second level. A walk answers why it failed, or leaves
 * what it found in the fields of the context or in its own.
 */
final class Walker {
    /** Bits of a physical address; those above are reserved in every entry. */
    static final int PHYS_BITS = 46;

    /** Bits of a master's address, whatever its tables say. */
    static final int ADDRESS_BITS_MAX = 48;

    static final int READ = SecondLevelEntry.Low.R.mask();
    static final int WRITE = SecondLevelEntry.Low.W.mask();

    private static final long WORD = 0xffff_ffffL;
    private static final long ADDRESS = SecondLevelEntry.ADDRESS;
    private static final long BEYOND_PHYS = ADDRESS & -(1L << PHYS_BITS);
    private static final long INDEX_MASK = (1L << SecondLevelEntry.LG2_ENTRIES) - 1;
    private static final int LARGE = SecondLevelEntry.Low.PS.mask();
    private static final int LEVELS_MIN = 3;
    private static final int LEVELS_MAX = 4;

    private static final long ROOT_RESERVED =
            BEYOND_PHYS | (~ADDRESS & ~(RootEntry.Ctp.P.mask() & WORD));
    private static final long CONTEXT_RESERVED =
            BEYOND_PHYS
                    | (~ADDRESS
                            & ~((ContextEntry.Slptptr.TT.mask()
                                            | ContextEntry.Slptptr.FPD.mask()
                                            | ContextEntry.Slptptr.P.mask())
                                    & WORD));
    private static final long DOMAIN_RESERVED =
            ~((ContextEntry.Domain.DID.mask()
                            | ContextEntry.Domain.AVAIL.mask()
                            | ContextEntry.Domain.AW.mask())
                    & WORD);

    private final TableMemory memory;
    private long phys;
    private int level;
    private int allowed;

    Walker(TableMemory memory) {
        this.memory = memory;
    }

    /** Where the page is that the last walk found. */
    long phys() {
        return phys;
    }

    /** The level of the page that the last walk found. */
    int level() {
        return level;
    }

    /** What all levels of the last walk allowed: {@link #READ}, {@link #WRITE}. */
    int allowed() {
        return allowed;
    }

    /**
     * Reads the context entry of a function.
     *
     * @param root the root table
     * @param sourceId bus, device and function
     * @param into takes what it says, and becomes valid unless there is a reason
     */
    @Nullable FaultReason context(long root, int sourceId, Context into) {
        into.forget();
        int bus = sourceId >>> Byte.SIZE;
        long at = (root & ADDRESS) + (long) bus * RootEntry.SIZE;
        long rootEntry = memory.offsetOf(at, RootEntry.SIZE);
        if (rootEntry == Ram.NOT_RAM) {
            return FaultReason.ROOT_UNREACHABLE;
        }
        long low = memory.load64(rootEntry);
        if (!RootEntry.Ctp.P.isSet((int) low)) {
            return FaultReason.ROOT_NOT_PRESENT;
        }
        if ((low & ROOT_RESERVED) != 0 || memory.load64(rootEntry + Long.BYTES) != 0) {
            return FaultReason.ROOT_RESERVED;
        }
        long function = sourceId & 0xff;
        long entry =
                memory.offsetOf((low & ADDRESS) + function * ContextEntry.SIZE, ContextEntry.SIZE);
        return entry == Ram.NOT_RAM
                ? FaultReason.CONTEXT_UNREACHABLE
                : context(memory.load64(entry), memory.load64(entry + Long.BYTES), into);
    }

    private static @Nullable FaultReason context(long low, long high, Context into) {
        into.hidesFaults = ContextEntry.Slptptr.FPD.isSet((int) low);
        if (!ContextEntry.Slptptr.P.isSet((int) low)) {
            return FaultReason.CONTEXT_NOT_PRESENT;
        }
        if ((low & CONTEXT_RESERVED) != 0 || (high & DOMAIN_RESERVED) != 0) {
            return FaultReason.CONTEXT_RESERVED;
        }
        int type = ContextEntry.Slptptr.TT.get((int) low);
        int levels = ContextEntry.LEVELS_OF_AW_0 + ContextEntry.Domain.AW.get((int) high);
        boolean passes = type == ContextEntry.TT_PASS_THROUGH;
        if ((!passes && type != ContextEntry.TT_TRANSLATED)
                || levels < LEVELS_MIN
                || levels > LEVELS_MAX) {
            return FaultReason.CONTEXT_INVALID;
        }
        into.set(low & ADDRESS, levels, ContextEntry.Domain.DID.get((int) high), passes);
        return null;
    }

    /**
     * Reads the second-level tables of a context for an address.
     *
     * @return why the access is refused; null when the fields say where it leads
     */
    @Nullable FaultReason page(Context context, long address, boolean write) {
        int needed = write ? WRITE : READ;
        FaultReason denied = write ? FaultReason.WRITE_NOT_ALLOWED : FaultReason.READ_NOT_ALLOWED;
        long table = context.table();
        allowed = READ | WRITE;
        for (level = context.levels(); ; level--) {
            int shift = Iotlb.shiftOf(level);
            long index = (address >>> shift) & INDEX_MASK;
            long at = memory.offsetOf(table + index * SecondLevelEntry.SIZE, SecondLevelEntry.SIZE);
            if (at == Ram.NOT_RAM) {
                return FaultReason.TABLE_UNREACHABLE;
            }
            long entry = memory.load64(at);
            allowed &= (int) entry;
            if ((entry & (READ | WRITE)) == 0) {
                return denied;
            }
            boolean page = level == 1 || (entry & LARGE) != 0;
            if (isReserved(entry, page)) {
                return FaultReason.ENTRY_RESERVED;
            }
            if ((allowed & needed) == 0) {
                return denied;
            }
            table = entry & ADDRESS;
            if (page) {
                phys = table;
                return null;
            }
        }
    }

    private boolean isReserved(long entry, boolean page) {
        if ((entry & BEYOND_PHYS) != 0) {
            return true;
        }
        if (!page || level == 1) {
            return false;
        }
        long inPage = (1L << Iotlb.shiftOf(level)) - 1;
        return level > SecondLevelEntry.LARGE_LEVEL_MAX || (entry & ADDRESS & inPage) != 0;
    }
}
