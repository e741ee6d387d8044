package dmakit.kernel.dmaengine;

import dmakit.kernel.Linux;
import org.jspecify.annotations.Nullable;

/** A descriptor of a {@link VirtualChannel}; a provider adds what its hardware needs. */
@Linux(file = "drivers/dma/virt-dma.h", symbol = "struct virt_dma_desc")
public abstract class VirtualDescriptor extends Descriptor {
    private final VirtualChannel virtualChannel;
    @Nullable VirtualDescriptor previous;
    @Nullable VirtualDescriptor next;
    @Nullable DescriptorList list;

    /** Creates a descriptor of a channel. */
    protected VirtualDescriptor(VirtualChannel channel) {
        super(channel);
        virtualChannel = channel;
    }

    @Override
    @Linux(file = "drivers/dma/virt-dma.c", symbol = "vchan_tx_submit")
    protected final int submitToProvider() {
        return virtualChannel.submit(this);
    }

    @Override
    @Linux(file = "drivers/dma/virt-dma.c", symbol = "vchan_tx_desc_free")
    protected final void freeByProvider() {
        virtualChannel.freeReused(this);
    }

    /** For the provider: how the transfer ended, told when its callback runs. */
    public final void endedWith(TransferResult result, int residue) {
        result(result, residue);
    }

    /** For the provider: whether its client hears of completion or of periods. */
    public final boolean isHeardOf() {
        return hasCallback();
    }

    void prepare(int flags) {
        begin(flags);
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
}
