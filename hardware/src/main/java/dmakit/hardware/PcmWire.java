package dmakit.hardware;

import org.jspecify.annotations.Nullable;

/**
 * A serial audio link: bit clock, frame sync, data in and data out. Who makes the clocks calls
 * {@link #frame} once for each frame; who follows them is the {@link Port}.
 *
 * <p>A frame is two samples of up to 32 bits, each with its most significant bit first: the first
 * channel's in the upper half of a long, the second's in the lower, both left-justified.
 */
public final class PcmWire {
    /** Who follows the clocks. */
    @FunctionalInterface
    public interface Port {
        /**
         * Takes part in a frame.
         *
         * @param received what the other end sends
         * @return what this end sends, at the same time
         */
        long frame(long received);
    }

    private @Nullable Port port;

    /** Creates a link that nobody listens to. */
    public PcmWire() {}

    /** Plugs a port in. */
    public void port(Port newPort) {
        port = newPort;
    }

    /**
     * Clocks one frame.
     *
     * @param sent by who makes the clocks
     * @return what the port sent; silence without one
     */
    public long frame(long sent) {
        Port listening = port;
        return listening == null ? 0 : listening.frame(sent);
    }
}
