package dmakit.cmodule.service;

import dmakit.cmodule.CSystem;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.Devres;
import java.util.HashMap;
import java.util.Map;

/** What C drivers were given for a device and may give back early, each by its address. */
final class DeviceMemory {
    private final CSystem system;
    private final Map<Held, Devres.Entry> entries = new HashMap<>();

    private record Held(long device, long va) {}

    DeviceMemory(CSystem system) {
        this.system = system;
    }

    /** Adds one to a device's resources. */
    void add(String name, long number, long va, Runnable release) {
        Device device = system.device(number);
        var held = new Held(number, va);
        entries.put(
                held,
                device.devres()
                        .add(
                                name,
                                () -> {
                                    entries.remove(held);
                                    release.run();
                                }));
    }

    /**
     * Gives one back early.
     *
     * @return false when the device does not hold it
     */
    boolean release(long number, long va) {
        Devres.Entry entry = entries.get(new Held(number, va));
        return entry != null && system.device(number).devres().release(entry);
    }
}
