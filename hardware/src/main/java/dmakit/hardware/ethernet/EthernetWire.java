package dmakit.hardware.ethernet;

import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A wire between two MACs: what one sends the other one hears, with its last bit, a cable's delay
 * later. Both must use the same speed; otherwise nothing is heard.
 */
public final class EthernetWire {
    /** Most bytes of a frame with its check sequence; jumbo frames are shorter. */
    public static final int FRAME_BYTES_MAX = 1 << 14;

    /**
     * 10 m of cable at 5 ns each: less than the least gap between frames, so that one frame at most
     * is under way to an end.
     */
    static final long DELAY_PS = 50_000;

    /** Hears frames. */
    @FunctionalInterface
    interface Listener {
        /** A whole frame has arrived. */
        void arrived(byte[] frame, int bytes);
    }

    /** Does to frames on their way what wires do at times. */
    @FunctionalInterface
    public interface Noise {
        /**
         * Changes bits of a frame.
         *
         * @param frame with its check sequence
         * @param bytes of it
         */
        void disturb(byte[] frame, int bytes);
    }

    /** One of the two ends. */
    public final class End {
        private final Clock clock;
        private final Alarm arrival;
        private final byte[] frame = new byte[FRAME_BYTES_MAX];
        private int bytes;
        private int speed;
        private @Nullable Listener listener;

        private End(Clock clock, String name) {
            this.clock = clock;
            arrival = new Alarm(name, this::arrive);
        }

        /** Connects the MAC of this end. */
        void connect(Listener to) {
            listener = to;
        }

        /** Says what the MAC of this end was set to, in Mbit/s. */
        void speed(int mbits) {
            speed = mbits;
        }

        /**
         * Sends a frame; the one before has left the wire.
         *
         * @param lengthPs until its last bit has left
         */
        void send(byte[] content, int count, long lengthPs) {
            End other = other();
            if (other.speed != speed) {
                return;
            }
            // A frame that has not arrived is one that a reset of its sender cut off.
            System.arraycopy(content, 0, other.frame, 0, count);
            other.bytes = count;
            clock.setIn(other.arrival, lengthPs + DELAY_PS);
        }

        private End other() {
            return this == first ? second : first;
        }

        private void arrive() {
            noise.disturb(frame, bytes);
            if (listener != null) {
                listener.arrived(Arrays.copyOf(frame, bytes), bytes);
            }
        }
    }

    private final End first;
    private final End second;
    private Noise noise = (_, _) -> {};

    /** Creates a wire with nothing at its ends. */
    public EthernetWire(Clock clock) {
        first = new End(clock, "wire to first");
        second = new End(clock, "wire to second");
    }

    /** One end. */
    public End first() {
        return first;
    }

    /** The other end. */
    public End second() {
        return second;
    }

    /** Puts noise on the wire, both ways. */
    public void noise(Noise next) {
        noise = next;
    }
}
