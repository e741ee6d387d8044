package dmakit.kernel.mapping;

import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.Devres;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** All pools there are, by their devices. */
public final class DmaPools {
    /** Hears which devices have pools. */
    public interface Observer {
        /** A device has its first pool. */
        void appeared(Device device);

        /** A device has no pool any more. */
        void gone(Device device);
    }

    private final MappingCore core;
    private final Coherent coherent;
    private final Map<Device, List<DmaPool>> pools = new LinkedHashMap<>();
    private final Map<DmaPool, Devres.Entry> managed = new LinkedHashMap<>();
    private final List<Observer> observers = new ArrayList<>();
    private boolean poisons;

    DmaPools(MappingCore core, Coherent coherent) {
        this.core = core;
        this.coherent = coherent;
    }

    /** Sets who hears of pools that come and go. */
    public void observe(Observer observer) {
        observers.add(observer);
    }

    /**
     * Fills blocks that are free or not written yet with patterns and looks after them, as a kernel
     * with {@code CONFIG_SLUB_DEBUG_ON}. For pools that are made afterwards.
     */
    public void poison() {
        poisons = true;
    }

    boolean poisons() {
        return poisons;
    }

    /** Whether a device has pools. */
    public boolean has(Device device) {
        return pools.containsKey(device);
    }

    /** The file {@code pools} of a device, the latest pool first. */
    @Linux(file = "mm/dmapool.c", symbol = "pools_show")
    public String show(Device device) {
        StringBuilder text = new StringBuilder("poolinfo - 0.1\n");
        for (DmaPool pool : pools.getOrDefault(device, List.of()).reversed()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%-16s %4d %4d %4d %2d\n",
                            pool.name(),
                            pool.activeCount(),
                            pool.blockCount(),
                            pool.blockBytes(),
                            pool.chunkCount()));
        }
        return text.toString();
    }

    DmaPool create(String name, Device device, long size, long align, long boundary) {
        core.calls().mightSleep("dma_pool_create");
        DmaPool pool = new DmaPool(this, core, coherent, device, name, size, align, boundary);
        boolean first = !pools.containsKey(device);
        pools.computeIfAbsent(device, _ -> new ArrayList<>()).add(pool);
        if (first) {
            observers.forEach(observer -> observer.appeared(device));
        }
        return pool;
    }

    DmaPool createManaged(String name, Device device, long size, long align, long allocation) {
        DmaPool pool = create(name, device, size, align, allocation);
        managed.put(pool, device.devres().add("dmam_pool_create", () -> endManaged(pool)));
        return pool;
    }

    private void endManaged(DmaPool pool) {
        managed.remove(pool);
        pool.destroy();
    }

    void destroyManaged(DmaPool pool) {
        Devres.Entry entry = managed.get(pool);
        if (entry == null) {
            core.log().devWarn(pool.device(), "pool %s is not managed", pool.name());
            core.misuse("dmam_pool_destroy of %s, which is not managed", pool);
            return;
        }
        pool.device().devres().release(entry);
    }

    void remove(DmaPool pool) {
        List<DmaPool> rest = pools.getOrDefault(pool.device(), List.of());
        rest.remove(pool);
        if (rest.isEmpty()) {
            pools.remove(pool.device());
            observers.forEach(observer -> observer.gone(pool.device()));
        }
    }
}
