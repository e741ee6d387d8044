package dmakit.kernel.dmaengine;

import dmakit.kernel.Linux;

/** Width of one access to a peripheral's FIFO. */
@Linux(file = "include/linux/dmaengine.h", symbol = "enum dma_slave_buswidth")
public enum BusWidth {
    /** Not said. */
    UNDEFINED(0),
    /** One byte. */
    BYTES_1(1),
    /** 2 bytes. */
    BYTES_2(2),
    /** 3 bytes. */
    BYTES_3(3),
    /** 4 bytes. */
    BYTES_4(4),
    /** 8 bytes. */
    BYTES_8(8),
    /** 16 bytes. */
    BYTES_16(16),
    /** 32 bytes. */
    BYTES_32(32),
    /** 64 bytes. */
    BYTES_64(64),
    /** 128 bytes. */
    BYTES_128(128);

    private final int bytes;

    BusWidth(int bytes) {
        this.bytes = bytes;
    }

    /** The width in bytes, which is Linux's number; 0 for {@link #UNDEFINED}. */
    public int bytes() {
        return bytes;
    }

    /**
     * The width of that many bytes.
     *
     * @throws IllegalArgumentException when there is none
     */
    public static BusWidth ofBytes(int bytes) {
        for (BusWidth width : values()) {
            if (width.bytes == bytes) {
                return width;
            }
        }
        throw new IllegalArgumentException("no bus width of %d bytes".formatted(bytes));
    }

    /** The name in C, for example {@code DMA_SLAVE_BUSWIDTH_4_BYTES}. */
    public String symbol() {
        return "DMA_SLAVE_BUSWIDTH_"
                + switch (this) {
                    case UNDEFINED -> "UNDEFINED";
                    case BYTES_1 -> "1_BYTE";
                    case BYTES_2,
                            BYTES_3,
                            BYTES_4,
                            BYTES_8,
                            BYTES_16,
                            BYTES_32,
                            BYTES_64,
                            BYTES_128 ->
                            bytes + "_BYTES";
                };
    }
}
