package dmakit.kernel.device;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Every device and driver there is, of whichever bus or class, and who wants to hear of them. */
@Linux(file = "drivers/base/core.c", symbol = "devices_kset")
public final class Devices {
    /** Devices there may be at a time. */
    public static final int COUNT_MAX = 1 << 18;

    private final Set<Device> devices = new LinkedHashSet<>();
    private final List<Observer> observers = new ArrayList<>();

    /** Hears of devices and drivers. */
    public interface Observer {
        /** A device is there; its parent is there already. */
        default void added(Device device) {}

        /** A device goes; nothing hangs on it any more. */
        default void removed(Device device) {}

        /** A driver takes a device. */
        default void bound(Device device, String driver) {}

        /** A driver has left a device. */
        default void unbound(Device device, String driver) {}

        /** A driver registered with a bus. */
        default void driverAdded(String bus, String driver) {}

        /** A driver left its bus. */
        default void driverRemoved(String bus, String driver) {}
    }

    /** Creates a registry without devices. */
    public Devices() {}

    /** Tells somebody of every change from now on. */
    public void observe(Observer observer) {
        observers.add(observer);
    }

    /** All devices, in the order in which they were added. */
    public List<Device> all() {
        return List.copyOf(devices);
    }

    /** Whether a device is there. */
    public boolean contains(Device device) {
        return devices.contains(device);
    }

    /**
     * Makes a device known.
     *
     * @throws KernelException {@code ENOSPC} behind {@link #COUNT_MAX}, {@code EEXIST} when it is
     *     known or an observer has another of its name
     */
    @Linux(file = "drivers/base/core.c", symbol = "device_add")
    public void add(Device device) {
        if (devices.size() == COUNT_MAX) {
            throw new KernelException(Errno.ENOSPC, "more than %d devices", COUNT_MAX);
        }
        if (!devices.add(device)) {
            throw new KernelException(Errno.EEXIST, "device %s exists", device.name());
        }
        try {
            observers.forEach(observer -> observer.added(device));
        } catch (KernelException e) {
            devices.remove(device);
            throw e;
        }
    }

    /** Makes a device unknown; one that is not known stays so. */
    @Linux(file = "drivers/base/core.c", symbol = "device_del")
    public void remove(Device device) {
        if (devices.remove(device)) {
            observers.forEach(observer -> observer.removed(device));
        }
    }

    /**
     * Notes who drives a device.
     *
     * @param driver its name, or empty when it has left
     */
    public void bind(Device device, String driver) {
        String before = device.isBound() ? device.driverName() : "";
        device.bound(driver.isEmpty() ? null : driver);
        if (!before.isEmpty()) {
            observers.forEach(observer -> observer.unbound(device, before));
        }
        if (!driver.isEmpty()) {
            observers.forEach(observer -> observer.bound(device, driver));
        }
    }

    /** Notes that a driver registered with a bus. */
    @Linux(file = "drivers/base/bus.c", symbol = "bus_add_driver")
    public void driverAdded(String bus, String driver) {
        observers.forEach(observer -> observer.driverAdded(bus, driver));
    }

    /** Notes that a driver left its bus. */
    @Linux(file = "drivers/base/bus.c", symbol = "bus_remove_driver")
    public void driverRemoved(String bus, String driver) {
        observers.forEach(observer -> observer.driverRemoved(bus, driver));
    }
}
