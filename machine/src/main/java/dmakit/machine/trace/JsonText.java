package dmakit.machine.trace;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import org.jspecify.annotations.Nullable;

/**
 * JSON written piece by piece, the same on every host: pure ASCII, no locale, no white space but
 * the caller's.
 *
 * <p>A writer that fails does not fail the machine that is watched: the rest is dropped, and {@link
 * #close} reports the first failure.
 */
final class JsonText {
    private static final int FLUSH_CHARS = 1 << 13;
    private static final String HEX = "0123456789abcdef";

    private final Writer out;
    private final StringBuilder text = new StringBuilder();
    private @Nullable IOException failure;
    private boolean first = true;
    private boolean closed;

    JsonText(Writer out) {
        this.out = out;
    }

    JsonText raw(String piece) {
        text.append(piece);
        return this;
    }

    JsonText open() {
        text.append('{');
        first = true;
        return this;
    }

    JsonText close(char bracket) {
        text.append(bracket);
        first = false;
        return this;
    }

    /** The name of the next field, whose value follows. */
    JsonText name(String name) {
        if (!first) {
            text.append(',');
        }
        first = false;
        string(name);
        text.append(':');
        return this;
    }

    JsonText field(String name, String value) {
        name(name);
        string(value);
        return this;
    }

    JsonText field(String name, long value) {
        name(name);
        text.append(value);
        return this;
    }

    JsonText field(String name, boolean value) {
        name(name);
        text.append(value);
        return this;
    }

    /** An address or the content of a register: no reader rounds it as a string. */
    JsonText hex(String name, long value) {
        name(name);
        text.append("\"0x").append(Long.toHexString(value)).append('"');
        return this;
    }

    /** Picoseconds as microseconds with all their digits. */
    JsonText micros(String name, long ps) {
        name(name);
        text.append(ps / 1_000_000).append('.');
        long fraction = ps % 1_000_000;
        for (long digit = 100_000; digit > 0; digit /= 10) {
            text.append((char) ('0' + fraction / digit % 10));
        }
        return this;
    }

    /** Ends a piece that may be written out. */
    void end() {
        if (text.length() >= FLUSH_CHARS) {
            write();
        }
    }

    /**
     * Writes the rest and closes the writer; closing again does nothing.
     *
     * @throws UncheckedIOException when anything could not be written
     */
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        write();
        try {
            out.close();
        } catch (IOException e) {
            remember(e);
        }
        if (failure != null) {
            throw new UncheckedIOException("cannot write the trace", failure);
        }
    }

    boolean isClosed() {
        return closed;
    }

    private void write() {
        if (failure == null) {
            try {
                out.append(text);
            } catch (IOException e) {
                remember(e);
            }
        }
        text.setLength(0);
    }

    private void remember(IOException e) {
        if (failure == null) {
            failure = e;
        } else {
            failure.addSuppressed(e);
        }
    }

    private void string(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c >= ' ' && c < 0x7f) {
                text.append(c);
            } else {
                escape(c);
            }
        }
        text.append('"');
    }

    private void escape(char c) {
        text.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
            text.append(HEX.charAt(c >> shift & 0xf));
        }
    }
}
