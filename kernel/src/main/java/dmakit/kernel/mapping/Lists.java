package dmakit.kernel.mapping;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaBinding;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dma.OpenMappings.Kind;
import dmakit.kernel.scatterlist.Scatterlist;

/** Lending lists of ranges to a device, and taking them back. */
final class Lists {
    private final MappingCore core;
    private final MappingRules rules;

    Lists(MappingCore core) {
        this.core = core;
        rules = core.rules();
    }

    /** Answers how many entries the device sees, or a negative error number. */
    int map(Device device, Scatterlist sg, int nents, DmaDirection direction, int attrs) {
        core.enterList("dma_map_sg_attrs", device, nents, direction);
        MappingCore.checkDirection(direction);
        if (nents < 1) {
            throw new IllegalArgumentException("a list of %d entries".formatted(nents));
        }
        checkCount(sg, nents);
        if (core.hasNoMask(device)) {
            return -Errno.EIO.number();
        }
        DmaBinding binding = core.binding(device);
        int mapped = binding.ops().mapSg(sg, nents, direction, attrs);
        if (mapped > 0) {
            binding.open().add(sg.dmaAddress(0), nents, Kind.LIST, direction);
        }
        if (rules.areOn()) {
            rules.masks().check(device);
            if (mapped > 0) {
                rules.lending().lentList(device, sg, nents, direction, attrs);
            } else {
                rules.refused(device, nents);
            }
        }
        return mapped;
    }

    /**
     * What {@link #map} answered, as an exception where it failed.
     *
     * @throws DmaException with the error it answered
     */
    static int mapped(Device device, int result, int nents) {
        if (result < 0) {
            for (Errno errno : Errno.values()) {
                if (errno.number() == -result) {
                    throw new DmaException(errno, "%s cannot map %d entries", device, nents);
                }
            }
        }
        return result;
    }

    void unmap(Device device, Scatterlist sg, int nents, DmaDirection direction, int attrs) {
        MappingCore.checkDirection(direction);
        DmaBinding binding = core.binding(device);
        rules.debugRules().unmappedList(device, sg, nents, direction);
        Lending list =
                core.close(device, binding, sg.dmaAddress(0), nents, Kind.LIST, direction, attrs);
        if (!rules.areOn() || (list != null && list.entries().size() >= nents)) {
            binding.ops().unmapSg(sg, nents, direction, attrs);
        }
        MappingCore.endLease(list);
    }

    void syncForCpu(Device device, Scatterlist sg, int nents, DmaDirection direction) {
        MappingCore.checkDirection(direction);
        rules.debugRules().syncedList(device, sg, nents, direction, true);
        if (mayBeSynced(device, sg, nents, direction)) {
            core.ops(device).syncSgForCpu(sg, nents, direction);
            rules.syncs().listHandedTo(device, sg, nents, true);
        }
    }

    void syncForDevice(Device device, Scatterlist sg, int nents, DmaDirection direction) {
        MappingCore.checkDirection(direction);
        rules.debugRules().syncedList(device, sg, nents, direction, false);
        if (mayBeSynced(device, sg, nents, direction)) {
            core.ops(device).syncSgForDevice(sg, nents, direction);
            rules.syncs().listHandedTo(device, sg, nents, false);
        }
    }

    private static void checkCount(Scatterlist sg, int nents) {
        int entries = sg.entries();
        if (entries < nents) {
            throw new IllegalArgumentException(
                    "%d entries of a list of %d".formatted(nents, entries));
        }
    }

    private boolean mayBeSynced(Device device, Scatterlist sg, int nents, DmaDirection direction) {
        if (!rules.areOn()) {
            return !device.dma().skipsSync();
        }
        rules.syncs().syncedList(device, sg, nents, direction);
        return nents <= sg.entries();
    }
}
