package dmakit.kernel.dma;

import dmakit.kernel.Linux;

/** Which way the bytes of a streaming mapping go. */
@Linux(file = "include/linux/dma-direction.h", symbol = "dma_data_direction")
public enum DmaDirection {
    /** The device reads and writes. */
    BIDIRECTIONAL(0),
    /** The device reads what the CPU wrote. */
    TO_DEVICE(1),
    /** The CPU reads what the device wrote. */
    FROM_DEVICE(2),
    /** Nobody: for what is no mapping; every mapping function refuses it. */
    NONE(3);

    private final int code;

    DmaDirection(int code) {
        this.code = code;
    }

    /** The number C code uses. */
    public int code() {
        return code;
    }

    /** Whether the device may read. */
    public boolean isToDevice() {
        return this == BIDIRECTIONAL || this == TO_DEVICE;
    }

    /** Whether the device may write. */
    public boolean isFromDevice() {
        return this == BIDIRECTIONAL || this == FROM_DEVICE;
    }

    /** Whether it is a direction a mapping may have. */
    @Linux(file = "include/linux/dma-direction.h", symbol = "valid_dma_direction")
    public boolean isValid() {
        return this != NONE;
    }
}
