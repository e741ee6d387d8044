package dmakit.cmodule.service;

import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.DmaException;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.Gfp;

/** The mapping API. */
final class DmaServices implements ServiceGroup {
    private final CSystem system;
    private final DmaMapping mapping;

    DmaServices(CSystem system) {
        this.system = system;
        mapping = system.kernel().dma();
    }

    @Override
    public void register(Registry to) {
        to.add("dma_alloc_coherent", this::allocCoherent);
        to.add("dma_free_coherent", this::freeCoherent);
    }

    private long allocCoherent(Call call) {
        try {
            CoherentBuffer buffer =
                    mapping.allocCoherent(
                            system.device(call.arg(0)), call.arg(1), new Gfp(call.intArg(2)));
            call.out(0, buffer.dma());
            return buffer.va();
        } catch (DmaException refused) {
            return 0;
        }
    }

    private long freeCoherent(Call call) {
        mapping.freeCoherent(system.device(call.arg(0)), call.arg(1), call.arg(2), call.arg(3));
        return 0;
    }
}
