package dmakit.kernel.device;

import dmakit.kernel.Linux;
import java.util.List;

/** A driver for devices that are simply there. */
@Linux(file = "include/linux/platform_device.h", symbol = "platform_driver")
public interface PlatformDriver {
    /** The driver's name; a device of the same name fits where no {@link #ofMatch} does. */
    String name();

    /** The kinds of device it is for. */
    List<OfMatch> ofMatch();

    /** Names of devices it is for; with any, its own name does not count. */
    default List<String> idNames() {
        return List.of();
    }

    /** The bus it is shown on: {@link PlatformBus#NAME}, or {@link PlatformBus#AMBA}. */
    default String bus() {
        return PlatformBus.NAME;
    }

    /** Whether it knows a device by something else than its node and name. */
    default boolean identifies(PlatformDevice device) {
        return false;
    }

    /**
     * Takes a device over. What it acquired through {@link Devres} goes back where it fails.
     *
     * @throws dmakit.kernel.KernelException when it cannot; EPROBE_DEFER to be asked again later,
     *     ENODEV or ENXIO when the device is not its own
     */
    void probe(PlatformDevice device);

    /** Leaves a device; {@link Devres} gives the rest back afterwards. */
    default void remove(PlatformDevice device) {}
}
