package dmakit.hardware.pci;

import dmakit.machine.Check;

/**
 * Who made a function and what it is.
 *
 * @param vendor given out by the PCI-SIG, 16 bits
 * @param device which of the vendor's devices, 16 bits
 * @param classCode class, subclass and programming interface, 24 bits
 * @param revision 8 bits
 * @param subsystemVendor who made the board, 16 bits
 * @param subsystem which board, 16 bits
 */
public record PciIdentity(
        int vendor, int device, int classCode, int revision, int subsystemVendor, int subsystem) {
    private static final int ID_MAX = 0xffff;
    private static final int CLASS_MAX = 0xff_ffff;
    private static final int REVISION_MAX = 0xff;

    /** Checks the widths. 0xffff is nobody's vendor number. */
    public PciIdentity {
        check("vendor", vendor, ID_MAX - 1);
        check("device", device, ID_MAX);
        check("class", classCode, CLASS_MAX);
        check("revision", revision, REVISION_MAX);
        check("subsystem vendor", subsystemVendor, ID_MAX);
        check("subsystem", subsystem, ID_MAX);
    }

    private static void check(String what, int value, int most) {
        Check.argument(value >= 0 && value <= most, "%s 0x%x, wanted 0 to 0x%x", what, value, most);
    }

    /** As {@code lspci -n} writes it, {@code 1234:11e8}. */
    @Override
    public String toString() {
        return String.format("%04x:%04x", vendor, device);
    }
}
