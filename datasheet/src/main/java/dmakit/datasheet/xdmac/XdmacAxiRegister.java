package dmakit.datasheet.xdmac;

import static dmakit.datasheet.Access.RW;

import dmakit.datasheet.Access;
import dmakit.datasheet.Bits;
import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.Row;

/**
 * Where the registers of {@link XdmacRegister} are in chips with an AXI bus, from SAMA7G5 on,
 * LAN969x among them. SAMA7G5 Series data sheet, "DMA Controller (XDMAC)". They mean the same but
 * for {@code GCFG}.
 */
public enum XdmacAxiRegister implements Register {
    //         offset  the same as
    GTYPE(0x00, XdmacRegister.GTYPE),
    GCFG(0x04, XdmacRegister.GCFG, AxiGcfg.values()),
    GWAC(0x08, XdmacRegister.GWAC),
    GIE(0x0c, XdmacRegister.GIE),
    GID(0x10, XdmacRegister.GID),
    GIM(0x14, XdmacRegister.GIM),
    GIS(0x18, XdmacRegister.GIS),
    GE(0x1c, XdmacRegister.GE),
    GD(0x20, XdmacRegister.GD),
    GS(0x24, XdmacRegister.GS),
    GRS(0x30, XdmacRegister.GRS),
    GWS(0x38, XdmacRegister.GWS),
    GRWS(0x40, XdmacRegister.GRWS),
    GRWR(0x44, XdmacRegister.GRWR),
    GSWR(0x48, XdmacRegister.GSWR),
    GSWS(0x4c, XdmacRegister.GSWS),
    GSWF(0x50, XdmacRegister.GSWF),
    VERSION(0xffc, XdmacRegister.VERSION);

    /** Where channel 0 starts. */
    public static final int CHANNEL_BASE = 0x60;

    /** The checked map. */
    public static final RegisterMap<XdmacAxiRegister> MAP =
            new RegisterMap<>("xdmac with axi", XdmacRegister.SIZE, values());

    private final Row row;
    private final XdmacRegister common;

    XdmacAxiRegister(int offset, XdmacRegister common) {
        this(offset, common, common.fields().toArray(Field[]::new));
    }

    XdmacAxiRegister(int offset, XdmacRegister common, Field[] fields) {
        row = new Row(offset, common.reset(), fields);
        this.common = common;
    }

    @Override
    public Row row() {
        return row;
    }

    /** The register of the same meaning. */
    public XdmacRegister common() {
        return common;
    }

    /** Global Configuration: how many accesses of each priority may wait on the bus. */
    public enum AxiGcfg implements Field {
        /** Reads of descriptors. */
        RDSG(31, 28, RW),
        /** Reads of low priority. */
        RDLP(27, 24, RW),
        /** Reads of medium priority. */
        RDMP(23, 20, RW),
        /** Reads of high priority. */
        RDHP(19, 16, RW),
        /** Writes of low priority. */
        WRLP(15, 12, RW),
        /** Writes of medium priority. */
        WRMP(11, 8, RW),
        /** Writes of high priority. */
        WRHP(7, 4, RW);

        private final Bits bits;

        AxiGcfg(int msb, int lsb, Access access) {
            bits = new Bits(msb, lsb, access, Bits.NOT_MODELLED);
        }

        @Override
        public Bits bits() {
            return bits;
        }
    }
}
