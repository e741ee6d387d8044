package dmakit.kernel.dmaengine;

import dmakit.kernel.Linux;

/** Who keeps the bytes that accompany a descriptor. */
@Linux(file = "include/linux/dmaengine.h", symbol = "enum dma_desc_metadata_mode")
public enum MetadataMode {
    /** Nobody: there are none. */
    NONE(0),
    /** The client, in a buffer that it attaches. */
    CLIENT(1),
    /** The provider, in memory of its own that it shows the client. */
    ENGINE(2);

    private final int code;

    MetadataMode(int code) {
        this.code = code;
    }

    /** Linux's number, which is a bit of a mask of modes. */
    public int code() {
        return code;
    }
}
