package dmakit.labs;

import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.ProviderOps;

/** What a client does with transfers that it gives up. */
public final class Transfers {
    private Transfers() {}

    /**
     * Ends what a channel still does, and waits for callbacks. Transfers of a provider that cannot
     * end them, as those of some PCI engines, end by themselves.
     */
    public static void end(Channel channel) {
        if (channel.device().offers(ProviderOps.Op.TERMINATE_ALL)) {
            channel.terminateSync();
        } else {
            channel.synchronize();
        }
    }
}
