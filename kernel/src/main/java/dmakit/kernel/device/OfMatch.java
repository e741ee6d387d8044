package dmakit.kernel.device;

import dmakit.kernel.Linux;
import org.jspecify.annotations.Nullable;

/**
 * A kind of device that a driver is for.
 *
 * @param compatible as in the device tree
 * @param data what the driver keeps for this kind, or null
 */
@Linux(file = "include/linux/mod_devicetable.h", symbol = "of_device_id")
public record OfMatch(String compatible, @Nullable Object data) {
    /** A kind without data. */
    public OfMatch(String compatible) {
        this(compatible, null);
    }
}
