package dmakit.kernel.pci;

import dmakit.kernel.Linux;
import org.jspecify.annotations.Nullable;

/**
 * A kind of function that a driver is for.
 *
 * @param vendor or {@link #ANY}
 * @param device or {@link #ANY}
 * @param subvendor or {@link #ANY}
 * @param subdevice or {@link #ANY}
 * @param classCode class, subclass and programming interface; counts where the mask has ones
 * @param classMask which bits of the class count
 * @param data what the driver keeps for this kind, or null
 */
@Linux(file = "include/linux/mod_devicetable.h", symbol = "pci_device_id")
public record PciId(
        int vendor,
        int device,
        int subvendor,
        int subdevice,
        int classCode,
        int classMask,
        @Nullable Object data) {
    /** Fits every number. */
    @Linux(file = "include/linux/mod_devicetable.h", symbol = "PCI_ANY_ID")
    public static final int ANY = -1;

    /** One device of a vendor, on any board. */
    public PciId(int vendor, int device) {
        this(vendor, device, ANY, ANY, 0, 0, null);
    }

    /** Whether a function is of this kind. */
    @Linux(file = "drivers/pci/pci.h", symbol = "pci_match_one_device")
    boolean fits(PciDevice function) {
        return fits(vendor, function.vendor())
                && fits(device, function.deviceId())
                && fits(subvendor, function.subsystemVendor())
                && fits(subdevice, function.subsystemId())
                && ((classCode ^ function.classCode()) & classMask) == 0;
    }

    private static boolean fits(int wanted, int found) {
        return wanted == ANY || wanted == found;
    }
}
