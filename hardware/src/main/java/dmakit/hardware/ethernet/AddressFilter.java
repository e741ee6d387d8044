package dmakit.hardware.ethernet;

import dmakit.datasheet.xilinx.EthernetRegister;
import dmakit.datasheet.xilinx.EthernetRegister.Ffe;
import dmakit.datasheet.xilinx.EthernetRegister.Fmi;
import dmakit.datasheet.xilinx.EthernetRegister.Raf;
import java.util.Arrays;

/** Which frames are for this station. PG051, "Frame Filter". */
final class AddressFilter {
    /** One of the filters that software fills. */
    private static final class Filter {
        private boolean enabled = Ffe.ENABLE.isSet(EthernetRegister.FFE.reset());
        private int value0 = EthernetRegister.AF0.reset();
        private int value1 = EthernetRegister.AF1.reset();
        private int mask0 = EthernetRegister.AM0.reset();
        private int mask1 = EthernetRegister.AM1.reset();

        private boolean matches(byte[] frame) {
            return enabled
                    && (mask0 & (value0 ^ word(frame, 0))) == 0
                    && (mask1 & (value1 ^ word(frame, Integer.BYTES))) == 0;
        }
    }

    private final Filter[] filters = new Filter[EthernetRegister.FILTER_COUNT];
    private int control = EthernetRegister.FMI.reset();
    private int address0 = EthernetRegister.UAW0.reset();
    private int address1 = EthernetRegister.UAW1.reset();
    private int rejects;

    AddressFilter() {
        Arrays.setAll(filters, _ -> new Filter());
    }

    int read(EthernetRegister register) {
        Filter chosen = chosen();
        return switch (register) {
            case UAW0 -> address0;
            case UAW1 -> address1;
            case FMI -> control;
            case FFE -> Ffe.ENABLE.with(0, chosen.enabled);
            case AF0 -> chosen.value0;
            case AF1 -> chosen.value1;
            case AM0 -> chosen.mask0;
            case AM1 -> chosen.mask1;
            default -> 0;
        };
    }

    void write(EthernetRegister register, int value) {
        Filter chosen = chosen();
        switch (register) {
            case UAW0 -> address0 = value;
            case UAW1 -> address1 = value & EthernetRegister.UAW1.writableMask();
            case FMI -> control = value & EthernetRegister.FMI.writableMask();
            case FFE -> chosen.enabled = Ffe.ENABLE.isSet(value);
            case AF0 -> chosen.value0 = value;
            case AF1 -> chosen.value1 = value;
            case AM0 -> chosen.mask0 = value;
            case AM1 -> chosen.mask1 = value;
            default -> {
                // Not a register of the filter.
            }
        }
    }

    /** What {@code RAF} says of broadcast and multicast. */
    void rejects(int raf) {
        rejects = raf;
    }

    /** A number beyond the filters there are chooses the last one. */
    private Filter chosen() {
        return filters[Math.min(Fmi.IND.get(control), filters.length - 1)];
    }

    /**
     * Whether a frame is let in.
     *
     * @param frame of eight bytes at least
     */
    boolean accepts(byte[] frame) {
        if (Frames.isBroadcast(frame)) {
            return !Raf.BCST_REJ.isSet(rejects);
        }
        if (Frames.isMulticast(frame) && Raf.MCST_REJ.isSet(rejects)) {
            return false;
        }
        if (Fmi.PM.isSet(control)
                || (word(frame, 0) == address0
                        && (word(frame, Integer.BYTES) & 0xffff) == address1)) {
            return true;
        }
        for (Filter filter : filters) {
            if (filter.matches(frame)) {
                return true;
            }
        }
        return false;
    }

    private static int word(byte[] frame, int at) {
        return (frame[at] & 0xff)
                | (frame[at + 1] & 0xff) << 8
                | (frame[at + 2] & 0xff) << 16
                | frame[at + 3] << 24;
    }
}
