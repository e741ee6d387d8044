package dmakit.kernel.mm;

import dmakit.kernel.Calls;
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
        Resources resources,
        VirtualMemory virtual,
        MemoryChecks checks) {
    /**
     * Starts memory management: zones, pages, caches and resources.
     *
     * <p>Small kmalloc objects are aligned to whole cache lines, as Linux does where no bounce
     * buffers exist (docs/adr/0005).
     *
     * @param memblock with everything reserved that the allocator must not touch
     * @param reachOfAllDevices as for {@link ZoneLayout#arm64}
     * @param log the kernel's
     */
    public static Mm boot(
            Machine machine, Calls calls, Memblock memblock, long reachOfAllDevices, Log log) {
        ZoneLayout zones = ZoneLayout.arm64(memblock.ram(), reachOfAllDevices);
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
                new Slab(cpu, ram, calls, pages, Ram.LINE_BYTES),
                vmalloc,
                new IoMemory(calls, ram, vmalloc),
                resources,
                new VirtualMemory(calls, ram),
                checks);
    }
}
