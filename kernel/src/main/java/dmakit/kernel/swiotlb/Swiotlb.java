package dmakit.kernel.swiotlb;

import dmakit.kernel.Architecture;
import dmakit.kernel.KernelParameters;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.log.Log;
import dmakit.kernel.log.RateLimit;
import dmakit.kernel.mm.Memblock;
import dmakit.kernel.mm.ZoneLayout;
import dmakit.machine.Machine;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.memory.Ram;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The bounce buffers of one kernel: a pool that all devices share, and pools of single devices. */
@Linux(file = "kernel/dma/swiotlb.c", symbol = "io_tlb_default_mem")
public final class Swiotlb {
    /** Pools of single devices that there may be. */
    public static final int RESTRICTED_COUNT_MAX = 1024;

    private enum Once {
        OVERFLOW,
        MISALIGNED
    }

    private final Cpu cpu;
    private final Ram ram;
    private final Log log;
    private final @Nullable SwiotlbPool common;
    private final boolean forced;
    private final RateLimit absent;
    private final RateLimit full;
    private final Set<Once> warned = EnumSet.noneOf(Once.class);
    private final Map<Device, Bouncer> bouncers = new LinkedHashMap<>();
    private final Map<Long, SwiotlbPool> restricted = new TreeMap<>();
    private Listener listener = _ -> {};

    /** Hears of pools that come into being later. */
    @FunctionalInterface
    public interface Listener {
        /** A device got a pool of its own, which no device had before. */
        void added(SwiotlbPool pool);
    }

    private Swiotlb(Machine machine, Log log, @Nullable SwiotlbPool common, boolean forced) {
        cpu = machine.cpu();
        ram = machine.ram();
        this.log = log;
        this.common = common;
        this.forced = forced;
        absent = new RateLimit(machine.clock(), log);
        full = new RateLimit(machine.clock(), log);
    }

    /**
     * Sets the pool up that all devices share, as the command line and the machine want it, and
     * says so in the log.
     *
     * @param log the kernel's
     * @param memblock gives the memory, below the end of the DMA zone (x86: below 4 GiB)
     * @param parameters {@code swiotlb=} is read: {@code [slots][,areas][,force|noforce]}
     * @param architecture says whether there are any: arm64 has 64 MiB where RAM goes beyond what
     *     all devices reach, and else 1 MiB per GiB of RAM, for small buffers of kmalloc; x86 has
     *     64 MiB where RAM goes beyond 4 GiB
     */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "swiotlb_init")
    public static Swiotlb boot(
            Machine machine,
            Log log,
            Memblock memblock,
            ZoneLayout zones,
            KernelParameters parameters,
            Architecture architecture) {
        var boot = new SwiotlbBoot(log.prefixed("software IO TLB: "), memblock, zones);
        parameters.values("swiotlb").forEach(boot::parse);
        return new Swiotlb(machine, log, boot.pool(architecture), boot.isForced());
    }

    /** A kernel without bounce buffers. */
    public static Swiotlb none(Machine machine, Log log) {
        return new Swiotlb(machine, log, null, false);
    }

    /** Whether there is a pool that all devices share. */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "is_swiotlb_allocated")
    public boolean isAllocated() {
        return common != null;
    }

    /** The pool that all devices share, or null. */
    public @Nullable SwiotlbPool common() {
        return common;
    }

    /** What bounces for a device: one object until {@link #forget}. */
    public Bouncer of(Device device) {
        return bouncers.computeIfAbsent(
                device, some -> new Bouncer(this, cpu, some, common, forced));
    }

    /** Nobody maps for a device any more; a pool of its own it has no longer. */
    public void forget(Device device) {
        bouncers.remove(device);
    }

    /** The memory that a bounce buffer stands for; of all other memory itself. */
    public long originOf(long phys) {
        long origin = originIn(common, phys);
        if (origin != SwiotlbPool.NO_ORIGIN) {
            return origin;
        }
        for (SwiotlbPool pool : restricted.values()) {
            origin = originIn(pool, phys);
            if (origin != SwiotlbPool.NO_ORIGIN) {
                return origin;
            }
        }
        return phys;
    }

    private static long originIn(@Nullable SwiotlbPool pool, long phys) {
        return pool != null && pool.holds(phys) ? pool.originOf(phys) : SwiotlbPool.NO_ORIGIN;
    }

    // Pools of single devices.

    /**
     * Gives a device a pool of its own: everything it maps bounces there, and its coherent memory
     * comes from there. Devices may share such a pool.
     *
     * @param name of the reserved region
     * @param start its physical address
     * @param size in bytes
     * @return false when the region is no RAM, or not aligned to slots, or there are {@link
     *     #RESTRICTED_COUNT_MAX} already
     */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "rmem_swiotlb_device_init")
    public boolean restrict(Device device, String name, long start, long size) {
        SwiotlbPool pool = restricted.get(start);
        if (pool == null) {
            long slots = size >>> SwiotlbPool.LG2_SLOT;
            if ((start & (SwiotlbPool.SLOT_BYTES - 1)) != 0
                    || slots == 0
                    || slots > SwiotlbPool.SLOT_COUNT_MAX
                    || ram.offsetOf(start, size) == Ram.NOT_RAM
                    || restricted.size() == RESTRICTED_COUNT_MAX) {
                log.err("Restricted DMA pool must be accessible within the linear mapping.");
                return false;
            }
            pool = new SwiotlbPool(name, start, (int) slots, 1);
            restricted.put(start, pool);
            listener.added(pool);
        }
        of(device).restrictTo(pool);
        return true;
    }

    /** Lets a device use the pool of all devices again. */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "rmem_swiotlb_device_release")
    public void release(Device device) {
        Bouncer bouncer = bouncers.get(device);
        if (bouncer != null) {
            bouncer.share(common, forced);
        }
    }

    /** The pools of single devices, by address. */
    public List<SwiotlbPool> restricted() {
        return List.copyOf(restricted.values());
    }

    /** Sets who hears of pools of single devices; those that exist are told at once. */
    public void listener(Listener hears) {
        listener = hears;
        new ArrayList<>(restricted.values()).forEach(hears::added);
    }

    // What bouncers have to say.

    /** The area the running CPU begins with: there is one CPU. */
    int area() {
        return 0;
    }

    void reportAbsent(Device device) {
        if (absent.allows("swiotlb_tbl_map_single")) {
            log.devWarn(
                    device,
                    "Can not allocate SWIOTLB buffer earlier and can't now provide you with the"
                            + " DMA bounce buffer");
        }
    }

    void reportEmpty(Device device) {
        log.devErr(device, "swiotlb: a mapping of 0 bytes, which is a BUG in Linux: refused");
    }

    void reportFull(Device device, SwiotlbPool pool, long bytes) {
        if (full.allows("swiotlb_tbl_map_single")) {
            log.devWarn(
                    device,
                    "swiotlb buffer is full (sz: %s bytes), total %d (slots), used %d (slots)",
                    Long.toUnsignedString(bytes),
                    pool.slotCount(),
                    pool.usedCount());
        }
    }

    void reportOverflow(Device device, long allocated, long asked) {
        if (warned.add(Once.OVERFLOW)) {
            log.devWarn(
                    device,
                    "Buffer overflow detected. Allocation size: %d. Mapping size: %s.",
                    allocated,
                    Long.toUnsignedString(asked));
        }
    }

    void reportMisaligned(Device device, long phys) {
        if (warned.add(Once.MISALIGNED)) {
            log.devWarn(
                    device,
                    "Cannot allocate pages from non page-aligned swiotlb addr 0x%016x.",
                    phys);
        }
    }
}
