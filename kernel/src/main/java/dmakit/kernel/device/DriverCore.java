package dmakit.kernel.device;

import dmakit.devicetree.Node;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.log.Log;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What happens around a probe, on every bus: the device is set up for DMA, the driver tries it, and
 * what it acquired goes back where it fails. A probe that has to wait is repeated after each one
 * that succeeds, whichever bus that was on.
 */
public final class DriverCore {
    private record Waiting(String reason, Runnable again) {}

    private final Log log;
    private final DmaHook dmaHook;
    private final Devices devices;
    private final Map<Device, Waiting> deferred = new LinkedHashMap<>();
    private boolean retrying;

    /**
     * Creates the core of one kernel.
     *
     * @param dmaHook runs before each probe
     * @param devices hears who drives what
     */
    public DriverCore(Log log, DmaHook dmaHook, Devices devices) {
        this.log = log;
        this.dmaHook = dmaHook;
        this.devices = devices;
    }

    /** Every device and driver, of all buses. */
    public Devices devices() {
        return devices;
    }

    /**
     * Lets a driver try a device.
     *
     * @param body the driver's probe; a {@link KernelException} refuses the device
     * @param again offers the device to its bus once more
     * @return whether the driver has the device now
     */
    @Linux(file = "drivers/base/dd.c", symbol = "really_probe")
    public boolean probe(Device device, String driver, Runnable body, Runnable again) {
        devices.bind(device, driver);
        try {
            dmaHook.configure(device);
            body.run();
        } catch (KernelException e) {
            refused(device, driver, e, again);
            cleanUp(device, false);
            return false;
        }
        deferred.remove(device);
        retryDeferred();
        return true;
    }

    private void refused(Device device, String driver, KernelException e, Runnable again) {
        switch (e.errno()) {
            case EPROBE_DEFER ->
                    deferred.put(device, new Waiting(String.valueOf(e.getMessage()), again));
            case ENODEV, ENXIO -> deferred.remove(device);
            default -> {
                deferred.remove(device);
                log.devErr(
                        device,
                        "probe with driver %s failed with error %d",
                        driver,
                        -e.errno().number());
            }
        }
    }

    /**
     * Sets a device up for DMA, as before a probe.
     *
     * @param node that says how, or null for the device's own
     */
    @Linux(file = "drivers/of/device.c", symbol = "of_dma_configure_id")
    public void configureDma(Device device, @Nullable Node node) {
        if (node == null) {
            dmaHook.configure(device);
        } else {
            dmaHook.configure(device, node);
        }
    }

    /** Gives back what a driver acquired for a device that it has left. */
    @Linux(file = "drivers/base/dd.c", symbol = "device_unbind_cleanup")
    public void cleanUp(Device device) {
        cleanUp(device, true);
    }

    private void cleanUp(Device device, boolean had) {
        device.devres().releaseAll();
        device.driverData(null);
        if (had) {
            dmaHook.driverLeft(device);
        }
        try {
            dmaHook.release(device);
        } finally {
            devices.bind(device, "");
        }
    }

    /** Devices whose probe has to wait, with what each waits for. */
    public Map<Device, String> deferred() {
        Map<Device, String> reasons = new LinkedHashMap<>();
        deferred.forEach((device, waiting) -> reasons.put(device, waiting.reason()));
        return reasons;
    }

    /** A device goes away: nobody waits for it any more. */
    public void forget(Device device) {
        deferred.remove(device);
    }

    /** Asks waiting devices again until a round brings nothing new. */
    @Linux(file = "drivers/base/dd.c", symbol = "driver_deferred_probe_trigger")
    public void retryDeferred() {
        if (retrying) {
            return;
        }
        retrying = true;
        try {
            boolean progress = true;
            while (progress) {
                progress = false;
                for (Device device : List.copyOf(deferred.keySet())) {
                    Waiting waiting = deferred.remove(device);
                    if (waiting != null) {
                        waiting.again().run();
                        progress |= device.isBound();
                    }
                }
            }
        } finally {
            retrying = false;
        }
    }
}
