package dmakit.kernel.isa;

import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;

/**
 * A driver of cards that nothing enumerates: it says itself how many there may be, and looks for
 * each.
 */
@Linux(file = "include/linux/isa.h", symbol = "struct isa_driver")
public interface IsaDriver {
    /** The driver's name, unique on the bus. */
    String name();

    /**
     * Whether a card of that number may be there, before anything is touched.
     *
     * @param id from 0
     */
    default boolean match(Device device, int id) {
        return true;
    }

    /**
     * Takes a card over. What it acquired through {@code Devres} goes back where it fails.
     *
     * @throws dmakit.kernel.KernelException when it cannot; ENODEV when there is none
     */
    void probe(Device device, int id);

    /** Leaves a card; {@code Devres} gives the rest back afterwards. */
    default void remove(Device device, int id) {}
}
