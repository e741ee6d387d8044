package dmakit.hardware.axidmac;

/**
 * A transfer in the queue.
 *
 * @param destination where its first row is written, if to memory
 * @param source where its first row is read, if from memory
 * @param rowBytes bytes of a row, 1 to 2^32
 * @param rows how many, 1 to 2^32
 * @param destinationStride from one row to the next
 * @param sourceStride likewise
 * @param chain where its first descriptor is, or {@link #NO_CHAIN}; then the rest comes from there
 * @param last whether it ends a packet
 * @param cyclic whether it begins again
 * @param reports whether the length of a packet that ends early is kept
 */
record Request(
        long destination,
        long source,
        long rowBytes,
        long rows,
        long destinationStride,
        long sourceStride,
        long chain,
        boolean last,
        boolean cyclic,
        boolean reports) {
    /** No address of a descriptor: they are aligned. */
    static final long NO_CHAIN = -1;

    boolean isChain() {
        return chain != NO_CHAIN;
    }
}
