package dmakit.cmodule.service;

import dmakit.cmodule.service.RemoteCalls.Served;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.MetadataOps;
import dmakit.kernel.dmaengine.SumCheck;
import dmakit.kernel.dmaengine.TransferResult;
import org.jspecify.annotations.Nullable;

/** A descriptor of a module, which a client in Java has. */
final class RemoteDescriptor extends Descriptor {
    private final RemoteChannel channel;
    private final RemoteCalls calls;
    private final long address;
    private final boolean cyclic;
    private @Nullable Sum sum;
    private int given;

    /** Where a check over there tells what it found, and who wants to know. */
    record Sum(long address, SumCheck wanted) {}

    /**
     * Stands for a struct that has been prepared.
     *
     * @param address of the struct
     * @param flags it was prepared with
     * @param cyclic whether it goes around until terminated
     * @param sum null for one that checks none
     */
    RemoteDescriptor(
            RemoteChannel channel,
            RemoteCalls calls,
            long address,
            int flags,
            boolean cyclic,
            @Nullable Sum sum) {
        super(channel);
        this.channel = channel;
        this.calls = calls;
        this.address = address;
        this.cyclic = cyclic;
        this.sum = sum;
        begin(flags);
    }

    /** The address of a descriptor's struct. */
    static long address(Descriptor desc) {
        return ((RemoteDescriptor) desc).address;
    }

    @Override
    protected int submitToProvider() {
        int number = channel.begin(this);
        given = (int) calls.run(Served.SUBMIT, address, number);
        if (given > 0) {
            cookieIs(given);
        }
        return given;
    }

    @Override
    protected void acknowledged() {
        calls.run(Served.ACK, address);
    }

    @Override
    protected void freeByProvider() {
        calls.run(Served.DESC_FREE, address);
    }

    @Override
    protected MetadataOps metadataOps() {
        return new RemoteMetadata(calls);
    }

    /** Whether that is the cookie it got over there. */
    boolean has(int cookie) {
        return given == cookie;
    }

    /** What the check found is known now. */
    void tellSum() {
        Sum told = sum;
        if (told != null) {
            sum = null;
            told.wanted().set((int) calls.run(Served.SUM, told.address()));
        }
    }

    /** It was terminated, or its channel was freed. */
    void dropped() {
        unmap();
        tellSum();
    }

    void ended(TransferResult result, int residue) {
        tellSum();
        if (!cyclic) {
            channel.end(this);
            cookieIs(0);
        }
        result(result, residue);
        invokeCallback();
        channel.runDependencies(this);
    }
}
