package dmakit.datasheet.i8237;

import static dmakit.datasheet.Access.RW;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * Page registers of a PC, from port 0x80 on: what the 8237A has too few address lines for. IBM
 * PC/AT Technical Reference, "DMA Controller"; 82371AB data sheet, section 4.2.1. Ports without a
 * channel keep what is stored; firmware shows its progress at the first.
 */
public enum IsaPage implements Register {
    // offset, channel
    LATCH_0(0x0, IsaPage.NOBODY),
    CHANNEL_2(0x1, 2),
    CHANNEL_3(0x2, 3),
    CHANNEL_1(0x3, 1),
    LATCH_4(0x4, IsaPage.NOBODY),
    LATCH_5(0x5, IsaPage.NOBODY),
    LATCH_6(0x6, IsaPage.NOBODY),
    CHANNEL_0(0x7, 0),
    LATCH_8(0x8, IsaPage.NOBODY),
    CHANNEL_6(0x9, 6),
    CHANNEL_7(0xa, 7),
    CHANNEL_5(0xb, 5),
    LATCH_C(0xc, IsaPage.NOBODY),
    LATCH_D(0xd, IsaPage.NOBODY),
    LATCH_E(0xe, IsaPage.NOBODY),
    REFRESH(0xf, 4);

    /** No channel's. */
    public static final int NOBODY = -1;

    /** Ports there are. */
    public static final int SIZE = 0x10;

    /** The checked map. */
    public static final RegisterMap<IsaPage> MAP =
            new RegisterMap<>("ISA page registers", 1, SIZE, values());

    private final Row row;
    private final int channel;

    IsaPage(int offset, int channel) {
        row = new Row(offset, 0, Page.values());
        this.channel = channel;
    }

    @Override
    public Row row() {
        return row;
    }

    /**
     * The register of a channel.
     *
     * @param channel 0 to 7; 4 has that of the refresh
     */
    public static IsaPage of(int channel) {
        for (IsaPage page : MAP.registers()) {
            if (page.channel == channel) {
                return page;
            }
        }
        throw new IllegalArgumentException("no page register for channel " + channel);
    }

    /** What a page register holds. */
    public enum Page implements Field {
        /** Address lines 23 to 16; on channels 5 to 7 the lowest is not used. */
        ADDRESS_23_16(7, 0, RW);

        private final Bits bits;

        Page(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
