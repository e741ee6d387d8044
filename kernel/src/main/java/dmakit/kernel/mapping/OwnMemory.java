package dmakit.kernel.mapping;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DevicePool;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dma.OpenMappings.Kind;
import dmakit.kernel.mm.Vma;
import org.jspecify.annotations.Nullable;

/**
 * The first source of coherent memory: what a device has for itself.
 *
 * <p>As in Linux such memory does not count as held by the device. Where mistakes are looked for it
 * is known all the same, so that the device may access it.
 */
final class OwnMemory {
    private final MappingCore core;
    private final MappingRules rules;

    OwnMemory(MappingCore core) {
        this.core = core;
        rules = core.rules();
    }

    /**
     * Allocates.
     *
     * @return null when other sources are to be asked
     * @throws DmaException ENOMEM when the device's memory is exhausted, and all it may have
     */
    @Nullable CoherentBuffer alloc(Device device, long size, int attrs) {
        DevicePool pool = device.dma().pool();
        if (pool == null) {
            return null;
        }
        CoherentBuffer buffer = pool.alloc(size);
        if (buffer != null) {
            note(device, pool, buffer, attrs);
        } else if (pool.isExclusive()) {
            throw new DmaException(
                    Errno.ENOMEM, "%s: no 0x%x bytes in its own memory", device, size);
        }
        return buffer;
    }

    private void note(Device device, DevicePool pool, CoherentBuffer buffer, int attrs) {
        long phys = pool.toPhys(buffer.dma());
        if (rules.areOn() && core.isRam(phys, buffer.size())) {
            rules.lending()
                    .lent(
                            device,
                            Kind.COHERENT,
                            buffer.dma(),
                            phys,
                            buffer.va(),
                            buffer.size(),
                            DmaDirection.BIDIRECTIONAL,
                            attrs);
        }
    }

    /** Frees; answers false for memory of another source. */
    boolean free(Device device, long size, long va, long dma, int attrs) {
        DevicePool pool = device.dma().pool();
        if (pool == null || !pool.holds(va)) {
            return false;
        }
        if (!rules.areOn() || !core.isRam(core.cpu().physOf(va), 1)) {
            pool.free(va, size);
            return true;
        }
        Lending freed = rules.returning().freed(device, size, va, dma, attrs);
        if (freed != null && pool.holds(freed.va())) {
            pool.free(freed.va(), freed.size());
        }
        return true;
    }

    /** Maps into a process; answers false for memory of another source. */
    boolean mmap(Device device, Vma vma, long va, long size) {
        DevicePool pool = device.dma().pool();
        if (pool == null || !pool.holds(va)) {
            return false;
        }
        pool.mmap(vma, va, size);
        return true;
    }
}
