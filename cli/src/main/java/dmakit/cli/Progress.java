package dmakit.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * One line of a terminal that says how far something has come; where there is no terminal, nothing.
 * Whoever prints anything else {@linkplain #clear clears} it before.
 */
final class Progress {
    private static final long PAUSE_NS = Duration.ofMillis(200).toNanos();
    private static final String CLEAR = "\r\033[K";

    private final PrintWriter terminal;
    private final boolean shown;
    private long nextNs;
    private boolean dirty;

    private Progress(PrintWriter terminal, boolean shown) {
        this.terminal = terminal;
        this.shown = shown;
        nextNs = System.nanoTime() + PAUSE_NS;
    }

    // It is null again, since JDK 25, where standard input or output is no terminal.
    @SuppressWarnings("SystemConsoleNull")
    static Progress on(PrintWriter errors) {
        return new Progress(errors, System.console() != null && System.console().isTerminal());
    }

    /** Shows how far it is, unless that was done a moment ago. */
    synchronized void say(Supplier<String> text) {
        if (shown && System.nanoTime() - nextNs >= 0) {
            terminal.print(CLEAR + text.get());
            terminal.flush();
            dirty = true;
            nextNs = System.nanoTime() + PAUSE_NS;
        }
    }

    /** Takes the line away. */
    synchronized void clear() {
        if (dirty) {
            terminal.print(CLEAR);
            terminal.flush();
            dirty = false;
        }
    }
}
