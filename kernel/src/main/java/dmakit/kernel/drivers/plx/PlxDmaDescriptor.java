package dmakit.kernel.drivers.plx;

import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.TransferResult;
import org.jspecify.annotations.Nullable;

/** One copy, from preparing to its callback. */
final class PlxDmaDescriptor extends Descriptor {
    private final PlxChannel owner;
    long source;
    long destination;
    int size;

    /** Links those that wait to be used again. */
    @Nullable PlxDmaDescriptor nextFree;

    PlxDmaDescriptor(PlxChannel owner) {
        super(owner);
        this.owner = owner;
    }

    void prepare(long toDma, long fromDma, int bytes, int flags) {
        begin(flags);
        destination = toDma;
        source = fromDma;
        size = bytes;
    }

    @Override
    protected int submitToProvider() {
        return owner.submit(this);
    }

    /** Descriptors are never reused, so none is a client's to free. */
    @Override
    protected void freeByProvider() {
        owner.recycle(this);
    }

    int assign() {
        return assignCookie();
    }

    void complete(TransferResult result, int residue) {
        completeCookie();
        result(result, residue);
    }

    void callBack() {
        unmap();
        invokeCallback();
    }
}
