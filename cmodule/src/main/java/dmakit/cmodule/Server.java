package dmakit.cmodule;

/** Answers the calls of C code. */
@FunctionalInterface
interface Server {
    /**
     * Answers one call. The arguments mean what the service's C function makes of them.
     *
     * <p>It may block its task and let functions run in the host process meanwhile. What it puts on
     * the lane beside the result it puts there last: such functions use the lane too.
     *
     * @param text what came with the call where {@link Service#hasText}, else empty
     */
    long serve(Service service, String text, long a, long b, long c, long d, long e, long f);
}
