package dmakit.oracle.bcm2835;

import dmakit.datasheet.bcm2835.DmaChannelRegister;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Cs;
import dmakit.datasheet.bcm2835.DmaControllerRegister;
import dmakit.oracle.Deviation;

/**
 * Where QEMU's model of the controller is known to differ, and the section of BCM2835 ARM
 * Peripherals that decides. {@code docs/oracle-differences.md} says more of each.
 */
enum Difference implements Deviation {
    /**
     * QEMU does not model request lines; line 0 is always asserted, and {@code CS.DREQ} shows it.
     */
    DREQ_LEVEL("4.2.1.2, CS.DREQ"),
    /** QEMU has a sixteenth enable bit. */
    ENABLE_15("4.2.1.2, ENABLE"),
    /** QEMU's {@code DEBUG} is a word that keeps what is stored. */
    DEBUG("4.2.1.2, DEBUG"),
    /** QEMU's {@code RESET} leaves the registers loaded from a block, and {@code INT_STATUS}. */
    RESET("4.2.1.2, CS.RESET"),
    /** QEMU clears {@code ACTIVE} of a channel that has no control block. */
    ACTIVE_WITHOUT_BLOCK("4.2.1.2, CS.ACTIVE"),
    /** A store to QEMU's {@code NEXTCONBK} is lost. */
    NEXTCONBK("4.2.1.2, NEXTCONBK"),
    /** QEMU keeps the low bits of a block's address. */
    BLOCK_ALIGNMENT("4.2.1.1, CONBLK_AD"),
    /** A channel of QEMU without power ends its transfer at once, without moving anything. */
    NO_POWER("4.2.1.2, ENABLE"),
    /** QEMU writes zeros where reads are ignored; the chip writes with no strobes. */
    ZERO_STROBES("4.2.1.2, TI.SRC_IGNORE"),
    /** QEMU moves words whatever the width, so a wide beat that does not advance loses its rest. */
    WIDE_BEATS("4.2.1.2, TI.SRC_WIDTH, TI.DEST_WIDTH"),
    /** QEMU before 8.0 moves no row but the first, and none where {@code YLENGTH} is 0. */
    ROWS("4.2.1.2, TXFR_LEN.YLENGTH"),
    /** {@code TXFR_LEN} of QEMU does not count rows down to 0. */
    ROWS_LEFT("4.2.1.2, TXFR_LEN"),
    /** QEMU's lite channels know all that full ones do. */
    LITE("4.5"),
    /** QEMU reads zeros where nothing answers; the chip stops with {@code READ_ERROR}. */
    READ_ERROR("4.4"),
    /** QEMU never ends a length that is no multiple of 4, and takes 32 bits of it. */
    ODD_LENGTH("4.2.1.2, TXFR_LEN"),
    /** QEMU follows a chain that returns to itself without end, and answers nobody meanwhile. */
    ENDLESS_CHAIN("4.2.1.1, NEXTCONBK"),
    /** QEMU keeps the reserved bits of {@code TI} and {@code TXFR_LEN}, which are to be zero. */
    RESERVED_BITS("4.2.1.2, TI");

    private final String section;

    Difference(String section) {
        this.section = section;
    }

    @Override
    public String section() {
        return section;
    }

    /** The bits of a register that these explain in any program. */
    static int excused(long phys, int ours, int qemu) {
        if (phys == Bcm2835Pair.DMA + DmaControllerRegister.ENABLE.offset()) {
            return 1 << 15;
        }
        if (phys == Bcm2835Pair.DMA + DmaControllerRegister.INT_STATUS.offset()
                || phys == Bcm2835Pair.PENDING_1) {
            return 0;
        }
        DmaChannelRegister register =
                DmaChannelRegister.MAP.at(phys & (DmaChannelRegister.CHANNEL_STRIDE - 1));
        if (register == DmaChannelRegister.DEBUG) {
            return -1;
        }
        boolean dreq = Cs.DREQ.isSet(ours) && !Cs.DREQ.isSet(qemu);
        return register == DmaChannelRegister.CS && dreq ? Cs.DREQ.mask() : 0;
    }
}
