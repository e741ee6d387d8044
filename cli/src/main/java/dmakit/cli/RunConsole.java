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

    RunConsole(PrintWriter to) {
        this.to = to;
    }

    /** A line of the kernel log. */
    void log(String line) {
        log.add(line);
        say(line);
    }

    /** A line of its own. */
    void say(String line) {
        say(line, System.lineSeparator());
    }

    /** Text as it comes, such as the output of a program. */
    void write(String text) {
        say(text, "");
    }

    private synchronized void say(String text, String end) {
        if (released) {
            to.print(text + end);
            to.flush();
        } else {
            held.append(text).append(end);
        }
    }

    /** From here on, everything is shown as it comes. */
    synchronized void release() {
        to.print(held);
        to.flush();
        held.setLength(0);
        released = true;
    }

    /** The kernel log so far. */
    List<String> log() {
        return List.copyOf(log);
    }
}
