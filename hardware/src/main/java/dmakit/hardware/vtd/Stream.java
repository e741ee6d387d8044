package dmakit.hardware.vtd;

import dmakit.datasheet.vtd.FaultReason;
import dmakit.machine.bus.Translation;
import org.jspecify.annotations.Nullable;

/**
 * What stands between one function and memory. It remembers the function's context entry and, on
 * top of the IOTLB, the page found last, which is as old as the IOTLB's own entry.
 */
final class Stream implements Translation {
    /** The interrupt address range: writes are interrupts and not translated. */
    static final long INTERRUPTS = 0xfee0_0000L;

    /** Bytes of the interrupt address range. */
    static final long INTERRUPTS_BYTES = 0x10_0000L;

    private static final long NO_PAGE = -1;

    private final Vtd unit;
    private final int sourceId;
    private final Translation untranslated;
    private final Context context = new Context();
    private long page = NO_PAGE;
    private long inPage;
    private long phys;
    private int allowed;
    private long epoch;

    Stream(Vtd unit, int sourceId, Translation untranslated) {
        this.unit = unit;
        this.sourceId = sourceId;
        this.untranslated = untranslated;
    }

    int sourceId() {
        return sourceId;
    }

    Context context() {
        return context;
    }

    void forgetContext() {
        context.forget();
        page = NO_PAGE;
    }

    @Override
    public long toPhys(long address, boolean write) {
        if (!unit.translates()) {
            return untranslated.toPhys(address, write);
        }
        if (isLastPage(address, write)) {
            return phys | (address & inPage);
        }
        if (isInterrupt(address)) {
            return write ? address : NONE;
        }
        if (refusal(address, write) != null) {
            return NONE;
        }
        return context.passes() ? untranslated.toPhys(address, write) : phys | (address & inPage);
    }

    @Override
    public long contiguousFrom(long address, boolean write) {
        if (!unit.translates()) {
            return untranslated.contiguousFrom(address, write);
        }
        if (!isLastPage(address, write)) {
            if (isInterrupt(address)) {
                return write ? INTERRUPTS + INTERRUPTS_BYTES - address : 0;
            }
            if (refusal(address, write) != null) {
                return 0;
            }
        }
        long bytes =
                context.passes()
                        ? untranslated.contiguousFrom(address, write)
                        : inPage - (address & inPage) + 1;
        return Long.compareUnsigned(address, INTERRUPTS) < 0
                        && Long.compareUnsigned(bytes, INTERRUPTS - address) > 0
                ? INTERRUPTS - address
                : bytes;
    }

    @Override
    public void refused(long address, boolean write) {
        if (!unit.translates() || isInterrupt(address)) {
            return;
        }
        FaultReason reason = refusal(address, write);
        if (reason != null && !context.hidesFaults) {
            unit.faults().record(sourceId, address, write, reason);
        }
    }

    private static boolean isInterrupt(long address) {
        return Long.compareUnsigned(address - INTERRUPTS, INTERRUPTS_BYTES) < 0;
    }

    private boolean isLastPage(long address, boolean write) {
        return (address & ~inPage) == page
                && epoch == unit.iotlb().epoch()
                && (allowed & (write ? Walker.WRITE : Walker.READ)) != 0;
    }

    /** Why an access is refused; null when it is not, and its page is the last one then. */
    private @Nullable FaultReason refusal(long address, boolean write) {
        if (!context.isValid()) {
            FaultReason reason = unit.walker().context(unit.rootTable(), sourceId, context);
            if (reason != null) {
                return reason;
            }
        }
        if (!context.reaches(address)) {
            return FaultReason.ADDRESS_BEYOND_WIDTH;
        }
        if (context.passes()) {
            return null;
        }
        Iotlb iotlb = unit.iotlb();
        int index = iotlb.find(context.domain(), address);
        if (index == Iotlb.MISS
                || (iotlb.allowedOf(index) & (write ? Walker.WRITE : Walker.READ)) == 0) {
            // Permissions may have grown since: more than before needs no invalidation.
            Walker walker = unit.walker();
            FaultReason reason = walker.page(context, address, write);
            if (reason != null) {
                return reason;
            }
            index =
                    iotlb.fill(
                            context.domain(),
                            address,
                            walker.level(),
                            walker.phys(),
                            walker.allowed());
        }
        takeForLast(address, index);
        return null;
    }

    private void takeForLast(long address, int index) {
        Iotlb iotlb = unit.iotlb();
        phys = iotlb.physOf(index);
        allowed = iotlb.allowedOf(index);
        epoch = iotlb.epoch();
        inPage = (1L << Iotlb.shiftOf(iotlb.levelOf(index))) - 1;
        long start = address & ~inPage;
        // A large page around the interrupt range must not hide it.
        boolean free = INTERRUPTS - start > inPage || start - INTERRUPTS >= INTERRUPTS_BYTES;
        page = free ? start : NO_PAGE;
    }
}
