package dmakit.kernel.mm;

import dmakit.kernel.Calls;
import dmakit.kernel.Linux;
import dmakit.kernel.log.Log;
import dmakit.machine.Machine;
import dmakit.machine.cpu.Cpu;
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
        MemoryRemap remap,
        Resources resources,
        VirtualMemory virtual,
        MemoryChecks checks) {
    /**
     * Starts memory management: zones, pages, caches and resources.
     *
     * <p>Where small buffers can bounce, kmalloc packs its objects; where they cannot, it aligns
     * them to whole cache lines (docs/adr/0015).
     *
     * @param memblock with everything reserved that the allocator must not touch
     * @param zones of its RAM
     * @param canBounce whether there are bounce buffers
     * @param log the kernel's
     */
    @Linux(file = "mm/slab_common.c", symbol = "__kmalloc_minalign")
    public static Mm boot(
            Machine machine,
            Calls calls,
            Memblock memblock,
            ZoneLayout zones,
            boolean canBounce,
            Log log) {
        Cpu cpu = machine.cpu();
        Ram ram = machine.ram();
        PageAllocator pages =
                new PageAllocator(cpu, machine.scheduler(), calls, memblock, zones, log);
        Vmalloc vmalloc = new Vmalloc(cpu, ram, calls, pages);
        Resources resources = new Resources(calls);
        resources.claimMemory(memblock);
        var checks = new MemoryChecks(cpu, ram, calls.findings(), pages, vmalloc);
        calls.findings().onEnable(checks::begin);
        return new Mm(
                memblock,
                pages,
                new Slab(cpu, ram, calls, pages, canBounce ? Slab.MIN_ALIGN : Ram.LINE_BYTES),
                vmalloc,
                new IoMemory(calls, ram, vmalloc),
                new MemoryRemap(calls, memblock, vmalloc, log),
                resources,
                new VirtualMemory(calls, ram),
                checks);
    }
}
