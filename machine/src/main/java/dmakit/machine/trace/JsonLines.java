package dmakit.machine.trace;

import java.io.UncheckedIOException;
import java.io.Writer;

/**
 * Writes every event as one line of JSON: the field {@code event} with the name of its record, then
 * the record's own fields in their order.
 *
 * <p>Times and counts are numbers, times in picoseconds. Addresses, offsets and the contents of
 * registers are strings in hexadecimal, {@code "0x3f007000"}: 64 bits do not fit the numbers of
 * every reader. All characters are ASCII, so the writer's encoding does not matter.
 */
public final class JsonLines implements TraceSink, AutoCloseable {
    private final JsonText json;

    /**
     * Writes to {@code out}, which {@link #close} closes.
     *
     * @param out needs no buffer of its own
     */
    public JsonLines(Writer out) {
        json = new JsonText(out);
    }

    /** Writes one event. What cannot be written is reported by {@link #close}. */
    @Override
    public void take(TraceEvent event) {
        if (json.isClosed()) {
            return;
        }
        json.open();
        switch (event) {
            case TraceEvent.RegisterAccess e ->
                    start("RegisterAccess", e)
                            .field("chip", e.chip())
                            .field("register", e.register())
                            .hex("offset", e.offset())
                            .field("bytes", e.bytes())
                            .hex("value", e.value())
                            .field("write", e.write());
            case TraceEvent.Transfer e ->
                    start("Transfer", e)
                            .field("endPs", e.endPs())
                            .field("master", e.master())
                            .hex("from", e.from())
                            .hex("to", e.to())
                            .field("bytes", e.bytes());
            case TraceEvent.Fetch e ->
                    start("Fetch", e)
                            .field("master", e.master())
                            .hex("address", e.address())
                            .field("content", e.content());
            case TraceEvent.BusError e ->
                    start("BusError", e)
                            .field("master", e.master())
                            .hex("address", e.address())
                            .field("cause", e.cause())
                            .field("write", e.write());
            case TraceEvent.CacheMaintenance e ->
                    start("CacheMaintenance", e)
                            .field("operation", e.operation())
                            .hex("phys", e.phys())
                            .field("bytes", e.bytes())
                            .field("lines", e.lines());
            case TraceEvent.StateChange e ->
                    start("StateChange", e)
                            .field("chip", e.chip())
                            .field("from", e.from())
                            .field("to", e.to())
                            .field("detail", e.detail());
            case TraceEvent.InterruptLevel e ->
                    start("InterruptLevel", e)
                            .field("line", e.line())
                            .field("asserted", e.asserted());
            case TraceEvent.Interrupt e ->
                    start("Interrupt", e)
                            .field("endPs", e.endPs())
                            .field("line", e.line())
                            .field("handler", e.handler());
            case TraceEvent.TaskSwitch e -> start("TaskSwitch", e).field("task", e.task());
            case TraceEvent.WakeUp e -> start("WakeUp", e).field("task", e.task());
            case TraceEvent.Call e ->
                    start("Call", e)
                            .field("task", e.task())
                            .field("function", e.function())
                            .field("arguments", e.arguments())
                            .field("internal", e.internal());
            case TraceEvent.Log e ->
                    start("Log", e).field("level", e.level()).field("text", e.text());
        }
        json.close('}').raw("\n").end();
    }

    private JsonText start(String name, TraceEvent event) {
        return json.field("event", name).field("atPs", event.atPs());
    }

    /**
     * Writes what is left and closes the writer; closing again does nothing.
     *
     * @throws UncheckedIOException when not everything could be written
     */
    @Override
    public void close() {
        json.close();
    }
}
