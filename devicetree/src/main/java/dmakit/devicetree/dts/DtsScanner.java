package dmakit.devicetree.dts;

import dmakit.devicetree.DeviceTreeException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the words of tree source off the preprocessed text; what counts as one depends on where.
 */
final class DtsScanner {

    private final SourceText text;
    private int at;

    DtsScanner(SourceText text) {
        this.text = text;
    }

    /** The offset of the next character. */
    int at() {
        return at;
    }

    /** Goes back to, or on to, an offset. */
    void moveTo(int offset) {
        at = offset;
    }

    boolean atEnd() {
        return skipSpace() >= text.length();
    }

    Position position(int offset) {
        return text.position(Math.min(offset, text.length()));
    }

    DeviceTreeException malformed(int offset, String problem) {
        return text.malformed(offset, problem);
    }

    /** The value of two hexadecimal digits, both consumed. */
    int hexByte() {
        int high = hexDigit(at);
        int low = hexDigit(at + 1);
        if (high < 0 || low < 0) {
            throw unexpected("two hexadecimal digits or ']'");
        }
        at += 2;
        return high << 4 | low;
    }

    private int hexDigit(int offset) {
        return offset < text.length() ? Character.digit(text.charAt(offset), 16) : -1;
    }

    /** The bytes of a quoted string, the final NUL included. */
    byte[] stringLiteral() {
        int start = at;
        int end = start + 1;
        while (end < text.length() && text.charAt(end) != '"') {
            end += text.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= text.length()) {
            throw text.malformed(start, "a string that no \" ends");
        }
        byte[] bytes = Escapes.bytes(text, start + 1, end);
        at = end + 1;
        return Arrays.copyOf(bytes, bytes.length + 1);
    }

    long number() {
        skipSpace();
        Expression.Result result = Expression.primary(text, at);
        at = result.end();
        return result.value();
    }

    /** {@code &label}, {@code &{/path}} or {@code &{label/path}}, without the marks. */
    String reference() {
        int start = skipSpace();
        if (peek() != '&') {
            throw unexpected("a reference to a node");
        }
        at++;
        if (peek() == '{') {
            int end = at + 1;
            while (end < text.length()
                    && (isNameChar(text.charAt(end)) || text.charAt(end) == '/')) {
                end++;
            }
            if (end >= text.length() || text.charAt(end) != '}' || end == at + 1) {
                throw text.malformed(start, "a reference &{...} that no } ends");
            }
            String path = text.substring(at + 1, end);
            at = end + 1;
            return path;
        }
        int end = at;
        while (end < text.length() && PpCursor.isIdentifierPart(text.charAt(end))) {
            end++;
        }
        if (end == at || PpCursor.isDigit(text.charAt(at))) {
            throw text.malformed(start, "'&' without a label");
        }
        String label = text.substring(at, end);
        at = end;
        return label;
    }

    void labels() {
        do {
            skipSpace();
        } while (label() != null);
    }

    /** The label that stands here, its colon consumed; null when there is none. */
    @Nullable String label() {
        int end = skipSpace();
        if (end >= text.length() || !PpCursor.isIdentifierStart(text.charAt(end))) {
            return null;
        }
        while (end < text.length() && PpCursor.isIdentifierPart(text.charAt(end))) {
            end++;
        }
        if (end >= text.length() || text.charAt(end) != ':') {
            return null;
        }
        String label = text.substring(at, end);
        at = end + 1;
        return label;
    }

    String name() {
        int start = skipSpace();
        if (start < text.length() && text.charAt(start) == '\\') {
            start++;
        }
        int end = start;
        while (end < text.length() && isNameChar(text.charAt(end))) {
            end++;
        }
        if (end == start) {
            throw unexpected("the name of a property or node");
        }
        at = end;
        return text.substring(start, end);
    }

    private static boolean isNameChar(char c) {
        return PpCursor.isIdentifierPart(c) || ",.+*#?@-".indexOf(c) >= 0;
    }

    boolean keyword(String word) {
        int start = skipSpace();
        if (start + word.length() > text.length()) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            if (text.charAt(start + i) != word.charAt(i)) {
                return false;
            }
        }
        at = start + word.length();
        return true;
    }

    boolean accept(char wanted) {
        skipSpace();
        if (peek() != wanted) {
            return false;
        }
        at++;
        return true;
    }

    void expect(char wanted) {
        if (!accept(wanted)) {
            throw unexpected("'%c'".formatted(wanted));
        }
    }

    /** The character here, 0 at the end. */
    char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    int skipSpace() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at;
    }

    DeviceTreeException unexpected(String wanted) {
        skipSpace();
        if (at >= text.length()) {
            return text.malformed(
                    Math.max(0, text.length() - 1),
                    "the source ends where %s is wanted".formatted(wanted));
        }
        int end = at;
        while (end < text.length() && end < at + 40 && isNameChar(text.charAt(end))) {
            end++;
        }
        String found = text.substring(at, Math.max(end, at + 1));
        return text.malformed(at, "found '%s', wanted %s".formatted(printable(found), wanted));
    }

    private static String printable(String found) {
        char c = found.charAt(0);
        return c >= ' ' && c <= '~' ? found : "\\x%02x".formatted((int) c);
    }
}
