package dmakit.kernel.drivers.pl330;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.mapping.DmaMapping;

/** A peripheral's FIFO as one channel serves it; settings that are not given stay as they were. */
final class SlaveFifo {
    private static final String FILE = "drivers/dma/pl330.c";
    private static final int BURST_WORDS_MAX = 16;

    private final DmaMapping mapping;
    private final Device dev;
    private long phys;
    private boolean mapped;
    private DmaDirection direction = DmaDirection.NONE;
    private long mappedBytes;

    /** Where the controller finds it. */
    long dma;

    int lg2Word;
    int burstWords = 1;

    SlaveFifo(DmaMapping mapping, Device dev) {
        this.mapping = mapping;
        this.dev = dev;
    }

    /**
     * Takes a client's wishes for a direction, and has the FIFO mapped. It is mapped anew only when
     * it is another one: transfers that are under way go on.
     *
     * @throws DmaException ENOMEM when it cannot be mapped
     */
    @Linux(file = FILE, symbol = "pl330_config_write")
    void configure(SlaveConfig config, TransferDirection to) {
        boolean fromDevice = to == TransferDirection.DEV_TO_MEM;
        long address = fromDevice ? config.sourcePhys() : config.destinationPhys();
        int width = fromDevice ? config.sourceWidth().bytes() : config.destinationWidth().bytes();
        int words = fromDevice ? config.sourceBurstWords() : config.destinationBurstWords();
        if (width != 0) {
            lg2Word = Integer.numberOfTrailingZeros(width);
        }
        burstWords = fixedUp(words);
        map(
                address == 0 ? phys : address,
                fromDevice ? DmaDirection.TO_DEVICE : DmaDirection.FROM_DEVICE);
    }

    @Linux(file = FILE, symbol = "fixup_burst_len")
    private static int fixedUp(int words) {
        return Math.clamp(words, 1, BURST_WORDS_MAX);
    }

    @Linux(file = FILE, symbol = "pl330_prep_slave_fifo")
    private void map(long address, DmaDirection asTheControllerDoes) {
        long bytes = 1L << lg2Word;
        if (mapped && phys == address && direction == asTheControllerDoes && mappedBytes == bytes) {
            return;
        }
        unmap();
        phys = address;
        direction = asTheControllerDoes;
        mappedBytes = bytes;
        dma = mapping.tryMapResource(dev, phys, bytes, direction, 0);
        if (mapping.mappingError(dev, dma)) {
            throw new DmaException(Errno.ENOMEM, "the FIFO at phys:0x%x cannot be mapped", phys);
        }
        mapped = true;
    }

    /** Gives the mapping back. */
    @Linux(file = FILE, symbol = "pl330_unprep_slave_fifo")
    void unmap() {
        if (mapped) {
            mapped = false;
            mapping.unmapResource(dev, dma, mappedBytes, direction, 0);
        }
    }
}
