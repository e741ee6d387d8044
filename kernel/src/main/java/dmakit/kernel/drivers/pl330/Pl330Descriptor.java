package dmakit.kernel.drivers.pl330;

import dmakit.kernel.Linux;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.TransferDirection;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One program's worth of a transfer. A list or a ring is several, of which the client gets the last
 * one; each has a cookie of its own.
 */
@Linux(file = "drivers/dma/pl330.c", symbol = "struct dma_pl330_desc")
final class Pl330Descriptor extends Descriptor {
    /** Where it is. */
    enum Status {
        /** Prepared, or issued and not yet a program. */
        PREP,
        /** A program of the channel's thread. */
        BUSY,
        /** As BUSY, and the channel has been paused. */
        PAUSED,
        /** Its program has ended. */
        DONE
    }

    private final Pl330Channel owner;

    /** Those before it, when it is the last of several. */
    final List<Pl330Descriptor> before = new ArrayList<>();

    /** The last of those it is one of; itself when it is. */
    Pl330Descriptor last;

    Status status = Status.PREP;

    /** It is a period of a ring: it is done again and again. */
    boolean isOfRing;

    TransferDirection direction = TransferDirection.NONE;
    int peripheral;
    long source;
    long destination;
    long size;
    int lg2Word;
    int burstWords;

    /** Links the descriptors that wait to be used again. */
    @Nullable Pl330Descriptor nextFree;

    Pl330Descriptor(Pl330Channel channel) {
        super(channel);
        owner = channel;
        last = this;
    }

    /** Begins another transfer. */
    void prepare(int flags) {
        begin(flags);
        before.clear();
        last = this;
        status = Status.PREP;
        isOfRing = false;
    }

    @Override
    @Linux(file = "drivers/dma/pl330.c", symbol = "pl330_tx_submit")
    protected int submitToProvider() {
        return owner.submit(this);
    }

    /** Descriptors are not reused by their clients. */
    @Override
    protected void freeByProvider() {
        throw new IllegalStateException("a descriptor of the PL330 is not its client's to free");
    }

    int assign() {
        return assignCookie();
    }

    void complete() {
        completeCookie();
    }

    void callBack() {
        invokeCallback();
    }

    void unmapAll() {
        unmap();
    }
}
