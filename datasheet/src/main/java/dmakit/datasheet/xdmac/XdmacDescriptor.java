package dmakit.datasheet.xdmac;

import static dmakit.datasheet.Access.RW;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;
import java.util.List;

/**
 * The descriptor in memory, as view 3 has it. SAMA5D2 Series data sheet, "DMA Controller (XDMAC)",
 * "Linked List Descriptor Views". View 2 ends before {@code MBR_BC}, view 1 before {@code MBR_CFG};
 * view 0 has one address in place of two.
 */
public enum XdmacDescriptor implements Register {
    MBR_NDA(0x00, XdmacChannelRegister.CNDA.fields()),
    MBR_UBC(0x04, List.of(Ubc.values())),
    MBR_SA(0x08, XdmacChannelRegister.CSA.fields()),
    MBR_DA(0x0c, XdmacChannelRegister.CDA.fields()),
    MBR_CFG(0x10, XdmacChannelRegister.CC.fields()),
    MBR_BC(0x14, XdmacChannelRegister.CBC.fields()),
    MBR_DS(0x18, XdmacChannelRegister.CDS_MSP.fields()),
    MBR_SUS(0x1c, XdmacChannelRegister.CSUS.fields()),
    MBR_DUS(0x20, XdmacChannelRegister.CDUS.fields());

    /** Bytes of the longest view. */
    public static final int SIZE = 0x24;

    /** Where descriptors may start. */
    public static final int ALIGNMENT = 4;

    /** The checked map. */
    public static final RegisterMap<XdmacDescriptor> MAP =
            new RegisterMap<>("xdmac descriptor", SIZE, values());

    private static final int[] VIEW_SIZES = {0x0c, 0x10, 0x14, SIZE};

    private final Row row;

    XdmacDescriptor(int offset, List<Field> fields) {
        row = Row.inMemory(offset, fields.toArray(Field[]::new));
    }

    @Override
    public Row row() {
        return row;
    }

    /** Bytes of a view, 0 to 3. */
    public static int sizeOf(int view) {
        return VIEW_SIZES[view];
    }

    /** Microblock control: the length, and what {@code CNDC} is for the descriptor after. */
    public enum Ubc implements Field {
        /** View of the next descriptor. */
        NVIEW(28, 27, RW),
        /** The next descriptor replaces the destination. */
        NDEN(26, 26, RW),
        /** The next descriptor replaces the source. */
        NSEN(25, 25, RW),
        /** There is a next descriptor. */
        NDE(24, 24, RW),
        /** Data of the microblock. */
        UBLEN(23, 0, RW);

        private final Bits bits;

        Ubc(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
