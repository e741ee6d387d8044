package dmakit.kernel.dmaengine;

import dmakit.kernel.Linux;

/**
 * How a peripheral wants to be served. Only the device's side of a transfer is looked at.
 *
 * @param sourcePhys CPU physical address of the FIFO that is read
 * @param destinationPhys CPU physical address of the FIFO that is written
 * @param sourceWidth width of one read of the FIFO
 * @param destinationWidth width of one write of the FIFO
 * @param sourceBurstWords words of {@code sourceWidth} the FIFO gives at a time; 0 says nothing
 * @param destinationBurstWords words of {@code destinationWidth} the FIFO takes at a time; 0 says
 *     nothing
 */
@Linux(file = "include/linux/dmaengine.h", symbol = "struct dma_slave_config")
public record SlaveConfig(
        long sourcePhys,
        long destinationPhys,
        BusWidth sourceWidth,
        BusWidth destinationWidth,
        int sourceBurstWords,
        int destinationBurstWords) {

    /** What a channel has before it is configured. */
    public static final SlaveConfig NONE =
            new SlaveConfig(0, 0, BusWidth.UNDEFINED, BusWidth.UNDEFINED, 0, 0);

    /** For transfers from memory to a FIFO. */
    public static SlaveConfig toDevice(long phys, BusWidth width, int burstWords) {
        return new SlaveConfig(0, phys, BusWidth.UNDEFINED, width, 0, burstWords);
    }

    /** For transfers from a FIFO to memory. */
    public static SlaveConfig fromDevice(long phys, BusWidth width, int burstWords) {
        return new SlaveConfig(phys, 0, width, BusWidth.UNDEFINED, burstWords, 0);
    }
}
