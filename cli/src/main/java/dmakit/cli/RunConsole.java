package dmakit.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * What a run says while it runs: the kernel log, and the commands with their output. Nothing is
 * shown before it is {@linkplain #release released}: a module that does not compile is no run.
 */
final class RunConsole {
    private final PrintWriter to;
    private final List<String> log = new ArrayList<>();
    private final StringBuilder held = new StringBuilder();
    private boolean released;
    private boolean ended;

    RunConsole(PrintWriter to) {
        this.to = to;
    }

    /** A line of the kernel log. */
    synchronized void log(String line) {
        if (!ended) {
            log.add(line);
            say(line);
        }
    }

    /** A line of its own. */
    synchronized void say(String line) {
        if (ended) {
            return;
        }
        if (released) {
            to.println(line);
            to.flush();
        } else {
            held.append(line).append(System.lineSeparator());
        }
    }

    /** Does not show what was said so far; the log keeps its lines. */
    synchronized void drop() {
        held.setLength(0);
    }

    /** From here on, everything is shown as it comes. */
    synchronized void release() {
        to.print(held);
        to.flush();
        held.setLength(0);
        released = true;
    }

    /**
     * From here on, nothing is shown or kept: how the machine is taken down is no part of a run.
     */
    synchronized void end() {
        ended = true;
    }

    /** The kernel log so far. */
    List<String> log() {
        return List.copyOf(log);
    }
}
