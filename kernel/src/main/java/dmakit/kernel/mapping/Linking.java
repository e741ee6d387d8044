package dmakit.kernel.mapping;

import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaBinding;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dma.DmaIova;
import dmakit.kernel.dma.IovaOps;
import dmakit.kernel.dma.OpenMappings.Kind;
import dmakit.machine.Check;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Lending memory in two steps: addresses first, then memory behind them. */
final class Linking {
    private final MappingCore core;
    private final MappingRules rules;

    Linking(MappingCore core) {
        this.core = core;
        rules = core.rules();
    }

    boolean tryAlloc(Device device, DmaIova state, long phys, long size) {
        state.clear();
        IovaOps iova = core.ops(device).iova();
        if (iova == null || size <= 0 || core.hasNoMask(device)) {
            return false;
        }
        return iova.tryAlloc(state, phys, size);
    }

    void free(Device device, DmaIova state) {
        opsOf(device, state).free(state);
    }

    int link(
            Device device,
            DmaIova state,
            long phys,
            long offset,
            long size,
            DmaDirection direction,
            int attrs) {
        MappingCore.checkDirection(direction);
        IovaOps iova = opsOf(device, state);
        checkRange(state, offset, size);
        int error = iova.link(state, phys, offset, size, direction, attrs);
        if (error == 0) {
            long dma = state.dma() + offset;
            state.link(offset, size);
            core.binding(device).open().add(dma, size, Kind.LINKED, direction);
            if (rules.areOn()) {
                rules.lending().lent(device, Kind.LINKED, dma, phys, 0, size, direction, attrs);
            }
        }
        return error;
    }

    int sync(Device device, DmaIova state, long offset, long size) {
        IovaOps iova = opsOf(device, state);
        checkRange(state, offset, size);
        return iova.sync(state, offset, size);
    }

    void unlink(
            Device device,
            DmaIova state,
            long offset,
            long size,
            DmaDirection direction,
            int attrs) {
        IovaOps iova = opsOf(device, state);
        checkRange(state, offset, size);
        List<Lending> lendings = forget(device, state, offset, size, direction, attrs);
        iova.unlink(state, offset, size, direction, attrs);
        lendings.forEach(Lending::endLease);
    }

    void destroy(Device device, DmaIova state, long mapped, DmaDirection direction, int attrs) {
        IovaOps iova = opsOf(device, state);
        Check.argument(
                mapped >= 0 && mapped <= state.size(), "%d bytes are linked in %s", mapped, state);
        List<Lending> lendings = forget(device, state, 0, mapped, direction, attrs);
        iova.destroy(state, mapped, direction, attrs);
        lendings.forEach(Lending::endLease);
    }

    private List<Lending> forget(
            Device device,
            DmaIova state,
            long offset,
            long size,
            DmaDirection direction,
            int attrs) {
        MappingCore.checkDirection(direction);
        DmaBinding binding = core.binding(device);
        List<Lending> lendings = new ArrayList<>();
        Map.Entry<Long, Long> piece;
        while ((piece = state.unlink(offset, size)) != null) {
            long dma = state.dma() + piece.getKey();
            Lending lending =
                    core.close(
                            device, binding, dma, piece.getValue(), Kind.LINKED, direction, attrs);
            if (lending != null) {
                lendings.add(lending);
            }
        }
        return lendings;
    }

    private IovaOps opsOf(Device device, DmaIova state) {
        IovaOps iova = core.ops(device).iova();
        if (iova == null || !state.isUsed()) {
            throw new IllegalStateException(
                    "%s has no addresses in %s: dma_iova_try_alloc() said no, or was not asked"
                            .formatted(device, state));
        }
        return iova;
    }

    private static void checkRange(DmaIova state, long offset, long size) {
        Check.argument(
                offset >= 0 && size > 0 && size <= state.size() - offset,
                "offset 0x%x, 0x%x bytes of %s",
                offset,
                size,
                state);
    }
}
