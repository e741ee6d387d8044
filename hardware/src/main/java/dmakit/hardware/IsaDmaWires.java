package dmakit.hardware;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The wires of one DMA channel on an ISA bus: DREQ from the card; DACK with a read or write
 * command, data, and the end of the count from the controller. Where no card is plugged in, DREQ is
 * low, reads give ones and writes are lost.
 *
 * <p>A listener may schedule events; it must not access the card from inside the call.
 */
public final class IsaDmaWires {
    /** A card, as its channel's acknowledge reaches it. */
    public interface Card {
        /**
         * DACK and IOR: the card gives data.
         *
         * @param bytes 1 on channels 0 to 3, 2 on channels 5 to 7
         * @return zero-extended
         */
        int give(int bytes);

        /** DACK and IOW: the card takes data. */
        void take(int bytes, int value);

        /** TC with DACK: the transfer just made was the last of its count. */
        void terminalCount();
    }

    private final String name;
    private final List<Runnable> listeners = new ArrayList<>();
    private @Nullable Card card;
    private boolean requested;

    /**
     * Creates wires that no card drives.
     *
     * @param name for diagnosis
     */
    public IsaDmaWires(String name) {
        this.name = name;
    }

    /** What the channel is called. */
    public String name() {
        return name;
    }

    /**
     * Plugs a card in.
     *
     * @throws IllegalArgumentException when another one drives the channel
     */
    public void connect(Card plugged) {
        if (card != null) {
            throw new IllegalArgumentException(name + " is another card's");
        }
        card = plugged;
    }

    /** Drives DREQ; a level it has already changes nothing. */
    public void request(boolean level) {
        if (level != requested) {
            requested = level;
            for (int i = 0; i < listeners.size(); i++) {
                listeners.get(i).run();
            }
        }
    }

    /** The level of DREQ. */
    public boolean isRequested() {
        return requested;
    }

    /** Runs an action whenever DREQ changes. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    // What the controller does.

    /** Reads the card; ones where there is none. */
    public int read(int bytes) {
        Card plugged = card;
        int ones = (1 << (Byte.SIZE * bytes)) - 1;
        return plugged == null ? ones : plugged.give(bytes) & ones;
    }

    /** Writes the card. */
    public void write(int bytes, int value) {
        Card plugged = card;
        if (plugged != null) {
            plugged.take(bytes, value);
        }
    }

    /** Tells the card that its count has ended. */
    public void terminalCount() {
        Card plugged = card;
        if (plugged != null) {
            plugged.terminalCount();
        }
    }
}
