package dmakit.kernel.mm;

import dmakit.kernel.Calls;
import dmakit.kernel.log.Log;
import dmakit.machine.Machine;
import dmakit.machine.memory.Ram;

/**
 * All memory management of one kernel, as it boots.
 *
 * @param memblock what was reserved before the page allocator started
 */
public record Mm(
        Memblock memblock,
        PageAllocator pages,
        Slab slab,
        Vmalloc vmalloc,
        IoMemory io,
        Resources resources,
        VirtualMemory virtual) {
    /**
     * Starts memory management: zones, pages, caches and resources.
     *
     * <p>Small kmalloc objects are aligned to whole cache lines, as Linux does where no bounce
     * buffers exist (docs/adr).
     *
     * @param memblock with everything reserved that the allocator must not touch
     * @param reachOfAllDevices as for {@link ZoneLayout#arm64}
     * @param log the kernel's
     */
    public static Mm boot(
            Machine machine, Calls calls, Memblock memblock, long reachOfAllDevices, Log log) {
        ZoneLayout zones = ZoneLayout.arm64(machine.ram(), reachOfAllDevices);
        PageAllocator pages = new PageAllocator(machine, calls, memblock, zones, log);
        Vmalloc vmalloc = new Vmalloc(machine, calls, pages);
        Resources resources = new Resources(calls);
        resources.claimMemory(memblock);
        return new Mm(
                memblock,
                pages,
                new Slab(machine, calls, pages, Ram.LINE_BYTES),
                vmalloc,
                new IoMemory(calls, machine.ram(), vmalloc),
                resources,
                new VirtualMemory(calls, machine.ram()));
    }
}
