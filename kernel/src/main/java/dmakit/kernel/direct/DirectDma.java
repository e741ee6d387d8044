package dmakit.kernel.direct;

import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaOps;
import dmakit.kernel.log.Log;
import dmakit.kernel.mm.Mm;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.kernel.swiotlb.Swiotlb;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.memory.Ram;
import java.util.EnumSet;
import java.util.Set;

/** Direct mapping on one machine: makes the back ends of devices. */
public final class DirectDma {
    /** Warnings that Linux gives once. */
    enum Once {
        MAP_OVERFLOW,
        BOUNCE_OVERFLOW,
        RESOURCE_OVERFLOW
    }

    private final Cpu cpu;
    private final Log log;
    private final Mm mm;
    private final MemorySources sources;
    private final Swiotlb swiotlb;
    private final long lastPage;
    private final Set<Once> warned = EnumSet.noneOf(Once.class);

    /** Starts direct mapping. */
    public DirectDma(Cpu cpu, Log log, Mm mm, MemorySources sources, Swiotlb swiotlb) {
        this.cpu = cpu;
        this.log = log;
        this.mm = mm;
        this.sources = sources;
        this.swiotlb = swiotlb;
        lastPage = mm.memblock().ram().banks().getLast().end() - VirtualMemory.PAGE_BYTES;
    }

    /** The back end of a device; it follows the device's parameters as they change. */
    public DmaOps opsFor(Device device) {
        return new DirectOps(this, cpu, mm, sources, swiotlb.of(device), device);
    }

    /** Nobody uses the back end of a device any more. */
    public void forget(Device device) {
        swiotlb.forget(device);
    }

    /** The line size by which small buffers are judged: {@code dma_get_cache_alignment()}. */
    static int cacheAlignment() {
        return Ram.LINE_BYTES;
    }

    /** Physical address of the last page of RAM. */
    long lastPage() {
        return lastPage;
    }

    /** A device cannot reach what it shall: one line, the first time. */
    void warnOverflow(Once site, Device device, long dma, long size) {
        if (warned.add(site)) {
            log.devWarn(
                    device,
                    "%s addr 0x%016x+%s overflow (mask %x, bus limit %x).",
                    site == Once.BOUNCE_OVERFLOW ? "swiotlb" : "DMA",
                    dma,
                    Long.toUnsignedString(size),
                    device.dma().dmaMask(),
                    device.dma().busDmaLimit());
        }
    }
}
