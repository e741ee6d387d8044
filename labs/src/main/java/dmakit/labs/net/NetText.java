package dmakit.labs.net;

import dmakit.labs.AccountText;
import dmakit.labs.Count;
import dmakit.labs.measure.Sizes;
import java.util.Locale;

/** A {@link NetOutcome} for a reader at a terminal. */
public final class NetText {
    private final StringBuilder text = new StringBuilder();

    private NetText() {}

    /**
     * The counts, and the result.
     *
     * @param board it was run on
     * @param seed of the run
     */
    public static String of(NetOutcome outcome, String board, long seed) {
        NetText writer = new NetText();
        writer.line(
                "Two network interfaces on %s, joined by a wire of 1 Gbit/s; %s to receive into;"
                        + " seed %s.",
                board, Count.of(outcome.ringBuffers(), "buffer"), Long.toUnsignedString(seed));
        writer.line("%s", outcome.message());
        writer.text.append('\n');
        writer.row("sent", outcome.framesSent(), AccountText.bytes(outcome.bytesSent()));
        writer.row("received", outcome.framesReceived(), "");
        writer.loss("no room in the receive memory", outcome.lostWithoutRoom());
        writer.loss("check sequence wrong", outcome.lostDamaged());
        writer.loss("kept out by the address filter", outcome.lostFiltered());
        if (outcome.elapsedPs() > 0) {
            writer.line(
                    "time      %s, %s on the wire",
                    AccountText.duration(outcome.elapsedPs()),
                    Sizes.rate(outcome.wireBytesPerSecond()));
        }
        return writer.text.toString();
    }

    private void row(String what, long frames, String beside) {
        line("%-9s %s%s", what, Count.of(frames, "frame"), beside.isEmpty() ? "" : ", " + beside);
    }

    private void loss(String why, long frames) {
        if (frames != 0) {
            line("lost      %s: %s", Count.of(frames, "frame"), why);
        }
    }

    private void line(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
