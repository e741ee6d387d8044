package dmakit.kernel.device;

import dmakit.devicetree.Node;
import java.util.Optional;

/**
 * Adds to a running machine what a driver is for and the board has not: registers without
 * behaviour, behind a node or a configuration space that names the device. The board implements it.
 */
public interface StandIns {
    /** A board to which nothing can be added. */
    StandIns NONE =
            new StandIns() {
                @Override
                public Optional<Node> platform(String compatible) {
                    return Optional.empty();
                }

                @Override
                public boolean pci(Numbers numbers) {
                    return false;
                }
            };

    /**
     * What a PCI function says it is.
     *
     * @param vendor 16 bits
     * @param device 16 bits
     * @param subsystemVendor 16 bits
     * @param subsystem 16 bits
     * @param classCode 24 bits
     */
    record Numbers(int vendor, int device, int subsystemVendor, int subsystem, int classCode) {}

    /**
     * Puts registers on the bus and makes a node for them.
     *
     * @return the node, or nothing when the machine has no room
     */
    Optional<Node> platform(String compatible);

    /** Plugs a function in; false without a slot. It is found by a rescan of the bus. */
    boolean pci(Numbers numbers);
}
