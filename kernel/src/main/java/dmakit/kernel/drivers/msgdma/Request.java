package dmakit.kernel.drivers.msgdma;

import dmakit.kernel.Linux;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.TransferResult;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A transfer, and the core's descriptors it takes. */
@Linux(file = "drivers/dma/altera-msgdma.c", symbol = "struct msgdma_sw_desc")
final class Request extends Descriptor {
    /**
     * One descriptor of the core.
     *
     * @param stride how addresses advance, as the core has it
     */
    record Piece(long source, long destination, int length, int stride) {}

    private final MsgdmaChannel owner;
    final List<Piece> pieces = new ArrayList<>();

    /** Pieces that have been written into the core, and those that have ended. */
    int written;

    int ended;
    long size;
    long moved;
    boolean failed;

    /** Links the requests that wait to be used again. */
    @Nullable Request nextFree;

    Request(MsgdmaChannel channel) {
        super(channel);
        owner = channel;
    }

    void prepare(int flags) {
        begin(flags);
        pieces.clear();
        written = 0;
        ended = 0;
        size = 0;
        moved = 0;
        failed = false;
    }

    void add(Piece piece) {
        pieces.add(piece);
        size += Integer.toUnsignedLong(piece.length());
    }

    @Override
    protected int submitToProvider() {
        return owner.submit(this);
    }

    /** Requests are not reused by their clients. */
    @Override
    protected void freeByProvider() {
        throw new IllegalStateException("a descriptor of the mSGDMA is not its client's to free");
    }

    int assign() {
        return assignCookie();
    }

    void complete() {
        if (failed) {
            result(TransferResult.READ_FAILED, (int) (size - moved));
        }
        completeCookie();
    }

    void callBack() {
        unmap();
        invokeCallback();
    }

    void drop() {
        unmap();
    }
}
