package dmakit.kernel.mapping;

import dmakit.kernel.Calls;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaBinding;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dma.OpenMappings.Kind;
import dmakit.kernel.mapping.MappingCore.Once;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.Vma;

/** Memory that CPU and device see alike. */
final class Coherent {
    private final MappingCore core;
    private final MappingRules rules;
    private final Calls calls;
    private final OwnMemory own;

    Coherent(MappingCore core) {
        this.core = core;
        rules = core.rules();
        calls = core.calls();
        own = new OwnMemory(core);
    }

    CoherentBuffer alloc(Device device, long size, Gfp gfp, int attrs) {
        if (device.dma().coherentDmaMask() == 0) {
            core.warnOnce(Once.NO_COHERENT_MASK, device, "coherent DMA mask is 0");
        }
        if (gfp.isBlocking()) {
            calls.mightSleep("dma_alloc_attrs");
        }
        if (gfp.has(Gfp.COMP)) {
            throw new DmaException(Errno.EINVAL, "%s: a compound page for a device", device);
        }
        if (size <= 0) {
            throw new DmaException(
                    Errno.ENOMEM, "%s: %s bytes", device, Long.toUnsignedString(size));
        }
        DmaBinding binding = core.binding(device);
        CoherentBuffer first = own.alloc(device, size, attrs);
        if (first != null) {
            return first;
        }
        CoherentBuffer buffer = binding.ops().alloc(size, gfp.withoutZone(), attrs);
        binding.open().add(buffer.dma(), size, Kind.COHERENT, DmaDirection.BIDIRECTIONAL);
        if (rules.areOn()) {
            rules.checkMask(device);
            rules.lent(
                    device,
                    Kind.COHERENT,
                    buffer.dma(),
                    binding.ops().toPhys(buffer.dma()),
                    (attrs & DmaAttrs.NO_KERNEL_MAPPING) == 0 ? buffer.va() : 0,
                    size,
                    DmaDirection.BIDIRECTIONAL,
                    attrs);
        }
        return buffer;
    }

    void free(Device device, long size, long va, long dma, int attrs) {
        if (own.free(device, size, va, dma, attrs)) {
            return;
        }
        if (!core.cpu().interruptsEnabled()) {
            core.log().devWarn(device, "coherent memory freed with interrupts disabled");
            core.misuse("%s: dma_free_coherent with interrupts disabled", device);
        }
        if (va == 0 && (attrs & DmaAttrs.NO_KERNEL_MAPPING) == 0) {
            return;
        }
        DmaBinding binding = core.binding(device);
        if (!rules.areOn()) {
            core.close(
                    device, binding, dma, size, Kind.COHERENT, DmaDirection.BIDIRECTIONAL, attrs);
            binding.ops().free(size, va, dma, attrs);
            return;
        }
        Lending freed = rules.freed(device, size, va, dma, attrs);
        if (freed == null || freed.kind() != Kind.COHERENT) {
            core.refuse(device, binding, dma, size, Kind.COHERENT, DmaDirection.BIDIRECTIONAL);
            return;
        }
        // What was meant is freed, and not what was said: the rest of the run stays meaningful.
        DmaBinding owner = core.binding(freed.device());
        owner.open().remove(freed.dma(), freed.size(), Kind.COHERENT, DmaDirection.BIDIRECTIONAL);
        if (freed.size() != size || freed.dma() != dma || owner != binding) {
            core.refuse(device, binding, dma, size, Kind.COHERENT, DmaDirection.BIDIRECTIONAL);
        }
        owner.ops()
                .free(freed.size(), freed.va() == 0 ? va : freed.va(), freed.dma(), freed.attrs());
    }

    void mmap(Device device, Vma vma, long va, long dma, long size, int attrs) {
        boolean outer = calls.internal(true);
        try {
            if (!own.mmap(device, vma, va, size)) {
                core.ops(device).mmap(vma, va, dma, size, attrs);
            }
        } finally {
            calls.internal(outer);
        }
    }
}
