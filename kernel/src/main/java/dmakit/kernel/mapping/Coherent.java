package dmakit.kernel.mapping;

import dmakit.kernel.Calls;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.Devres;
import dmakit.kernel.device.DmaRangeMap;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaBinding;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dma.OpenMappings.Kind;
import dmakit.kernel.mapping.MappingCore.Once;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.Vma;
import dmakit.machine.Check;
import java.util.Map;
import java.util.TreeMap;

/** Memory that CPU and device see alike. */
final class Coherent {
    private final MappingCore core;
    private final MappingRules rules;
    private final Calls calls;
    private final OwnMemory own;

    private final Map<Long, Managed> managed = new TreeMap<>();

    /** Memory that goes with the driver of its device. */
    private record Managed(Device device, CoherentBuffer buffer, Devres.Entry entry) {}

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
            rules.masks().check(device);
            rules.lending()
                    .lent(
                            device,
                            Kind.COHERENT,
                            buffer.dma(),
                            binding.ops().translates()
                                    ? firstPage(buffer, attrs)
                                    : binding.ops().toPhys(buffer.dma()),
                            (attrs & DmaAttrs.NO_KERNEL_MAPPING) == 0 ? buffer.va() : 0,
                            size,
                            DmaDirection.BIDIRECTIONAL,
                            attrs);
        }
        return buffer;
    }

    private long firstPage(CoherentBuffer buffer, int attrs) {
        return (attrs & DmaAttrs.NO_KERNEL_MAPPING) == 0
                ? core.cpu().physOf(buffer.va())
                : DmaRangeMap.UNREACHABLE;
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
        if ((attrs & DmaAttrs.NO_KERNEL_MAPPING) == 0) {
            rules.debugRules().freed(device, size, va, dma);
        }
        Lending freed = rules.returning().freed(device, size, va, dma, attrs);
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

    CoherentBuffer allocManaged(Device device, long size, Gfp gfp, int attrs) {
        CoherentBuffer buffer = alloc(device, size, gfp, attrs);
        Devres.Entry entry =
                device.devres()
                        .add(
                                "dmam_alloc_attrs",
                                () -> {
                                    Managed gone = managed.remove(buffer.va());
                                    Check.invariant(
                                            gone != null, "va:0x%x is managed", buffer.va());
                                    free(device, size, buffer.va(), buffer.dma(), attrs);
                                });
        managed.put(buffer.va(), new Managed(device, buffer, entry));
        return buffer;
    }

    /** The entry goes first: who allocates the same address meanwhile has one of his own. */
    void freeManaged(Device device, long size, long va, long dma) {
        Managed found = managed.get(va);
        if (found == null || !found.device().equals(device)) {
            core.log().devWarn(device, "va:0x%x is no managed memory of this device", va);
            core.misuse("%s: dmam_free_coherent of va:0x%x, which is not managed", device, va);
        } else {
            if (found.buffer().size() != size || found.buffer().dma() != dma) {
                core.log()
                        .devWarn(
                                device,
                                "managed memory of %d bytes, dma:0x%x freed as %d bytes, dma:0x%x",
                                found.buffer().size(),
                                found.buffer().dma(),
                                size,
                                dma);
            }
            managed.remove(va);
            device.devres().remove(found.entry());
        }
        free(device, size, va, dma, DmaAttrs.NONE);
    }

    /** For old drivers: makes a part of non-coherent memory fit for the other side. */
    void cacheSync(Device device, long va, long size, DmaDirection direction) {
        MappingCore.checkDirection(direction);
        if (device.dma().isCoherent() || !core.virtual().isLinear(va)) {
            return;
        }
        long phys = core.virtual().virtToPhys(va);
        if (direction.isToDevice()) {
            core.cpu().clean(phys, size);
        }
        if (direction.isFromDevice()) {
            core.cpu().invalidate(phys, size);
        }
    }

    void mmap(Device device, Vma vma, long va, long dma, long size, int attrs) {
        try (var _ = calls.internally()) {
            if (!own.mmap(device, vma, va, size)) {
                core.ops(device).mmap(vma, va, dma, size, attrs);
            }
        }
    }
}
