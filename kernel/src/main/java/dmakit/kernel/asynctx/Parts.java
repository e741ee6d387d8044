package dmakit.kernel.asynctx;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaAddr;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.UnmapData;
import dmakit.kernel.dmaengine.UnmapPools;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.raid.Raid6;
import dmakit.kernel.raid.Xor;
import dmakit.kernel.sched.Contexts;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;

/** What all operations are made of: lending of pages, arithmetic of the CPU, and chains. */
final class Parts {
    private static final int PIECE_BYTES = 4096;

    final Chains chains;
    final Raid6 raid6;
    final Xor xor;
    private final DmaMapping mapping;
    private final UnmapPools pools;
    private final Cpu cpu;
    private final PageAllocator pages;
    private final Contexts contexts;
    private final Set<String> warned = new TreeSet<>();
    private long scratchPage = AsyncTx.NO_PAGE;

    Parts(
            Chains chains,
            DmaMapping mapping,
            UnmapPools pools,
            Cpu cpu,
            PageAllocator pages,
            Contexts contexts) {
        this.chains = chains;
        this.mapping = mapping;
        this.pools = pools;
        this.cpu = cpu;
        this.pages = pages;
        this.contexts = contexts;
        raid6 = new Raid6(cpu);
        xor = new Xor(cpu);
    }

    /** The virtual address of a part of a page. */
    static long va(long page, long offset) {
        return AddressLayout.LINEAR_BASE + page + offset;
    }

    /** What a part of an operation wants of the engine. */
    static int prepFlags(AsyncSubmit submit) {
        int flags = submit.callback() == null ? 0 : PrepFlags.INTERRUPT;
        return submit.has(AsyncTxFlags.FENCE) ? flags | PrepFlags.FENCE : flags;
    }

    // Lending.

    /** Room for addresses, and how many of them are whose. */
    Lent lent(Channel channel, int count, long bytes) {
        Device dev = channel.device().dev();
        return new Lent(dev, pools.get(dev, count).length(bytes), bytes);
    }

    /** The pages of one operation, lent to one device. */
    final class Lent {
        private final Device dev;
        private final UnmapData unmap;
        private final long bytes;
        private boolean refused;

        private Lent(Device dev, UnmapData unmap, long bytes) {
            this.dev = dev;
            this.unmap = unmap;
            this.bytes = bytes;
        }

        /** Lends a page the device reads. */
        void toDevice(long page, long offset) {
            long dma = map(page, offset, DmaDirection.TO_DEVICE);
            if (!refused) {
                unmap.addTo(dma);
            }
        }

        /** Lends a page the device writes. */
        void fromDevice(long page, long offset) {
            long dma = map(page, offset, DmaDirection.FROM_DEVICE);
            if (!refused) {
                unmap.addFrom(dma);
            }
        }

        /** Lends a page the device writes and may read again; 0 in place of no page. */
        void both(long page, long offset) {
            long dma = page == AsyncTx.NO_PAGE ? 0 : map(page, offset, DmaDirection.BIDIRECTIONAL);
            if (!refused) {
                unmap.addBidi(dma);
            }
        }

        private long map(long page, long offset, DmaDirection direction) {
            if (refused) {
                return DmaAddr.MAPPING_ERROR;
            }
            long dma = mapping.tryMapPage(dev, page, offset, bytes, direction, DmaAttrs.NO_WARN);
            refused = mapping.mappingError(dev, dma);
            return dma;
        }

        /**
         * Whether the device does not reach a page. Linux goes on with the address that is none;
         * here the CPU does the work.
         */
        boolean isRefused() {
            return refused;
        }

        int count() {
            return unmap.count();
        }

        long address(int index) {
            return unmap.address(index);
        }

        /** The first addresses, for a provider that reads them in the call. */
        long[] addresses(int first, int count) {
            long[] part = new long[count];
            for (int i = 0; i < count; i++) {
                part[i] = unmap.address(first + i);
            }
            return part;
        }

        /** Has the pages taken back when a descriptor is done, at the earliest. */
        void keptBy(Descriptor desc) {
            desc.setUnmap(unmap);
        }

        /** Lets go of the pages: taken back are they when no descriptor keeps them. */
        void put() {
            unmap.put();
        }
    }

    // The CPU's way.

    void copy(long fromPage, long fromOffset, long toPage, long toOffset, long bytes) {
        cpu.copy(fromPage + fromOffset, toPage + toOffset, bytes);
    }

    void fill(long page, long offset, long bytes, int value) {
        cpu.fill(va(page, offset), bytes, (byte) value);
    }

    /** {@code memchr_inv}: whether no byte but 0 is there. */
    boolean isZero(long va, long bytes) {
        byte[] zeros = new byte[PIECE_BYTES];
        byte[] piece = new byte[PIECE_BYTES];
        for (long at = 0; at < bytes; at += PIECE_BYTES) {
            int size = (int) Math.min(PIECE_BYTES, bytes - at);
            cpu.load(va + at, piece, 0, size);
            if (!Arrays.equals(piece, 0, size, zeros, 0, size)) {
                return false;
            }
        }
        return true;
    }

    /** {@code memcmp}: whether two ranges hold the same. */
    boolean isEqual(long one, long other, long bytes) {
        byte[] left = new byte[PIECE_BYTES];
        byte[] right = new byte[PIECE_BYTES];
        for (long at = 0; at < bytes; at += PIECE_BYTES) {
            int size = (int) Math.min(PIECE_BYTES, bytes - at);
            cpu.load(one + at, left, 0, size);
            cpu.load(other + at, right, 0, size);
            if (!Arrays.equals(left, 0, size, right, 0, size)) {
                return false;
            }
        }
        return true;
    }

    /**
     * A page where the CPU puts a P or Q that nobody wants.
     *
     * @throws DmaException ENOMEM when there is none
     */
    @Linux(file = "crypto/async_tx/async_pq.c", symbol = "pq_scribble_page")
    long scratchPage() {
        if (scratchPage == AsyncTx.NO_PAGE) {
            scratchPage = pages.take(Gfp.ATOMIC, 0);
            if (scratchPage == AsyncTx.NO_PAGE) {
                throw new DmaException(Errno.ENOMEM, "no spare page for a syndrome");
            }
        }
        return scratchPage;
    }

    /** Says that there was an engine and the CPU does its work, once for each operation. */
    void warnNoSpace(String function) {
        if (warned.add(function)) {
            contexts.warn(function, "%s: no space for dma address conversion", function);
        }
    }
}
