package dmakit.kernel.dmaengine;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;

/**
 * What a provider does with the metadata of its descriptors; a provider overrides what its modes
 * need. Without that the client gets ENOTSUPP.
 */
@Linux(file = "include/linux/dmaengine.h", symbol = "struct dma_descriptor_metadata_ops")
public interface MetadataOps {
    /**
     * Takes the client's buffer for a descriptor that is not submitted yet.
     *
     * @param va kernel virtual address of the buffer
     * @param length in bytes
     * @throws DmaException ENOTSUPP unless overridden; what the provider says otherwise
     */
    default void attach(Descriptor desc, long va, long length) {
        throw unsupported(desc);
    }

    /**
     * Shows the provider's own memory for it.
     *
     * @throws DmaException ENOTSUPP unless overridden; what the provider says otherwise
     */
    default Metadata pointer(Descriptor desc) {
        throw unsupported(desc);
    }

    /**
     * Takes how many bytes of it the client filled in.
     *
     * @throws DmaException ENOTSUPP unless overridden; what the provider says otherwise
     */
    default void length(Descriptor desc, long payloadBytes) {
        throw unsupported(desc);
    }

    /**
     * Metadata in the provider's memory.
     *
     * @param va kernel virtual address
     * @param payloadBytes bytes that are used
     * @param maxBytes bytes that may be used
     */
    record Metadata(long va, long payloadBytes, long maxBytes) {}

    private static DmaException unsupported(Descriptor desc) {
        return new DmaException(
                Errno.ENOTSUPP, "%s does not do that with metadata", desc.channel().name());
    }
}
