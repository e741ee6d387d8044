package dmakit.kernel.drivers.axidmac;

import dmakit.kernel.Linux;
import dmakit.kernel.dmaengine.VirtualDescriptor;
import java.util.List;

/** A transfer: its pieces, and how far they have come. */
@Linux(file = "drivers/dma/dma-axi-dmac.c", symbol = "struct axi_dmac_desc")
final class AxiDmacTransfer extends VirtualDescriptor {
    final List<Piece> pieces;
    final boolean cyclic;

    /** Pieces of this round that went to the core, and that it has done. */
    int submitted;

    int completed;

    /** Goes around for the last time: the next transfer takes its place. */
    boolean endsAround;

    /** A packet ended in one of its pieces: what is left of it only ends it for the core. */
    boolean endedEarly;

    AxiDmacTransfer(AxiDmacChannel channel, List<Piece> pieces, boolean cyclic) {
        super(channel);
        this.pieces = pieces;
        this.cyclic = cyclic;
    }

    Piece last() {
        return pieces.getLast();
    }

    /** Bytes of the pieces from one on, without those that came of a packet that ended early. */
    int residueFrom(int first) {
        long residue = 0;
        for (int i = first; i < pieces.size(); i++) {
            residue += pieces.get(i).bytes() - Integer.toUnsignedLong(pieces.get(i).partialBytes);
        }
        return (int) residue;
    }
}
