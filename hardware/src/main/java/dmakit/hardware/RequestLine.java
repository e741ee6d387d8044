package dmakit.hardware;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The wires between a peripheral and a DMA controller.
 *
 * <p>From the peripheral: <em>burst</em>, it has, or has room for, the data of one burst;
 * <em>single</em>, of one beat at least; <em>last</em>, the transfer asked for is the last one of a
 * message; <em>panic</em>, waiting much longer loses data. All are levels. A controller that knows
 * bursts alone looks at {@link #isAsserted} and no further.
 *
 * <p>From the controller: an {@linkplain #acknowledge acknowledge}, after the data has moved.
 *
 * <p>A listener, on either side, may schedule events; it must not access the other side from inside
 * the call.
 */
public final class RequestLine {
    private final String name;
    private final List<Runnable> listeners = new ArrayList<>();
    private final List<Consumer<Acknowledge>> peripherals = new ArrayList<>();
    private boolean asserted;
    private boolean single;
    private boolean last;
    private boolean panicking;

    /** What a controller tells a peripheral. */
    public enum Acknowledge {
        /** One beat has moved. */
        SINGLE,
        /** One burst has moved. */
        BURST,
        /** The controller has forgotten what was asked for: ask again. */
        FLUSH
    }

    /**
     * Creates a line that asks for nothing.
     *
     * @param name for diagnosis
     */
    public RequestLine(String name) {
        this.name = name;
    }

    /** What the line is called. */
    public String name() {
        return name;
    }

    /** Whether the peripheral asks for a burst. */
    public boolean isAsserted() {
        return asserted;
    }

    /** Whether the peripheral asks for one beat. */
    public boolean isSingle() {
        return single;
    }

    /** Whether what the peripheral asks for is the last transfer of a message. */
    public boolean isLast() {
        return last;
    }

    /** Whether the peripheral asks to be served before others. */
    public boolean isPanicking() {
        return panicking;
    }

    /** Drives the burst wire; a level it has already changes nothing. */
    public void set(boolean level) {
        if (level != asserted) {
            asserted = level;
            tell();
        }
    }

    /** Drives the single wire; a level it has already changes nothing. */
    public void setSingle(boolean level) {
        if (level != single) {
            single = level;
            tell();
        }
    }

    /** Drives the wire of the last transfer; a level it has already changes nothing. */
    public void setLast(boolean level) {
        if (level != last) {
            last = level;
            tell();
        }
    }

    /** Drives the panic wire; a level it has already changes nothing. */
    public void setPanic(boolean level) {
        if (level != panicking) {
            panicking = level;
            tell();
        }
    }

    /** For the controller: tells the peripheral, after the data has moved. */
    public void acknowledge(Acknowledge what) {
        for (int i = 0; i < peripherals.size(); i++) {
            peripherals.get(i).accept(what);
        }
    }

    /** For the peripheral: hears every acknowledge from now on. */
    public void onAcknowledge(Consumer<Acknowledge> peripheral) {
        peripherals.add(peripheral);
    }

    /** For the controller: runs an action at every change of a level from now on. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    private void tell() {
        for (int i = 0; i < listeners.size(); i++) {
            listeners.get(i).run();
        }
    }
}
