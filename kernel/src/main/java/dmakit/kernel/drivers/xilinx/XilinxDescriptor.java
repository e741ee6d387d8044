package dmakit.kernel.drivers.xilinx;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.MetadataOps;
import dmakit.kernel.dmaengine.TransferResult;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A chain of the channel's hardware descriptors, by their numbers. */
final class XilinxDescriptor extends Descriptor {
    private static final int COUNT_FIRST = 4;

    private final XilinxChannel owner;
    private int[] segments = new int[COUNT_FIRST];
    private int count;
    boolean cyclic;

    /** Belongs to the lists of its channel, from submission until its callback has run. */
    boolean submitted;

    /** Its client has issued it. */
    boolean issued;

    XilinxDescriptor(XilinxChannel owner) {
        super(owner);
        this.owner = owner;
    }

    /** Makes it a prepared one. */
    void prepare(int flags) {
        begin(flags);
    }

    void add(int segment) {
        if (count == segments.length) {
            segments = Arrays.copyOf(segments, count * 2);
        }
        segments[count++] = segment;
    }

    int count() {
        return count;
    }

    int segment(int index) {
        return segments[index];
    }

    int first() {
        return segments[0];
    }

    int last() {
        return segments[count - 1];
    }

    /** Its hardware descriptors are given back. */
    void clear() {
        count = 0;
    }

    int assign() {
        return assignCookie();
    }

    void complete() {
        completeCookie();
    }

    void endedWith(TransferResult result, int residue) {
        result(result, residue);
    }

    void callBack() {
        invokeCallback();
    }

    @Override
    protected @Nullable MetadataOps metadataOps() {
        return owner.metadataOps();
    }

    @Override
    protected int submitToProvider() {
        return owner.submit(this);
    }

    @Override
    protected void freeByProvider() {
        throw new DmaException(Errno.EPERM, "%s reuses no descriptors", owner.name());
    }
}
