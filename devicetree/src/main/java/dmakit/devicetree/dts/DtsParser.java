package dmakit.devicetree.dts;

import dmakit.devicetree.DeviceTreeException;
import dmakit.devicetree.Limits;
import dmakit.devicetree.MemReserve;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The grammar of tree source, version 1, read straight off the preprocessed text. */
final class DtsParser {

    private final SourceText text;
    private final SourceFinder finder;
    private final List<String> includePath;
    private final DraftTree tree = new DraftTree();
    private int at;

    private DtsParser(SourceText text, SourceFinder finder, List<String> includePath) {
        this.text = text;
        this.finder = finder;
        this.includePath = includePath;
    }

    static DraftTree parse(SourceText text, SourceFinder finder, List<String> includePath)
            throws IOException {
        DtsParser parser = new DtsParser(text, finder, includePath);
        parser.source();
        return parser.tree;
    }

    private void source() throws IOException {
        if (!keyword("/dts-v1/")) {
            throw unexpected("/dts-v1/;");
        }
        expect(';');
        while (true) {
            if (keyword("/plugin/")) {
                tree.plugin = true;
            } else if (!keyword("/dts-v1/")) {
                break;
            }
            expect(';');
        }
        while (memReserve()) {}
        int first = skipSpace();
        if (at >= text.length()) {
            throw text.malformed(Math.max(0, first - 1), "the source ends before any node");
        }
        while (skipSpace() < text.length()) {
            topLevel();
        }
    }

    private boolean memReserve() {
        int start = at;
        while (label() != null) {
            skipSpace();
        }
        int where = skipSpace();
        if (!keyword("/memreserve/")) {
            at = start;
            return false;
        }
        long address = number();
        long size = number();
        expect(';');
        if (tree.memReserves.size() >= Limits.MEMRESERVE_COUNT_MAX) {
            throw text.malformed(
                    where,
                    "more than %d memory reservations".formatted(Limits.MEMRESERVE_COUNT_MAX));
        }
        tree.memReserves.add(
                new DraftTree.Reserve(new MemReserve(address, size), text.position(where)));
        return true;
    }

    private void topLevel() throws IOException {
        int start = skipSpace();
        Position position = text.position(start);
        if (keyword("/delete-node/")) {
            Position where = text.position(skipSpace());
            tree.delete(tree.require(reference(), where));
            expect(';');
            return;
        }
        if (keyword("/omit-if-no-ref/")) {
            Position where = text.position(skipSpace());
            tree.require(reference(), where).omitUnlessReferenced = true;
            expect(';');
            return;
        }
        @Nullable String label = label();
        skipSpace();
        if (label == null && peek() == '/') {
            at++;
            if (skipSpace() < text.length() && peek() != '{') {
                at = start;
                throw unexpected("a node, &label, /delete-node/ or /omit-if-no-ref/");
            }
            boolean fresh = !tree.rootSeen;
            tree.rootSeen = true;
            body(tree.root, fresh);
            return;
        }
        if (peek() != '&') {
            throw unexpected("'/' or a reference to a node");
        }
        String reference = reference();
        // a path in a plugin is one of the base tree, even where the plugin has that path too
        boolean ofBase = tree.plugin && reference.startsWith("/");
        Draft.Node target = ofBase ? null : tree.find(reference);
        if (target == null) {
            if (!tree.plugin) {
                throw DraftTree.missing(reference, position);
            }
            target = tree.fragment(reference, position);
        }
        if (label != null) {
            tree.label(target, label, position);
        }
        body(target, false);
    }

    /** The names that one pair of braces has given, and whether they may come twice. */
    private static final class Scope {
        final Set<String> properties = new LinkedHashSet<>();
        final Set<String> children = new LinkedHashSet<>();
        final boolean fresh;

        Scope(boolean fresh) {
            this.fresh = fresh;
        }
    }

    /**
     * What stands in braces, and the semicolon behind.
     *
     * @param fresh whether the node is new: only then are repeated names an error, as with dtc,
     *     where an edit of a node is merged piece by piece
     */
    private void body(Draft.Node node, boolean fresh) throws IOException {
        expect('{');
        Scope scope = new Scope(fresh);
        while (skipSpace() < text.length() && peek() != '}') {
            item(node, scope);
        }
        expect('}');
        expect(';');
    }

    private void item(Draft.Node node, Scope scope) throws IOException {
        int start = skipSpace();
        Position position = text.position(start);
        if (keyword("/delete-property/")) {
            Draft.Property property = node.properties.get(name());
            if (property != null) {
                property.deleted = true;
            }
            expect(';');
            return;
        }
        if (keyword("/delete-node/")) {
            Draft.Node child = node.liveChild(name());
            if (child != null) {
                tree.delete(child);
            }
            expect(';');
            return;
        }
        Set<String> labels = new LinkedHashSet<>();
        boolean omit = false;
        while (true) {
            String label = label();
            if (label != null) {
                labels.add(label);
            } else if (keyword("/omit-if-no-ref/")) {
                omit = true;
            } else {
                break;
            }
            skipSpace();
        }
        String name = name();
        skipSpace();
        if (peek() == '{') {
            if (!scope.children.add(name) && scope.fresh) {
                throw position.malformed("second node %s in %s".formatted(name, node.path()));
            }
            boolean fresh = !node.children.containsKey(name);
            Draft.Node child = tree.child(node, name, position);
            child.omitUnlessReferenced |= omit;
            for (String label : labels) {
                tree.label(child, label, position);
            }
            body(child, fresh);
            return;
        }
        if (omit) {
            throw unexpected("a node behind /omit-if-no-ref/");
        }
        property(node, name, position, scope);
    }

    private void property(Draft.Node node, String name, Position position, Scope scope)
            throws IOException {
        if (!scope.children.isEmpty()) {
            throw position.malformed(
                    "property %s stands behind a node; properties come first".formatted(name));
        }
        if (!scope.properties.add(name) && scope.fresh) {
            throw position.malformed("second property %s in %s".formatted(name, node.path()));
        }
        if (peek() == ';') {
            at++;
            tree.set(node, name, List.of(), position);
            return;
        }
        if (peek() != '=') {
            throw unexpected("'=', ';' or '{' behind " + name);
        }
        at++;
        Draft.Value value = new Draft.Value();
        do {
            value(value);
        } while (accept(','));
        labels();
        expect(';');
        tree.set(node, name, value.parts, position);
    }

    private void value(Draft.Value value) throws IOException {
        labels();
        int start = skipSpace();
        switch (peek()) {
            case '"' -> add(value, stringLiteral(), start);
            case '<' -> cells(value, 32);
            case '[' -> byteString(value);
            case '&' -> value.parts.add(new Draft.PathOf(reference(), text.position(start)));
            default -> {
                if (keyword("/bits/")) {
                    cells(value, bits());
                } else if (keyword("/incbin/")) {
                    add(value, incbin(start), start);
                } else {
                    throw unexpected("a value");
                }
            }
        }
        labels();
    }

    private void add(Draft.Value value, byte[] bytes, int start) {
        tree.chargeValue(bytes.length, text.position(start));
        value.add(bytes);
    }

    private int bits() {
        int start = skipSpace();
        long bits = number();
        if (bits != 8 && bits != 16 && bits != 32 && bits != 64) {
            throw text.malformed(
                    start,
                    "/bits/ %s, wanted 8, 16, 32 or 64".formatted(Long.toUnsignedString(bits)));
        }
        return (int) bits;
    }

    private void cells(Draft.Value value, int bits) {
        expect('<');
        while (true) {
            labels();
            int start = skipSpace();
            if (accept('>')) {
                return;
            }
            tree.chargeValue(bits / 8, text.position(Math.min(start, text.length())));
            if (peek() == '&') {
                if (bits != 32) {
                    throw text.malformed(
                            start, "a reference among %d-bit elements, wanted 32".formatted(bits));
                }
                value.parts.add(new Draft.PhandleOf(reference(), text.position(start)));
                continue;
            }
            value.add(element(number(), bits, start));
        }
    }

    private byte[] element(long number, int bits, int start) {
        if (bits < 64) {
            long mask = (1L << bits) - 1;
            // what fits, and what is negative and fits when cut off
            if (Long.compareUnsigned(number, mask) > 0 && (number | mask) != -1) {
                throw text.malformed(start, "0x%x does not fit in %d bits".formatted(number, bits));
            }
        }
        byte[] bytes = new byte[bits / 8];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (number >>> (bits - 8 * (i + 1)));
        }
        return bytes;
    }

    private void byteString(Draft.Value value) {
        int start = at;
        expect('[');
        byte[] bytes = new byte[16];
        int count = 0;
        while (true) {
            labels();
            skipSpace();
            if (accept(']')) {
                add(value, Arrays.copyOf(bytes, count), start);
                return;
            }
            int high = hexDigit(at);
            int low = hexDigit(at + 1);
            if (high < 0 || low < 0) {
                throw unexpected("two hexadecimal digits or ']'");
            }
            at += 2;
            if (count == bytes.length) {
                bytes = Arrays.copyOf(bytes, count * 2);
            }
            bytes[count++] = (byte) (high << 4 | low);
        }
    }

    private int hexDigit(int offset) {
        return offset < text.length() ? Character.digit(text.charAt(offset), 16) : -1;
    }

    private byte[] incbin(int start) throws IOException {
        expect('(');
        skipSpace();
        if (peek() != '"') {
            throw unexpected("a file name in quotes");
        }
        byte[] quoted = stringLiteral();
        String name = new String(quoted, 0, quoted.length - 1, StandardCharsets.ISO_8859_1);
        long offset = 0;
        long length = -1;
        if (accept(',')) {
            offset = number();
            if (!accept(',')) {
                throw unexpected("',' and a length");
            }
            length = number();
        }
        expect(')');
        Position position = text.position(start);
        byte[] bytes = binary(name, position);
        long available = bytes.length - offset;
        if (offset < 0 || available < 0 || length > available || length < -1) {
            throw position.malformed(
                    "%s has %d bytes, wanted %s from %s on"
                            .formatted(
                                    name,
                                    bytes.length,
                                    length < 0 ? "some" : Long.toString(length),
                                    Long.toUnsignedString(offset)));
        }
        int end = (int) (length < 0 ? bytes.length : offset + length);
        return Arrays.copyOfRange(bytes, (int) offset, end);
    }

    private byte[] binary(String name, Position position) throws IOException {
        for (String candidate : SourcePaths.candidates(name, position.file(), includePath)) {
            Optional<byte[]> bytes = finder.read(candidate, Limits.FILE_BYTES_MAX);
            if (bytes.isPresent()) {
                if (bytes.get().length > Limits.FILE_BYTES_MAX) {
                    throw position.malformed(
                            "%s has more than %d bytes".formatted(name, Limits.FILE_BYTES_MAX));
                }
                return bytes.get();
            }
        }
        throw position.malformed("no file " + name);
    }

    /** The bytes of a quoted string, the final NUL included. */
    private byte[] stringLiteral() {
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

    static byte[] string(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
        return Arrays.copyOf(bytes, bytes.length + 1);
    }

    private long number() {
        skipSpace();
        Expression.Result result = Expression.primary(text, at);
        at = result.end();
        return result.value();
    }

    /** {@code &label}, {@code &{/path}} or {@code &{label/path}}, without the marks. */
    private String reference() {
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

    private void labels() {
        do {
            skipSpace();
        } while (label() != null);
    }

    /** The label that stands here, its colon consumed; null when there is none. */
    private @Nullable String label() {
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

    private String name() {
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

    private boolean keyword(String word) {
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

    private boolean accept(char wanted) {
        skipSpace();
        if (peek() != wanted) {
            return false;
        }
        at++;
        return true;
    }

    private void expect(char wanted) {
        if (!accept(wanted)) {
            throw unexpected("'%c'".formatted(wanted));
        }
    }

    /** The character here, 0 at the end. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private int skipSpace() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at;
    }

    private DeviceTreeException unexpected(String wanted) {
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
