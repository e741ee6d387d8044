package dmakit.kernel.pci;

import dmakit.kernel.Linux;
import java.util.List;

/** A driver for PCI functions. */
@Linux(file = "include/linux/pci.h", symbol = "pci_driver")
public interface PciDriver {
    /** The driver's name, unique on the bus. */
    String name();

    /** The kinds of function it is for, the first that fits counts. */
    List<PciId> ids();

    /**
     * Takes a function over. What it acquired through {@code Devres} goes back where it fails.
     *
     * @throws dmakit.kernel.KernelException when it cannot; EPROBE_DEFER to be asked again later,
     *     ENODEV or ENXIO when the function is not its own
     */
    void probe(PciDevice function, PciId id);

    /** Leaves a function; {@code Devres} gives the rest back afterwards. */
    default void remove(PciDevice function) {}

    /** The system goes down; the function is to be quiet. */
    default void shutdown(PciDevice function) {}
}
