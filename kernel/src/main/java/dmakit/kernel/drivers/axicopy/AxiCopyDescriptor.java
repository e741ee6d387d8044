package dmakit.kernel.drivers.axicopy;

import dmakit.kernel.dmaengine.VirtualDescriptor;
import org.jspecify.annotations.Nullable;

/** One copy. */
final class AxiCopyDescriptor extends VirtualDescriptor {
    long destinationDma;
    long sourceDma;
    int size;

    /** Links the descriptors that wait to be used again. */
    @Nullable AxiCopyDescriptor nextFree;

    AxiCopyDescriptor(AxiCopyChannel channel) {
        super(channel);
    }
}
