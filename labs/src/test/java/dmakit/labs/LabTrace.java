package dmakit.labs;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.machine.trace.TraceEvent;
import dmakit.machine.trace.TraceSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Writes a lab's run for a reader and compares it with {@code spec/golden/labs}. {@code ./dev
 * golden --accept} rewrites the files.
 */
final class LabTrace implements TraceSink {
    private static final long PS_PER_NS = 1_000;

    private final StringBuilder text = new StringBuilder();

    /** A line of a program or of its user. */
    void say(String line) {
        text.append("# ").append(line).append('\n');
    }

    @Override
    public void take(TraceEvent event) {
        String line = line(event);
        if (!line.isEmpty()) {
            text.append("%9d ns  %s%n".formatted(at(event) / PS_PER_NS, line).stripTrailing())
                    .append('\n');
        }
    }

    private static long at(TraceEvent event) {
        return switch (event) {
            case TraceEvent.Transfer transfer -> transfer.endPs();
            case TraceEvent.Interrupt interrupt -> interrupt.endPs();
            default -> event.atPs();
        };
    }

    /**
     * Empty for what a reader can do without: wake-ups, told by the switches after them, and the
     * locks of the kernel's own code.
     */
    private static String line(TraceEvent event) {
        return switch (event) {
            case TraceEvent.Call call when call.internal() && call.function().startsWith("spin_") ->
                    "";
            case TraceEvent.Call call ->
                    row(
                            call.task(),
                            (call.internal() ? "  . " : "") + "%s(%s)",
                            call.function(),
                            call.arguments());
            case TraceEvent.RegisterAccess access ->
                    row(
                            access.chip(),
                            "%s %s 0x%x",
                            access.register(),
                            access.write() ? "<-" : "->",
                            access.value());
            case TraceEvent.Fetch fetch ->
                    row(fetch.master(), "fetched bus:0x%08x  %s", fetch.address(), fetch.content());
            case TraceEvent.StateChange change ->
                    row(change.chip(), "%s -> %s  %s", change.from(), change.to(), change.detail());
            case TraceEvent.Transfer transfer ->
                    row(
                            transfer.master(),
                            "moved %d bytes  bus:0x%08x -> bus:0x%08x  since %d ns",
                            transfer.bytes(),
                            transfer.from(),
                            transfer.to(),
                            transfer.atPs() / PS_PER_NS);
            case TraceEvent.BusError error ->
                    row(
                            error.master(),
                            "refused %s  bus:0x%08x  %s",
                            error.write() ? "write" : "read",
                            error.address(),
                            error.cause());
            case TraceEvent.CacheMaintenance maintenance ->
                    row(
                            "cache",
                            "%s phys:0x%08x  %d bytes  %d lines",
                            maintenance.operation(),
                            maintenance.phys(),
                            maintenance.bytes(),
                            maintenance.lines());
            case TraceEvent.InterruptLevel level ->
                    row("irq " + level.line(), "%s", level.asserted() ? "asserted" : "released");
            case TraceEvent.Interrupt interrupt ->
                    row(
                            "irq " + interrupt.line(),
                            "handled by %s  since %d ns",
                            interrupt.handler(),
                            interrupt.atPs() / PS_PER_NS);
            case TraceEvent.TaskSwitch task ->
                    row("cpu", "runs %s", task.task().isEmpty() ? "nothing" : task.task());
            case TraceEvent.Log log -> row("log", "%s", log.text());
            case TraceEvent.WakeUp _ -> "";
        };
    }

    private static String row(String who, String format, Object... values) {
        return String.format(Locale.ROOT, "%-12s ", who)
                + String.format(Locale.ROOT, format, values);
    }

    /** Compares what was taken with the accepted trace of a name, or accepts it. */
    void equalsAccepted(String name) {
        Path file =
                Path.of(System.getProperty("dmakit.root"))
                        .resolve("spec/golden/labs/" + name + ".trace");
        try {
            if (Boolean.getBoolean("golden.accept")) {
                Files.createDirectories(file.getParent());
                Files.writeString(file, text);
            }
            assertThat(text.toString()).isEqualTo(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
