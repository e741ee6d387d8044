package dmakit.datasheet.xdmac;

import dmakit.datasheet.Register;
import org.jspecify.annotations.Nullable;

/** Where a chip has its registers: those of a channel follow at {@link #channelBase}. */
public enum XdmacLayout {
    /** SAMA5D4 and SAMA5D2, SAM9X60, SAM9X7: {@code atmel,sama5d4-dma}. */
    SAMA5D4,
    /** SAMA7G5, SAMA7D65, LAN969x: {@code microchip,sama7g5-dma}. */
    SAMA7G5;

    private static final XdmacAxiRegister[] AXI = axi();

    private static XdmacAxiRegister[] axi() {
        XdmacAxiRegister[] byCommon = new XdmacAxiRegister[XdmacRegister.values().length];
        for (XdmacAxiRegister register : XdmacAxiRegister.values()) {
            byCommon[register.common().ordinal()] = register;
        }
        return byCommon;
    }

    /** Where channel 0 starts, in bytes. */
    public int channelBase() {
        return switch (this) {
            case SAMA5D4 -> XdmacRegister.CHANNEL_BASE;
            case SAMA7G5 -> XdmacAxiRegister.CHANNEL_BASE;
        };
    }

    /** Where a register is, in bytes. */
    public int offsetOf(XdmacRegister register) {
        return described(register).offset();
    }

    /** A register as this layout has it. */
    public Register described(XdmacRegister register) {
        return switch (this) {
            case SAMA5D4 -> register;
            case SAMA7G5 -> AXI[register.ordinal()];
        };
    }

    /** The register at an offset, or null. */
    public @Nullable XdmacRegister at(long offset) {
        return switch (this) {
            case SAMA5D4 -> XdmacRegister.MAP.at(offset);
            case SAMA7G5 -> {
                XdmacAxiRegister register = XdmacAxiRegister.MAP.at(offset);
                yield register == null ? null : register.common();
            }
        };
    }

    /** Whether accesses name one of two bus interfaces. */
    public boolean hasInterfaces() {
        return this == SAMA5D4;
    }

    /** Whether {@code GCFG} and {@code GWAC} set up an AXI bus. */
    public boolean isAxi() {
        return this == SAMA7G5;
    }
}
