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
 * @param direction what the transfers will be; that of a prepared one decides
 * @param sourcePortWindowWords words after which the address that is read starts over; 0 for a FIFO
 *     at one address
 * @param destinationPortWindowWords words after which the address that is written starts over
 * @param deviceFlowControl whether the peripheral, and not the controller, ends a transfer
 * @param peripheralConfig kernel virtual address of more that only the provider understands; 0 for
 *     none
 * @param peripheralConfigBytes its size
 */
@Linux(file = "include/linux/dmaengine.h", symbol = "struct dma_slave_config")
public record SlaveConfig(
        long sourcePhys,
        long destinationPhys,
        BusWidth sourceWidth,
        BusWidth destinationWidth,
        int sourceBurstWords,
        int destinationBurstWords,
        TransferDirection direction,
        int sourcePortWindowWords,
        int destinationPortWindowWords,
        boolean deviceFlowControl,
        long peripheralConfig,
        long peripheralConfigBytes) {

    /** What a channel has before it is configured. */
    public static final SlaveConfig NONE =
            new SlaveConfig(0, 0, BusWidth.UNDEFINED, BusWidth.UNDEFINED, 0, 0);

    /** Addresses, widths and bursts, and nothing special. */
    public SlaveConfig(
            long sourcePhys,
            long destinationPhys,
            BusWidth sourceWidth,
            BusWidth destinationWidth,
            int sourceBurstWords,
            int destinationBurstWords) {
        this(
                sourcePhys,
                destinationPhys,
                sourceWidth,
                destinationWidth,
                sourceBurstWords,
                destinationBurstWords,
                TransferDirection.MEM_TO_MEM,
                0,
                0,
                false,
                0,
                0);
    }

    /** For transfers from memory to a FIFO. */
    public static SlaveConfig toDevice(long phys, BusWidth width, int burstWords) {
        return new SlaveConfig(0, phys, BusWidth.UNDEFINED, width, 0, burstWords);
    }

    /** For transfers from a FIFO to memory. */
    public static SlaveConfig fromDevice(long phys, BusWidth width, int burstWords) {
        return new SlaveConfig(phys, 0, width, BusWidth.UNDEFINED, burstWords, 0);
    }

    /** This, with another direction. */
    public SlaveConfig withDirection(TransferDirection to) {
        return new SlaveConfig(
                sourcePhys,
                destinationPhys,
                sourceWidth,
                destinationWidth,
                sourceBurstWords,
                destinationBurstWords,
                to,
                sourcePortWindowWords,
                destinationPortWindowWords,
                deviceFlowControl,
                peripheralConfig,
                peripheralConfigBytes);
    }

    /** This, with FIFOs that take up several addresses. */
    public SlaveConfig withPortWindows(int sourceWords, int destinationWords) {
        return new SlaveConfig(
                sourcePhys,
                destinationPhys,
                sourceWidth,
                destinationWidth,
                sourceBurstWords,
                destinationBurstWords,
                direction,
                sourceWords,
                destinationWords,
                deviceFlowControl,
                peripheralConfig,
                peripheralConfigBytes);
    }

    /** This, with the peripheral, or the controller, ending transfers. */
    public SlaveConfig withDeviceFlowControl(boolean byDevice) {
        return new SlaveConfig(
                sourcePhys,
                destinationPhys,
                sourceWidth,
                destinationWidth,
                sourceBurstWords,
                destinationBurstWords,
                direction,
                sourcePortWindowWords,
                destinationPortWindowWords,
                byDevice,
                peripheralConfig,
                peripheralConfigBytes);
    }

    /** This, with more that only the provider understands. */
    public SlaveConfig withPeripheralConfig(long va, long bytes) {
        return new SlaveConfig(
                sourcePhys,
                destinationPhys,
                sourceWidth,
                destinationWidth,
                sourceBurstWords,
                destinationBurstWords,
                direction,
                sourcePortWindowWords,
                destinationPortWindowWords,
                deviceFlowControl,
                va,
                bytes);
    }
}
