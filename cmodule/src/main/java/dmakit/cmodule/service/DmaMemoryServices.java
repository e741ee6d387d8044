package dmakit.cmodule.service;

import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Handles;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.DmaException;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DevicePool;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dma.DmaPages;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mapping.DmaPool;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.scatterlist.SgTable;

/** Memory for devices: coherent, in pools, synced, scattered, of their own. */
final class DmaMemoryServices implements ServiceGroup {
    /** Pools, and scattered allocations, that modules have at a time. */
    private static final int COUNT_MAX = 1 << 16;

    private static final long NO_PAGE = -1;

    private final CSystem system;
    private final DmaCalls calls;
    private final DmaMapping mapping;
    private final Handles<DmaPool> pools = new Handles<>("DMA pools", COUNT_MAX);
    private final Handles<SgTable> tables = new Handles<>("scattered allocations", COUNT_MAX);

    DmaMemoryServices(DmaCalls calls) {
        this.calls = calls;
        system = calls.system();
        mapping = calls.mapping();
    }

    @Override
    public void register(Registry to) {
        to.add("dma_alloc", this::alloc);
        to.add("dma_free", this::free);
        to.add("dma_cache_sync", this::cacheSync);
        to.add("dma_mmap", this::segmentsToMap);
        to.add("dma_get_sgtable", this::segments);
        to.add("dma_can_mmap", call -> mapping.canMmap(calls.device(call)) ? 1 : 0);
        to.add("dma_alloc_pages", this::allocPages);
        to.add("dma_free_pages", this::freePages);
        to.add("dma_alloc_noncontiguous", this::allocNoncontiguous);
        to.add("dma_free_noncontiguous", this::freeNoncontiguous);
        to.add("dma_vmap_noncontiguous", this::vmapNoncontiguous);
        to.add("dma_vunmap_noncontiguous", this::vunmapNoncontiguous);
        to.add("dma_pool_create", this::poolCreate);
        to.add("dma_pool_alloc", this::poolAlloc);
        to.add("dma_pool_free", this::poolFree);
        to.add("dma_pool_destroy", this::poolDestroy);
        to.add("dma_declare_coherent_memory", this::declare);
        to.add("dma_release_coherent_memory", this::release);
        to.add("dma_mark_declared_memory_occupied", this::markOccupied);
    }

    // Coherent. 0 stands for a failure: C functions answer NULL.

    private long alloc(Call call) {
        Device device = calls.deviceWithCoherentMask(call, 4);
        try {
            CoherentBuffer buffer =
                    mapping.allocAttrs(
                            device, call.arg(1), new Gfp(call.intArg(2)), call.intArg(3));
            return given(call, buffer);
        } catch (DmaException refused) {
            return 0;
        }
    }

    /** The module reaches memory past the simulated CPU, whose stores have to be there. */
    private long given(Call call, CoherentBuffer buffer) {
        system.kernel().machine().cpu().settle();
        call.out(0, buffer.dma());
        return buffer.va();
    }

    private long free(Call call) {
        mapping.freeAttrs(
                calls.device(call), call.arg(1), call.arg(2), call.arg(3), call.intArg(4));
        return 0;
    }

    private long cacheSync(Call call) {
        Device device = calls.device(call);
        mapping.cacheSync(
                device,
                call.arg(1),
                call.arg(2),
                calls.direction(call, 3, device, "dma_cache_sync"));
        return 0;
    }

    /** The pages of an allocation, and whether processes may see them through their caches. */
    private long segmentsToMap(Call call) {
        Device device = calls.device(call);
        DevicePool own = device.dma().pool();
        if (own != null && own.holds(call.arg(1))) {
            SgTable table = SgTable.allocate(1);
            long bytes = VirtualMemory.pageAlign(call.arg(3));
            DmaCalls.setSegment(table.sgl(), 0, own.toPhys(call.arg(2)), bytes);
            call.out(0, 0);
            return DmaCalls.answerList(call, table.sgl());
        }
        call.out(0, device.dma().isCoherent() ? 1 : 0);
        return segments(call);
    }

    private long segments(Call call) {
        SgTable table =
                mapping.getSgTable(
                        calls.device(call), call.arg(1), call.arg(2), call.arg(3), call.intArg(4));
        return DmaCalls.answerList(call, table.sgl());
    }

    // Pages that are synced; physical addresses name them.

    private long allocPages(Call call) {
        Device device = calls.deviceWithCoherentMask(call, 4);
        DmaDirection direction = calls.direction(call, 2, device, "dma_alloc_pages");
        try {
            DmaPages pages =
                    mapping.allocPages(device, call.arg(1), direction, new Gfp(call.intArg(3)));
            call.out(0, pages.dma());
            return pages.page();
        } catch (DmaException refused) {
            return NO_PAGE;
        }
    }

    private long freePages(Call call) {
        Device device = calls.device(call);
        mapping.freePages(
                device,
                call.arg(1),
                call.arg(2),
                call.arg(3),
                calls.direction(call, 4, device, "dma_free_pages"));
        return 0;
    }

    /** Answers how many entries came as data, beside a number for the allocation; 0 for none. */
    private long allocNoncontiguous(Call call) {
        Device device = calls.deviceWithCoherentMask(call, 5);
        DmaDirection direction = calls.direction(call, 2, device, "dma_alloc_noncontiguous");
        SgTable table;
        try {
            table =
                    mapping.allocNoncontiguous(
                            device,
                            call.arg(1),
                            direction,
                            new Gfp(call.intArg(3)),
                            call.intArg(4));
        } catch (DmaException refused) {
            return 0;
        }
        Scatterlist sgl = table.sgl();
        int count = DmaCalls.answerList(call, sgl);
        if (count < 0) {
            mapping.freeNoncontiguous(device, call.arg(1), table, direction);
            return 0;
        }
        call.out(0, tables.number(table));
        return count;
    }

    private long freeNoncontiguous(Call call) {
        Device device = calls.device(call);
        mapping.freeNoncontiguous(
                device,
                call.arg(1),
                tables.get(call.arg(2)),
                calls.direction(call, 3, device, "dma_free_noncontiguous"));
        tables.free(call.arg(2));
        return 0;
    }

    private long vmapNoncontiguous(Call call) {
        try {
            return mapping.vmapNoncontiguous(
                    calls.device(call), call.arg(1), tables.get(call.arg(2)));
        } catch (DmaException refused) {
            return 0;
        }
    }

    private long vunmapNoncontiguous(Call call) {
        mapping.vunmapNoncontiguous(calls.device(call), call.arg(1));
        return 0;
    }

    // Pools.

    private long poolCreate(Call call) {
        try {
            return pools.number(
                    mapping.poolCreate(
                            call.text(),
                            calls.device(call),
                            call.arg(1),
                            call.arg(2),
                            call.arg(3)));
        } catch (DmaException refused) {
            return 0;
        }
    }

    private long poolAlloc(Call call) {
        DmaPool pool = pools.get(call.arg(1));
        calls.deviceWithCoherentMask(call, 3);
        try {
            return given(call, pool.alloc(new Gfp(call.intArg(2))));
        } catch (DmaException refused) {
            return 0;
        }
    }

    private long poolFree(Call call) {
        pools.get(call.arg(0)).free(call.arg(1), call.arg(2));
        system.kernel().machine().cpu().settle();
        return 0;
    }

    private long poolDestroy(Call call) {
        DmaPool pool = pools.get(call.arg(0));
        pools.free(call.arg(0));
        pool.destroy();
        return 0;
    }

    // Memory of one device.

    private long declare(Call call) {
        system.kernel()
                .coherentMemory()
                .declare(calls.device(call), call.arg(1), call.arg(2), call.arg(3), call.intArg(4));
        return 0;
    }

    private long release(Call call) {
        system.kernel().coherentMemory().release(calls.device(call));
        return 0;
    }

    private long markOccupied(Call call) {
        return system.kernel()
                .coherentMemory()
                .markOccupied(calls.device(call), call.arg(1), call.arg(2));
    }
}
