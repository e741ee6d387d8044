package dmakit.kernel.dmaengine;

import dmakit.kernel.Linux;

/** What {@link Channel#txStatus} tells beside the status. A client keeps one and uses it again. */
@Linux(file = "include/linux/dmaengine.h", symbol = "struct dma_tx_state")
public final class TxState {
    private int last;
    private int used;
    private int residue;
    private int inFlightBytes;

    /** Creates a state of zeros. */
    public TxState() {}

    /** The latest completed cookie. */
    public int last() {
        return last;
    }

    /** The latest cookie given out. */
    public int used() {
        return used;
    }

    /** Bytes not yet moved: unsigned, 0 when complete or not yet issued. */
    public int residue() {
        return residue;
    }

    /** Bytes read but not yet written: unsigned, 0 when the provider cannot tell. */
    public int inFlightBytes() {
        return inFlightBytes;
    }

    /** For providers: sets the cookies, and residue and bytes in flight to 0. */
    @Linux(file = "drivers/dma/dmaengine.h", symbol = "dma_set_tx_state")
    public void set(int newLast, int newUsed) {
        last = newLast;
        used = newUsed;
        residue = 0;
        inFlightBytes = 0;
    }

    /** For providers: sets the bytes not yet moved. */
    @Linux(file = "drivers/dma/dmaengine.h", symbol = "dma_set_residue")
    public void residue(int bytes) {
        residue = bytes;
    }

    /** For providers: sets the bytes read but not yet written. */
    @Linux(file = "drivers/dma/dmaengine.h", symbol = "dma_set_in_flight_bytes")
    public void inFlightBytes(int bytes) {
        inFlightBytes = bytes;
    }
}
