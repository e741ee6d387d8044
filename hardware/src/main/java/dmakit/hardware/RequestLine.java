package dmakit.hardware;

import java.util.ArrayList;
import java.util.List;

/**
 * One wire from a peripheral to a DMA controller: the level says whether the peripheral has, or has
 * room for, the data of one burst.
 *
 * <p>A second wire beside it, <em>panic</em>, says that waiting much longer loses data. A listener
 * may schedule events; it must not access the peripheral from inside the call.
 */
public final class RequestLine {
    private final String name;
    private final List<Runnable> listeners = new ArrayList<>();
    private boolean asserted;
    private boolean panicking;

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

    /** Whether the peripheral asks to be served before others. */
    public boolean isPanicking() {
        return panicking;
    }

    /** Drives the line; a level it has already changes nothing. */
    public void set(boolean level) {
        if (level != asserted) {
            asserted = level;
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

    /** Runs an action at every change from now on. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    private void tell() {
        for (int i = 0; i < listeners.size(); i++) {
            listeners.get(i).run();
        }
    }
}
