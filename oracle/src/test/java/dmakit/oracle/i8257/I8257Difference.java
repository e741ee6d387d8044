package dmakit.oracle.i8257;

import dmakit.oracle.Deviation;

/**
 * Where QEMU's model is known to differ; sections are those of the 8237A data sheet, or the PC's.
 */
enum I8257Difference implements Deviation {
    /** QEMU's current registers take a base register's halves only when both have come. */
    HALF_STORED("Base and Current Registers"),
    /**
     * QEMU shows the mask at the request register's address; later chips have it at the mask's own.
     */
    MASK_LOADED("82371AB data sheet, 4.2.1"),
    /** QEMU has the page registers that channels use and no others. */
    SPARE_PAGES("PC/AT Technical Reference, DMA"),
    /** QEMU's channels without a card never transfer, and are asked for ever again. */
    NO_CARD("Request Register"),
    /** QEMU's addresses go on in the next page. */
    PAGE_WRAP("PC/AT Technical Reference, DMA"),
    /** QEMU's channels do not begin again by themselves. */
    AUTO_INITIALIZE("Autoinitialize"),
    /** QEMU's addresses that count down start one too low, and leave each piece in its order. */
    DECREMENT("Mode Register");

    private final String section;

    I8257Difference(String section) {
        this.section = section;
    }

    @Override
    public String section() {
        return section;
    }
}
