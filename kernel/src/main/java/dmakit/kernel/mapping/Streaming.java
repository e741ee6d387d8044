package dmakit.kernel.mapping;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaAddr;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaBinding;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dma.OpenMappings.Kind;
import dmakit.kernel.mapping.MappingCore.Once;
import dmakit.machine.cpu.AddressLayout;

/** Lending one range of memory to a device, and taking it back. */
final class Streaming {
    private final MappingCore core;
    private final MappingRules rules;

    Streaming(MappingCore core) {
        this.core = core;
        rules = core.rules();
    }

    long mapSingle(Device device, long va, long size, DmaDirection direction, int attrs) {
        if (AddressLayout.isVmalloc(va)) {
            return reject(FindingId.MAP_VMALLOC, device, va, size);
        }
        return map(device, core.virtual().virtToPhys(va), size, direction, attrs);
    }

    long reject(FindingId id, Device device, long va, long size) {
        switch (id) {
            case MAP_VMALLOC, MAP_STACK ->
                    core.warnOnce(Once.VMALLOC, device, "rejecting DMA map of vmalloc memory");
            default -> rules.debugRules().invalidArea(device, va, size);
        }
        rules.lending().rejected(id, device, va, size);
        return DmaAddr.MAPPING_ERROR;
    }

    long map(Device device, long phys, long size, DmaDirection direction, int attrs) {
        MappingCore.checkDirection(direction);
        if (core.hasNoMask(device)) {
            return DmaAddr.MAPPING_ERROR;
        }
        core.virtual().checkRam(phys, size);
        DmaBinding binding = core.binding(device);
        long dma = binding.ops().map(phys, size, direction, attrs);
        if (dma != DmaAddr.MAPPING_ERROR) {
            binding.open().add(dma, size, Kind.SINGLE, direction);
        }
        if (rules.areOn()) {
            rules.masks().check(device);
            if (dma == DmaAddr.MAPPING_ERROR) {
                rules.refused(device, 0);
            } else {
                rules.lending().lent(device, Kind.SINGLE, dma, phys, 0, size, direction, attrs);
            }
        }
        return dma;
    }

    void unmap(Device device, long dma, long size, DmaDirection direction, int attrs) {
        MappingCore.checkDirection(direction);
        DmaBinding binding = core.binding(device);
        Lending lending = core.close(device, binding, dma, size, Kind.SINGLE, direction, attrs);
        // Caches are maintained at whatever address it was; where there is no RAM is none.
        if (!rules.areOn() || core.isRam(device, dma, size)) {
            binding.ops().unmap(dma, size, direction, attrs);
        }
        MappingCore.endLease(lending);
    }

    long mapResource(Device device, long phys, long size, DmaDirection direction, int attrs) {
        MappingCore.checkDirection(direction);
        if (core.hasNoMask(device)) {
            return DmaAddr.MAPPING_ERROR;
        }
        DmaBinding binding = core.binding(device);
        long dma = binding.ops().mapResource(phys, size, direction, attrs);
        if (dma != DmaAddr.MAPPING_ERROR) {
            binding.open().add(dma, size, Kind.RESOURCE, direction);
            if (rules.areOn()) {
                rules.lending().lent(device, Kind.RESOURCE, dma, phys, 0, size, direction, attrs);
            }
        } else if (rules.areOn()) {
            rules.lending().resourceRefused(device, phys, size, direction, attrs);
        }
        return dma;
    }

    void unmapResource(Device device, long dma, long size, DmaDirection direction, int attrs) {
        MappingCore.checkDirection(direction);
        DmaBinding binding = core.binding(device);
        core.close(device, binding, dma, size, Kind.RESOURCE, direction, attrs);
        binding.ops().unmapResource(dma, size, direction, attrs);
    }

    long mapPhys(Device device, long phys, long size, DmaDirection direction, int attrs) {
        return (attrs & DmaAttrs.MMIO) == 0
                ? map(device, phys, size, direction, attrs)
                : mapResource(device, phys, size, direction, attrs);
    }

    void unmapPhys(Device device, long dma, long size, DmaDirection direction, int attrs) {
        if ((attrs & DmaAttrs.MMIO) == 0) {
            unmap(device, dma, size, direction, attrs);
        } else {
            unmapResource(device, dma, size, direction, attrs);
        }
    }

    /** A page is RAM, so it is never lent as registers. */
    long mapPage(Device device, long phys, long size, DmaDirection direction, int attrs) {
        if ((attrs & DmaAttrs.MMIO) != 0) {
            return DmaAddr.MAPPING_ERROR;
        }
        return map(device, phys, size, direction, attrs);
    }

    void syncForCpu(Device device, long dma, long size, DmaDirection direction) {
        MappingCore.checkDirection(direction);
        rules.debugRules().synced(device, dma, size, direction, true);
        if (mayBeSynced(device, dma, size, direction)) {
            core.ops(device).syncForCpu(dma, size, direction);
            rules.syncs().handedTo(device, dma, size, true);
        }
    }

    void syncForDevice(Device device, long dma, long size, DmaDirection direction) {
        MappingCore.checkDirection(direction);
        rules.debugRules().synced(device, dma, size, direction, false);
        if (mayBeSynced(device, dma, size, direction)) {
            core.ops(device).syncForDevice(dma, size, direction);
            rules.syncs().handedTo(device, dma, size, false);
        }
    }

    /** A refusal that is thrown cannot be overlooked. */
    long mapped(Device device, long dma, long size) {
        if (rules.areOn()) {
            rules.returning().errorTested(device, dma);
        }
        if (dma == DmaAddr.MAPPING_ERROR) {
            throw new DmaException(
                    Errno.ENOMEM,
                    "%s cannot map 0x%x bytes: mask 0x%x, bus limit 0x%x, windows %s",
                    device,
                    size,
                    device.dma().dmaMask(),
                    device.dma().busDmaLimit(),
                    String.valueOf(device.dma().rangeMap()));
        }
        return dma;
    }

    private boolean mayBeSynced(Device device, long dma, long size, DmaDirection direction) {
        if (!rules.areOn()) {
            return !device.dma().skipsSync();
        }
        rules.syncs().synced(device, dma, size, direction);
        return core.isRam(device, dma, size);
    }
}
