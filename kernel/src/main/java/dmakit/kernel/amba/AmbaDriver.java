package dmakit.kernel.amba;

import dmakit.kernel.Linux;
import dmakit.kernel.device.PlatformDevice;
import java.util.List;

/** A driver for cells of an AMBA bus. */
@Linux(file = "include/linux/amba/bus.h", symbol = "amba_driver")
public interface AmbaDriver {
    /** The driver's name. */
    String name();

    /** The cells it is for; the first that matches counts. */
    List<AmbaId> ids();

    /**
     * Takes a cell over; as {@link dmakit.kernel.device.PlatformDriver#probe}.
     *
     * @param index which of {@link #ids} it is, from 0
     * @throws dmakit.kernel.KernelException when it cannot
     */
    void probe(PlatformDevice cell, int index);

    /** Leaves a cell. */
    default void remove(PlatformDevice cell) {}
}
