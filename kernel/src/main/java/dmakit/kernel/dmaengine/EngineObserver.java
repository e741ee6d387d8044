package dmakit.kernel.dmaengine;

import dmakit.kernel.device.Device;

/** Hears of providers, channels and who uses them: what files are made of. */
public interface EngineObserver {
    /** A channel of a provider that registers is there. */
    default void added(Channel channel) {}

    /** A channel of a provider that leaves goes. */
    default void removed(Channel channel) {}

    /** A provider has registered. */
    default void registered(DmaDevice provider) {}

    /** A provider leaves; its channels are still there. */
    default void leaving(DmaDevice provider) {}

    /** A channel has more or fewer references, or its provider exclusive clients. */
    default void used(Channel channel) {}

    /** A device got a channel by a name. */
    default void linked(Channel channel, Device client, String slaveName) {}

    /** A device gives a channel back that it got by a name. */
    default void unlinked(Channel channel, Device client, String slaveName) {}
}
