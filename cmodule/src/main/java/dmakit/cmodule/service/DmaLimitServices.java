package dmakit.cmodule.service;

import dmakit.cmodule.Call;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.DmaParameters;
import dmakit.kernel.device.DmaRangeMap;
import dmakit.kernel.mapping.DmaMapping;

/** Masks and limits of devices. */
final class DmaLimitServices implements ServiceGroup {
    private final DmaCalls calls;
    private final DmaMapping mapping;

    DmaLimitServices(DmaCalls calls) {
        this.calls = calls;
        mapping = calls.mapping();
    }

    @Override
    public void register(Registry to) {
        to.add("dma_masks", this::masks);
        to.add("dma_set_mask", this::setMask);
        to.add("dma_set_coherent_mask", this::setCoherentMask);
        to.add("dma_get_required_mask", call -> mapping.getRequiredMask(calls.device(call)));
        to.add("dma_supported", this::supported);
        to.add("dma_addressing_limited", this::addressingLimited);
        to.add("dma_max_mapping_size", call -> size(mapping.maxMappingSize(calls.device(call))));
        to.add("dma_opt_mapping_size", call -> size(mapping.optMappingSize(calls.device(call))));
        to.add("dma_get_merge_boundary", call -> mapping.getMergeBoundary(calls.device(call)));
        to.add("dma_get_limit", this::limit);
        to.add("dma_set_limit", this::setLimit);
        to.add("dma_to_phys", call -> toPhys(calls.device(call), call.arg(1)));
        to.add("phys_to_dma", call -> toDma(calls.device(call), call.arg(1)));
    }

    /** {@code SIZE_MAX} for no limit. */
    private static long size(long bytes) {
        return bytes == Long.MAX_VALUE ? -1 : bytes;
    }

    private static long toPhys(Device device, long dma) {
        DmaRangeMap map = device.dma().rangeMap();
        return map == null ? dma : map.toPhys(dma);
    }

    private static long toDma(Device device, long phys) {
        DmaRangeMap map = device.dma().rangeMap();
        return map == null ? phys : map.toDma(phys);
    }

    private long masks(Call call) {
        DmaParameters dma = calls.device(call).dma();
        call.out(0, dma.coherentDmaMask());
        call.out(1, dma.isCoherent() ? 1 : 0);
        call.out(2, dma.busDmaLimit());
        return dma.dmaMask();
    }

    private long setMask(Call call) {
        mapping.setMask(calls.deviceWithMask(call, 2), call.arg(1));
        return 0;
    }

    private long setCoherentMask(Call call) {
        mapping.setCoherentMask(calls.device(call), call.arg(1));
        return 0;
    }

    private long supported(Call call) {
        return mapping.isSupported(calls.device(call), call.arg(1)) ? 1 : 0;
    }

    private long addressingLimited(Call call) {
        return mapping.isAddressingLimited(calls.deviceWithMask(call, 1)) ? 1 : 0;
    }

    private long limit(Call call) {
        DmaParameters dma = calls.device(call).dma();
        return switch (call.intArg(1)) {
            case 0 -> Integer.toUnsignedLong(dma.maxSegmentSize());
            case 1 -> dma.segmentBoundaryMask();
            default -> dma.minAlignMask();
        };
    }

    private long setLimit(Call call) {
        DmaParameters dma = calls.device(call).dma();
        switch (call.intArg(1)) {
            case 0 -> dma.maxSegmentSize(call.intArg(2));
            case 1 -> dma.segmentBoundaryMask(call.arg(2));
            default -> dma.minAlignMask(call.intArg(2));
        }
        return 0;
    }
}
