package dmakit.datasheet.bcm2835;

/**
 * Who drives each of the 32 request lines; the number is what {@code TI.PERMAP} selects. BCM2835
 * ARM Peripherals, section 4.2.1.3, "Peripheral DREQ Signals".
 */
public enum Dreq {
    /** Always asserted. */
    ALWAYS_ON(0),
    DSI_1(1),
    PCM_TX(2),
    PCM_RX(3),
    SMI(4),
    PWM(5),
    SPI_TX(6),
    SPI_RX(7),
    BSC_SPI_SLAVE_TX(8),
    BSC_SPI_SLAVE_RX(9),
    UNUSED(10),
    EMMC(11),
    UART_TX(12),
    SD_HOST(13),
    UART_RX(14),
    DSI_15(15),
    SLIMBUS_MCTX(16),
    HDMI(17),
    SLIMBUS_MCRX(18),
    SLIMBUS_DC0(19),
    SLIMBUS_DC1(20),
    SLIMBUS_DC2(21),
    SLIMBUS_DC3(22),
    SLIMBUS_DC4(23),
    SCALER_FIFO_0_SMI(24),
    SCALER_FIFO_1_SMI(25),
    SCALER_FIFO_2_SMI(26),
    SLIMBUS_DC5(27),
    SLIMBUS_DC6(28),
    SLIMBUS_DC7(29),
    SLIMBUS_DC8(30),
    SLIMBUS_DC9(31);

    /** Lines the controller has. */
    public static final int LINE_COUNT = 32;

    private final int permap;

    Dreq(int permap) {
        this.permap = permap;
    }

    /** What {@code TI.PERMAP} selects the line by, 0 to {@link #LINE_COUNT} - 1. */
    public int permap() {
        return permap;
    }
}
