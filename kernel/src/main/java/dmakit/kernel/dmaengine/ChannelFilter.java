package dmakit.kernel.dmaengine;

import dmakit.kernel.Linux;

/** A client's say in which channel it gets. */
@FunctionalInterface
@Linux(file = "include/linux/dmaengine.h", symbol = "dma_filter_fn")
public interface ChannelFilter {
    /** Takes any. */
    ChannelFilter ANY = channel -> true;

    /** Whether the client takes this free channel of a provider that can do what it wants. */
    boolean accepts(Channel channel);
}
