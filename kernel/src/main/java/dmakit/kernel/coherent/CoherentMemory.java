package dmakit.kernel.coherent;

import dmakit.kernel.Calls;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.Devres;
import dmakit.kernel.device.DmaParameters;
import dmakit.kernel.device.DmaRangeMap;
import dmakit.kernel.dma.DevicePool;
import dmakit.kernel.log.Log;
import dmakit.kernel.mm.Mm;
import dmakit.machine.cpu.Cpu;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Gives devices coherent memory of their own, and takes it away.
 *
 * <p>Both forms of the API are here: {@link #declare(Device, long, long, long)} of today, and the
 * one of 5.0 with flags, its marks and its managed variants.
 */
public final class CoherentMemory {
    /** Of 5.0: when the memory is exhausted, the allocation fails. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "DMA_MEMORY_EXCLUSIVE")
    public static final int EXCLUSIVE = 0x01;

    private static final String FILE = "kernel/dma/coherent.c";

    private final Cpu cpu;
    private final Calls calls;
    private final Log log;
    private final Mm mm;
    private final Map<String, Devres.Entry> managed = new TreeMap<>();
    private @Nullable CoherentPool global;

    /** No device has any. */
    public CoherentMemory(Cpu cpu, Calls calls, Log log, Mm mm) {
        this.cpu = cpu;
        this.calls = calls;
        this.log = log;
        this.mm = mm;
    }

    /**
     * Gives a device a region; it is exclusive.
     *
     * @param phys where the CPU finds it: no memory that the kernel uses
     * @param deviceAddr where the device does; nothing translates it
     * @param size in bytes
     * @throws KernelException EINVAL and ENOMEM as {@link CoherentPool}, EBUSY when the device has
     *     a region already
     */
    @Linux(file = FILE, symbol = "dma_declare_coherent_memory")
    public void declare(Device device, long phys, long deviceAddr, long size) {
        declare(device, phys, deviceAddr, size, EXCLUSIVE);
    }

    /**
     * The same with the flags of 5.0.
     *
     * @param flags {@link #EXCLUSIVE}, or 0 to fall back on other memory when it is exhausted
     */
    public void declare(Device device, long phys, long deviceAddr, long size, int flags) {
        enter("dma_declare_coherent_memory", device, phys, deviceAddr, size);
        CoherentPool pool = new CoherentPool(cpu, mm, phys, size);
        try {
            attach(
                    device,
                    new DeviceCoherentPool(pool, deviceAddr, (flags & EXCLUSIVE) != 0, true));
        } catch (KernelException e) {
            pool.close();
            throw e;
        }
    }

    /** Takes the region away; what is allocated of it is not looked at. */
    @Linux(file = FILE, symbol = "dma_release_coherent_memory")
    @Linux(file = FILE, symbol = "dma_release_declared_memory")
    public void release(Device device) {
        enter("dma_release_declared_memory", device, 0, 0, 0);
        if (device.dma().pool() instanceof DeviceCoherentPool own) {
            device.dma().pool(null);
            if (own.isDeclared()) {
                own.pool().close();
            }
        }
    }

    /** As {@link #declare(Device, long, long, long, int)}; released when the driver leaves. */
    @Linux(file = "drivers/base/dma-mapping.c", symbol = "dmam_declare_coherent_memory")
    public void declareManaged(Device device, long phys, long deviceAddr, long size, int flags) {
        declare(device, phys, deviceAddr, size, flags);
        managed.put(
                device.name(),
                device.devres()
                        .add(
                                "declared memory",
                                () -> {
                                    managed.remove(device.name());
                                    release(device);
                                }));
    }

    /** Of 5.0: releases what {@link #declareManaged} declared before the driver leaves. */
    @Linux(file = "drivers/base/dma-mapping.c", symbol = "dmam_release_declared_memory")
    public void releaseManaged(Device device) {
        Devres.Entry entry = managed.get(device.name());
        if (entry != null) {
            device.devres().release(entry);
        }
    }

    /**
     * Of 5.0: keeps pages of the region from being allocated.
     *
     * @param deviceAddr where the device sees the first byte
     * @return where the CPU sees it
     * @throws KernelException EINVAL when the device has no region or the range leaves it, EBUSY
     *     when a page is taken
     */
    @Linux(file = FILE, symbol = "dma_mark_declared_memory_occupied")
    public long markOccupied(Device device, long deviceAddr, long size) {
        enter("dma_mark_declared_memory_occupied", device, 0, deviceAddr, size);
        if (!(device.dma().pool() instanceof DeviceCoherentPool own)) {
            throw new KernelException(Errno.EINVAL, "%s has no memory of its own", device);
        }
        long offset = deviceAddr - own.base();
        own.pool().occupy(offset, size);
        return own.pool().vaAt(offset);
    }

    /**
     * Gives a device a region of the device tree, which others may have as well.
     *
     * @throws KernelException EBUSY when the device has a region already
     */
    @Linux(file = FILE, symbol = "rmem_dma_device_init")
    public void attach(Device device, CoherentPool pool) {
        DmaParameters dma = device.dma();
        DmaRangeMap map = dma.rangeMap();
        long base = map == null ? pool.phys() : map.toDma(pool.phys());
        warnOfReach(device, base, pool.size());
        attach(device, new DeviceCoherentPool(pool, base, true, false));
    }

    /** Only warned of: the region is what it is. */
    private void warnOfReach(Device device, long base, long size) {
        DmaParameters dma = device.dma();
        if (Long.compareUnsigned(base + size - 1, dma.limitWith(dma.coherentDmaMask())) > 0) {
            log.devWarn(device, "reserved memory is beyond device's set DMA address range");
        }
    }

    private static void attach(Device device, DevicePool pool) {
        DevicePool before = device.dma().pool();
        if (before != null) {
            throw new KernelException(Errno.EBUSY, "%s has memory of its own already", device);
        }
        device.dma().pool(pool);
    }

    /** Takes a shared region away from a device. */
    @Linux(file = FILE, symbol = "rmem_dma_device_release")
    public void detach(Device device) {
        device.dma().pool(null);
    }

    /**
     * Makes a pool of a region that devices of the tree may share.
     *
     * @throws KernelException as {@link CoherentPool}
     */
    public CoherentPool pool(long phys, long size) {
        return new CoherentPool(cpu, mm, phys, size);
    }

    /** Makes a region the one for every device that does not snoop. */
    @Linux(file = FILE, symbol = "dma_init_global_coherent")
    public void global(CoherentPool pool) {
        global = pool;
        log.info("DMA: default coherent area is set");
    }

    /** The region for every device that does not snoop, as one of them sees it; or null. */
    @Linux(file = FILE, symbol = "dma_alloc_from_global_coherent")
    public @Nullable DevicePool global(Device device) {
        CoherentPool pool = global;
        if (pool == null) {
            return null;
        }
        DmaRangeMap map = device.dma().rangeMap();
        long base = map == null ? pool.phys() : map.toDma(pool.phys());
        return new DeviceCoherentPool(pool, base, true, false);
    }

    private void enter(String function, Device device, long phys, long deviceAddr, long size) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(
                    function,
                    "%s, 0x%x, 0x%x, 0x%x".formatted(device.name(), phys, deviceAddr, size));
        }
    }
}
