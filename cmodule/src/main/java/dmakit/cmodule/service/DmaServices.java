package dmakit.cmodule.service;

import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.DmaParameters;
import dmakit.kernel.device.DmaRangeMap;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DmaAddr;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.memory.Ram;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** The mapping API. */
final class DmaServices implements ServiceGroup {
    private static final int ENTRY_BYTES = 16;
    private static final long PAGE_MASK = AddressLayout.PAGE_BYTES - 1;

    /** {@code enum place} of {@code kernel/dma.c}. */
    private static final List<FindingId> PLACES =
            List.of(
                    FindingId.MAP_VMALLOC,
                    FindingId.MAP_STACK,
                    FindingId.MAP_TEXT,
                    FindingId.MAP_USER);

    private static final DmaDirection[] DIRECTIONS = {
        DmaDirection.BIDIRECTIONAL, DmaDirection.TO_DEVICE, DmaDirection.FROM_DEVICE
    };

    private final CSystem system;
    private final DmaMapping mapping;
    private final Findings findings;

    /** Stands for NULL, which old kernels took for a device with 32 bits and no IOMMU. */
    private final Device noDevice = new Device("NULL", "", null, null);

    DmaServices(CSystem system) {
        this.system = system;
        mapping = system.kernel().dma();
        findings = system.findings();
    }

    @Override
    public void register(Registry to) {
        to.add("dma_map_single", this::mapSingle);
        to.add("dma_map_page", this::mapPage);
        to.add("dma_unmap_single", this::unmapSingle);
        to.add("dma_map_resource", this::mapResource);
        to.add("dma_unmap_resource", this::unmapResource);
        to.add("dma_mapping_error", this::mappingError);
        to.add("dma_sync_single", this::syncSingle);
        to.add("dma_need_sync", call -> mapping.needSync(device(call), call.arg(1)) ? 1 : 0);
        to.add("dma_map_sg", this::mapSg);
        to.add("dma_unmap_sg", this::unmapSg);
        to.add("dma_sync_sg", this::syncSg);
        to.add("dma_list_refused", this::listRefused);
        to.add("dma_alloc", this::alloc);
        to.add("dma_free", this::free);
        to.add("dma_mmap", this::mmap);
        to.add("dma_masks", this::masks);
        to.add("dma_set_mask", this::setMask);
        to.add("dma_set_coherent_mask", this::setCoherentMask);
        to.add("dma_get_required_mask", call -> mapping.getRequiredMask(device(call)));
        to.add("dma_supported", this::supported);
        to.add("dma_get_limit", this::limit);
        to.add("dma_set_limit", this::setLimit);
        to.add("dma_to_phys", call -> toPhys(device(call), call.arg(1)));
        to.add("phys_to_dma", call -> toDma(device(call), call.arg(1)));
        to.add("dma_pool_fault", this::poolFault);
    }

    @Override
    public void unloaded(CModule module) {
        mapping.checkLeft(site -> system.isOf(module, site));
    }

    // Arguments.

    private Device device(Call call) {
        if (call.arg(0) != 0) {
            return system.device(call.arg(0));
        }
        findings.report(
                        FindingId.NULL_DEREF,
                        "the DMA API is called with NULL for the device, which Linux dereferences")
                .add();
        List<DmaDevice> providers = system.kernel().dmaEngine().devices();
        if (!providers.isEmpty()) {
            // What such code finds on the boards it was written for: every master is alike.
            DmaParameters likeThis = providers.getFirst().dev().dma();
            noDevice.dma().rangeMap(likeThis.rangeMap());
            noDevice.dma().coherent(likeThis.isCoherent());
        }
        return noDevice;
    }

    /** The device with the mask that stands in its struct now, where old drivers set it by hand. */
    private Device deviceWithMask(Call call, int maskArg) {
        Device device = device(call);
        if (device != noDevice) {
            device.dma().dmaMask(call.arg(maskArg));
        }
        return device;
    }

    /**
     * A direction.
     *
     * @throws KernelException EINVAL for one that is none, which stops Linux
     */
    private DmaDirection direction(Call call, int index, Device device, String function) {
        int code = call.intArg(index);
        if (code < 0 || code >= DIRECTIONS.length) {
            mapping.noDirection(device, function, code);
            throw new KernelException(Errno.EINVAL, "%s with direction %d", function, code);
        }
        return DIRECTIONS[code];
    }

    // Streaming.

    private long mapSingle(Call call) {
        Device device = deviceWithMask(call, 5);
        long va = call.arg(1);
        long size = call.arg(2);
        int code = call.intArg(3);
        if (code < 0 || code >= DIRECTIONS.length) {
            mapping.noDirection(device, "dma_map_single", code);
            return DmaAddr.MAPPING_ERROR;
        }
        if (AddressLayout.isLinear(va)) {
            if (!isRam(va - AddressLayout.LINEAR_BASE, size)) {
                return mapping.reject(FindingId.MAP_FREED, device, va, size);
            }
        } else if (!AddressLayout.isVmalloc(va)) {
            return mapping.reject(PLACES.get(call.intArg(6)), device, va, size);
        }
        return mapping.tryMapSingle(device, va, size, DIRECTIONS[code], call.intArg(4));
    }

    private long mapPage(Call call) {
        Device device = deviceWithMask(call, 5);
        long phys = call.arg(1);
        int code = call.intArg(3);
        if (code < 0 || code >= DIRECTIONS.length) {
            mapping.noDirection(device, "dma_map_page", code);
            return DmaAddr.MAPPING_ERROR;
        }
        if (!isRam(phys, call.arg(2))) {
            // As of virt_to_page() for what has no page of its own.
            return mapping.reject(FindingId.MAP_FREED, device, phys, call.arg(2));
        }
        return mapping.tryMapPage(
                device,
                phys & ~PAGE_MASK,
                phys & PAGE_MASK,
                call.arg(2),
                DIRECTIONS[code],
                call.intArg(4));
    }

    private boolean isRam(long phys, long size) {
        return system.kernel().machine().ram().offsetOf(phys, size) != Ram.NOT_RAM;
    }

    private long unmapSingle(Call call) {
        Device device = device(call);
        mapping.unmapSingle(
                device,
                call.arg(1),
                call.arg(2),
                direction(call, 3, device, "dma_unmap_single"),
                call.intArg(4));
        return 0;
    }

    private long mapResource(Call call) {
        Device device = deviceWithMask(call, 5);
        int code = call.intArg(3);
        if (code < 0 || code >= DIRECTIONS.length) {
            mapping.noDirection(device, "dma_map_resource", code);
            return DmaAddr.MAPPING_ERROR;
        }
        return mapping.tryMapResource(
                device, call.arg(1), call.arg(2), DIRECTIONS[code], call.intArg(4));
    }

    private long unmapResource(Call call) {
        Device device = device(call);
        mapping.unmapResource(
                device,
                call.arg(1),
                call.arg(2),
                direction(call, 3, device, "dma_unmap_resource"),
                call.intArg(4));
        return 0;
    }

    private long mappingError(Call call) {
        Device device = call.arg(0) == 0 ? noDevice : system.device(call.arg(0));
        return mapping.mappingError(device, call.arg(1)) ? 1 : 0;
    }

    private long syncSingle(Call call) {
        Device device = device(call);
        DmaDirection direction = direction(call, 3, device, "dma_sync_single");
        if (call.isArg(4)) {
            mapping.syncSingleForCpu(device, call.arg(1), call.arg(2), direction);
        } else {
            mapping.syncSingleForDevice(device, call.arg(1), call.arg(2), direction);
        }
        return 0;
    }

    // Lists: 16 bytes for each entry, an address, a length and why there is no physical address.

    private long mapSg(Call call) {
        Device device = deviceWithMask(call, 4);
        int count = call.intArg(1);
        int wanted = call.intArg(5);
        int code = call.intArg(2);
        if (code < 0 || code >= DIRECTIONS.length) {
            mapping.noDirection(device, "dma_map_sg", code);
            return 0;
        }
        ByteBuffer wire = ByteBuffer.wrap(call.data()).order(ByteOrder.LITTLE_ENDIAN);
        Scatterlist sg = new Scatterlist(count);
        for (int i = 0; i < count; i++) {
            long address = wire.getLong(i * ENTRY_BYTES);
            long length = Integer.toUnsignedLong(wire.getInt(i * ENTRY_BYTES + 8));
            int place = wire.getInt(i * ENTRY_BYTES + 12);
            if (place != 0) {
                mapping.reject(PLACES.get(place - 1), device, address, length);
                return 0;
            }
            sg.setPage(i, address & ~PAGE_MASK, length, (int) (address & PAGE_MASK));
        }
        if (count < wanted) {
            // Linux runs off the end of such a list.
            findings.report(
                            FindingId.UNMAP_SG_NENTS,
                            "mapped %d entries of a list that has %d",
                            wanted,
                            count)
                    .device(device.name())
                    .add();
            return 0;
        }
        int mapped = mapping.tryMapSg(device, sg, count, DIRECTIONS[code], call.intArg(3));
        for (int i = 0; i < mapped; i++) {
            wire.putLong(i * ENTRY_BYTES, sg.dmaAddress(i));
            wire.putInt(i * ENTRY_BYTES + 8, (int) sg.dmaLength(i));
        }
        return mapped;
    }

    private static Scatterlist mappedList(Call call) {
        ByteBuffer wire = ByteBuffer.wrap(call.data()).order(ByteOrder.LITTLE_ENDIAN);
        int count = call.data().length / ENTRY_BYTES;
        Scatterlist sg = new Scatterlist(Math.max(1, count));
        for (int i = 0; i < count; i++) {
            long length = Integer.toUnsignedLong(wire.getInt(i * ENTRY_BYTES + 8));
            sg.setLength(i, length);
            sg.setDma(i, wire.getLong(i * ENTRY_BYTES), length);
        }
        return sg;
    }

    private long unmapSg(Call call) {
        Device device = device(call);
        mapping.unmapSg(
                device,
                mappedList(call),
                call.intArg(1),
                direction(call, 2, device, "dma_unmap_sg"),
                call.intArg(3));
        return 0;
    }

    private long syncSg(Call call) {
        Device device = device(call);
        DmaDirection direction = direction(call, 2, device, "dma_sync_sg");
        if (call.isArg(3)) {
            mapping.syncSgForCpu(device, mappedList(call), call.intArg(1), direction);
        } else {
            mapping.syncSgForDevice(device, mappedList(call), call.intArg(1), direction);
        }
        return 0;
    }

    private long listRefused(Call call) {
        system.kernel()
                .log()
                .devErr(
                        device(call),
                        "dma_map_sg: %d entries, limit is %d",
                        call.intArg(1),
                        call.intArg(2));
        return 0;
    }

    // Coherent memory.

    private long alloc(Call call) {
        Device device = device(call);
        if (device != noDevice) {
            device.dma().coherentDmaMask(call.arg(4));
        }
        try {
            CoherentBuffer buffer =
                    mapping.allocAttrs(
                            device, call.arg(1), new Gfp(call.intArg(2)), call.intArg(3));
            call.out(0, buffer.dma());
            return buffer.va();
        } catch (DmaException refused) {
            return 0;
        }
    }

    private long free(Call call) {
        mapping.freeAttrs(device(call), call.arg(1), call.arg(2), call.arg(3), call.intArg(4));
        return 0;
    }

    /** Where coherent memory is, and whether processes may see it through their caches. */
    private long mmap(Call call) {
        Device device = device(call);
        call.out(0, device.dma().isCoherent() ? 1 : 0);
        return toPhys(device, call.arg(2));
    }

    private static long toPhys(Device device, long dma) {
        DmaRangeMap map = device.dma().rangeMap();
        return map == null ? dma : map.toPhys(dma);
    }

    private static long toDma(Device device, long phys) {
        DmaRangeMap map = device.dma().rangeMap();
        return map == null ? phys : map.toDma(phys);
    }

    // Masks and limits.

    private long masks(Call call) {
        DmaParameters dma = device(call).dma();
        call.out(0, dma.coherentDmaMask());
        call.out(1, dma.isCoherent() ? 1 : 0);
        call.out(2, dma.busDmaLimit());
        return dma.dmaMask();
    }

    private long setMask(Call call) {
        mapping.setMask(deviceWithMask(call, 2), call.arg(1));
        return 0;
    }

    private long setCoherentMask(Call call) {
        mapping.setCoherentMask(device(call), call.arg(1));
        return 0;
    }

    private long supported(Call call) {
        return mapping.isSupported(device(call), call.arg(1)) ? 1 : 0;
    }

    private long limit(Call call) {
        DmaParameters dma = device(call).dma();
        return switch (call.intArg(1)) {
            case 0 -> Integer.toUnsignedLong(dma.maxSegmentSize());
            case 1 -> dma.segmentBoundaryMask();
            default -> dma.minAlignMask();
        };
    }

    private long setLimit(Call call) {
        DmaParameters dma = device(call).dma();
        switch (call.intArg(1)) {
            case 0 -> dma.maxSegmentSize(call.intArg(2));
            case 1 -> dma.segmentBoundaryMask(call.arg(2));
            default -> dma.minAlignMask(call.intArg(2));
        }
        return 0;
    }

    // Pools, which live in C.

    private long poolFault(Call call) {
        String pool = call.text();
        long a = call.arg(2);
        long b = call.arg(3);
        Findings.Draft draft =
                switch (call.intArg(1)) {
                    case 0 ->
                            findings.report(
                                    FindingId.FREE_COHERENT_MISMATCH,
                                    "freed 0x%x, dma:0x%x to pool %s, which it is no block of",
                                    a,
                                    b,
                                    pool);
                    case 1 ->
                            findings.report(
                                    FindingId.FREE_COHERENT_MISMATCH,
                                    "freed a block of pool %s with handle dma:0x%x, it has"
                                            + " dma:0x%x",
                                    pool,
                                    b,
                                    call.arg(4));
                    case 2 ->
                            findings.report(
                                    FindingId.POOL_DOUBLE_FREE,
                                    "freed dma:0x%x of pool %s, which is free",
                                    b,
                                    pool);
                    default ->
                            findings.report(
                                    FindingId.POOL_BUSY,
                                    "pool %s is destroyed with %d blocks out",
                                    pool,
                                    a);
                };
        draft.device(device(call).name()).add();
        if (call.intArg(1) > 2) {
            system.kernel().log().devErr(device(call), "dma_pool_destroy %s busy", pool);
        }
        return 0;
    }
}
