package dmakit.kernel.scatterlist;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.machine.Check;
import dmakit.machine.cpu.AddressLayout;
import org.jspecify.annotations.Nullable;

/**
 * A run of entries, each one segment of memory; the list ends at a marked entry or goes on in
 * another run that is chained to it.
 *
 * <p>Entries are numbered from 0 within their run. Lengths are unsigned 32-bit numbers.
 *
 * <pre>{@code
 * for (Scatterlist run = sg; run != null; run = run.next()) {
 *     for (int i = 0; i < run.count(); i++) {
 *         use(run.phys(i), run.length(i));
 *     }
 * }
 * }</pre>
 */
@Linux(file = "include/linux/scatterlist.h", symbol = "scatterlist")
public final class Scatterlist {
    /** Largest length of one entry, in bytes. */
    public static final long LENGTH_MAX = 0xffff_ffffL;

    /** Runs that may be chained; longer chains are taken for rings. */
    public static final int RUN_COUNT_MAX = 1 << 20;

    private final long[] page;
    private final int[] offset;
    private final int[] length;
    private final long[] dmaAddress;
    private final int[] dmaLength;
    private int end;
    private @Nullable Scatterlist next;

    /**
     * Creates a run of empty entries whose last one ends the list.
     *
     * @param entries at least 1
     */
    @Linux(file = "lib/scatterlist.c", symbol = "sg_init_table")
    public Scatterlist(int entries) {
        Check.argument(entries >= 1, "a scatterlist of %d entries", entries);
        page = new long[entries];
        offset = new int[entries];
        length = new int[entries];
        dmaAddress = new long[entries];
        dmaLength = new int[entries];
        end = entries - 1;
    }

    /** A list of one entry: bytes in the linear map. */
    @Linux(file = "lib/scatterlist.c", symbol = "sg_init_one")
    public static Scatterlist ofOne(long va, long bytes) {
        Scatterlist sg = new Scatterlist(1);
        sg.setBuffer(0, va, bytes);
        return sg;
    }

    // The CPU's view.

    /**
     * Sets a segment.
     *
     * @param pagePhys physical address of its page, page aligned
     * @param bytes up to {@link #LENGTH_MAX}
     * @param offsetInPage of its first byte, at least 0; may exceed a page
     */
    @Linux(file = "include/linux/scatterlist.h", symbol = "sg_set_page")
    public void setPage(int i, long pagePhys, long bytes, int offsetInPage) {
        Check.argument(
                (pagePhys & (VirtualMemory.PAGE_BYTES - 1)) == 0,
                "phys:0x%x is not page aligned",
                pagePhys);
        Check.argument((bytes & ~LENGTH_MAX) == 0, "0x%x bytes, limit is 0x%x", bytes, LENGTH_MAX);
        Check.argument(offsetInPage >= 0, "offset %d is negative", offsetInPage);
        page[i] = pagePhys;
        offset[i] = offsetInPage;
        length[i] = (int) bytes;
    }

    /**
     * Sets a segment by its address.
     *
     * @param va in the linear map
     * @param bytes up to {@link #LENGTH_MAX}
     * @throws IllegalArgumentException when {@code va} is not in the linear map
     */
    @Linux(file = "include/linux/scatterlist.h", symbol = "sg_set_buf")
    public void setBuffer(int i, long va, long bytes) {
        Check.argument(AddressLayout.isLinear(va), "va:0x%x is not in the linear map", va);
        long phys = va - AddressLayout.LINEAR_BASE;
        int inPage = (int) (phys & (VirtualMemory.PAGE_BYTES - 1));
        setPage(i, phys - inPage, bytes, inPage);
    }

    /** Sets the length of a segment alone. */
    public void setLength(int i, long bytes) {
        Check.argument((bytes & ~LENGTH_MAX) == 0, "0x%x bytes, limit is 0x%x", bytes, LENGTH_MAX);
        length[i] = (int) bytes;
    }

    /** Physical address of the segment's page. */
    @Linux(file = "include/linux/scatterlist.h", symbol = "sg_page")
    public long page(int i) {
        return page[i];
    }

    /** Offset of the segment from its page, in bytes. */
    public int offset(int i) {
        return offset[i];
    }

    /** Length of the segment in bytes. */
    public long length(int i) {
        return Integer.toUnsignedLong(length[i]);
    }

    /** Physical address of the segment. */
    @Linux(file = "include/linux/scatterlist.h", symbol = "sg_phys")
    public long phys(int i) {
        return page[i] + offset[i];
    }

    /** Address of the segment in the linear map. */
    @Linux(file = "include/linux/scatterlist.h", symbol = "sg_virt")
    public long va(int i) {
        return AddressLayout.LINEAR_BASE + phys(i);
    }

    // The device's view.

    /** Where the device finds the segment, once it is mapped. */
    @Linux(file = "include/linux/scatterlist.h", symbol = "sg_dma_address")
    public long dmaAddress(int i) {
        return dmaAddress[i];
    }

    /** How many bytes the device finds there, once it is mapped. */
    @Linux(file = "include/linux/scatterlist.h", symbol = "sg_dma_len")
    public long dmaLength(int i) {
        return Integer.toUnsignedLong(dmaLength[i]);
    }

    /**
     * The device's view of the first segments from here, as many as fit.
     *
     * @param starts gets where the device finds each
     * @param sizes gets its bytes; as long as {@code starts}
     * @return how many there are
     */
    public int dmaRanges(long[] starts, long[] sizes) {
        int at = 0;
        for (Scatterlist run = this; run != null && at < starts.length; run = run.next) {
            for (int i = 0; i < run.count() && at < starts.length; i++) {
                starts[at] = run.dmaAddress(i);
                sizes[at++] = run.dmaLength(i);
            }
        }
        return at;
    }

    /** Sets the device's view; for the DMA layer. */
    public void setDma(int i, long dma, long bytes) {
        dmaAddress[i] = dma;
        dmaLength[i] = (int) bytes;
    }

    // The list.

    /** Entries of this run that are segments. */
    public int count() {
        return next != null ? page.length - 1 : end + 1;
    }

    /** The run this one is chained to, or null where the list ends. */
    public @Nullable Scatterlist next() {
        return next;
    }

    /** Whether an entry of this run ends the list. */
    @Linux(file = "include/linux/scatterlist.h", symbol = "sg_is_last")
    public boolean isLast(int i) {
        return next == null && i == end;
    }

    /**
     * Chains another run to this one. The last entry becomes the link and holds no segment any
     * more.
     */
    @Linux(file = "include/linux/scatterlist.h", symbol = "sg_chain")
    public void chain(Scatterlist behind) {
        end = page.length - 1;
        next = behind;
        setPage(end, 0, 0, 0);
        setDma(end, 0, 0);
    }

    /** Lets the list end at an entry of this run. */
    @Linux(file = "include/linux/scatterlist.h", symbol = "sg_mark_end")
    public void markEnd(int i) {
        Check.argument(i >= 0 && i < page.length, "entry %d of %d", i, page.length);
        end = i;
        next = null;
    }

    /** Entries from here to the end of the list. */
    @Linux(file = "lib/scatterlist.c", symbol = "sg_nents")
    public int entries() {
        int entries = 0;
        int runs = 0;
        for (Scatterlist run = this; run != null; run = run.next) {
            checkChain(++runs);
            entries += run.count();
        }
        return entries;
    }

    /**
     * Entries from here that are needed for a number of bytes; 0 for none.
     *
     * @throws KernelException EINVAL when the list is too short
     */
    @Linux(file = "lib/scatterlist.c", symbol = "sg_nents_for_len")
    public int entriesFor(long bytes) {
        if (bytes == 0) {
            return 0;
        }
        long total = 0;
        int entries = 0;
        int runs = 0;
        for (Scatterlist run = this; run != null; run = run.next) {
            checkChain(++runs);
            for (int i = 0; i < run.count(); i++) {
                entries++;
                total += run.length(i);
                if (total >= bytes) {
                    return entries;
                }
            }
        }
        throw new KernelException(Errno.EINVAL, "the list holds %d bytes, wanted %d", total, bytes);
    }

    /** Bytes of the segments from here to the end of the list. */
    public long bytes() {
        long total = 0;
        int runs = 0;
        for (Scatterlist run = this; run != null; run = run.next) {
            checkChain(++runs);
            for (int i = 0; i < run.count(); i++) {
                total += run.length(i);
            }
        }
        return total;
    }

    private static void checkChain(int runs) {
        Check.argument(runs <= RUN_COUNT_MAX, "a chain of more than %d runs", RUN_COUNT_MAX);
    }
}
