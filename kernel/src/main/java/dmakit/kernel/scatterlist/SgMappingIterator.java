package dmakit.kernel.scatterlist;

import dmakit.kernel.Linux;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.machine.Check;
import org.jspecify.annotations.Nullable;

/** Walks a list in pieces that lie within one page. */
@Linux(file = "include/linux/scatterlist.h", symbol = "sg_mapping_iter")
public final class SgMappingIterator {
    private static final long PAGE = VirtualMemory.PAGE_BYTES;

    private @Nullable Scatterlist run;
    private int entriesLeft;
    private int entry;
    private long inEntry;
    private long address;
    private long length;
    private long consumed;

    /**
     * Starts in front of the first piece.
     *
     * @param nents entries of the list to walk
     */
    @Linux(file = "lib/scatterlist.c", symbol = "sg_miter_start")
    public SgMappingIterator(Scatterlist sg, int nents) {
        run = sg;
        entriesLeft = nents;
    }

    /**
     * Goes on behind what was consumed of the piece before.
     *
     * @return false at the end of the list
     */
    @Linux(file = "lib/scatterlist.c", symbol = "sg_miter_next")
    public boolean next() {
        inEntry += consumed;
        length = 0;
        consumed = 0;
        Scatterlist at = settle();
        if (at == null) {
            return false;
        }
        long phys = at.phys(entry) + inEntry;
        length = Math.min(at.length(entry) - inEntry, PAGE - (phys & (PAGE - 1)));
        address = at.va(entry) + inEntry;
        consumed = length;
        return true;
    }

    /**
     * Leaves bytes out, from behind what was consumed.
     *
     * @return false when the list ends before
     */
    @Linux(file = "lib/scatterlist.c", symbol = "sg_miter_skip")
    public boolean skip(long bytes) {
        stop();
        long left = bytes;
        while (left > 0) {
            Scatterlist at = settle();
            if (at == null) {
                return false;
            }
            long step = Math.min(left, at.length(entry) - inEntry);
            inEntry += step;
            left -= step;
        }
        return true;
    }

    /** Ends the work on the piece; what was consumed of it counts. */
    @Linux(file = "lib/scatterlist.c", symbol = "sg_miter_stop")
    public void stop() {
        inEntry += consumed;
        length = 0;
        consumed = 0;
    }

    /** Address of the piece in the linear map. */
    public long address() {
        return address;
    }

    /** Bytes of the piece. */
    public long length() {
        return length;
    }

    /** Says how much of the piece was consumed; all of it unless said otherwise. */
    public void consume(long bytes) {
        Check.argument(bytes >= 0 && bytes <= length, "%d bytes of a piece of %d", bytes, length);
        consumed = bytes;
    }

    /** The run whose current entry has bytes left, or null at the end. */
    private @Nullable Scatterlist settle() {
        while (run != null && entriesLeft > 0) {
            if (entry >= run.count()) {
                run = run.next();
                entry = 0;
            } else if (inEntry < run.length(entry)) {
                return run;
            } else {
                entry++;
                entriesLeft--;
                inEntry = 0;
            }
        }
        return null;
    }
}
