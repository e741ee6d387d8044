package dmakit.cmodule.service;

import dmakit.cmodule.service.RemoteCalls.Served;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.MetadataOps;

/** What providers in C do with the metadata of their descriptors. */
final class RemoteMetadata implements MetadataOps {
    private static final long ERRNO_MAX = 4095;

    private final RemoteCalls calls;

    /** What {@code serve_metadata} does. */
    private enum What {
        ATTACH,
        POINTER,
        LENGTH
    }

    RemoteMetadata(RemoteCalls calls) {
        this.calls = calls;
    }

    @Override
    public void attach(Descriptor desc, long va, long length) {
        ask(desc, What.ATTACH, va, length);
    }

    @Override
    public Metadata pointer(Descriptor desc) {
        return calls.metadataAt(ask(desc, What.POINTER, 0, 0));
    }

    @Override
    public void length(Descriptor desc, long payloadBytes) {
        ask(desc, What.LENGTH, 0, payloadBytes);
    }

    private long ask(Descriptor desc, What what, long va, long length) {
        long address = RemoteDescriptor.address(desc);
        long answer = calls.run(Served.METADATA, address, what.ordinal(), va, length);
        if (answer < 0 && answer >= -ERRNO_MAX) {
            throw RemoteCalls.error(answer, desc.channel().name() + " refuses metadata");
        }
        return answer;
    }
}
