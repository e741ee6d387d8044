package dmakit.devicetree.dts;

import dmakit.devicetree.dts.PpToken.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The part of the C preprocessor that tree sources use, and {@code /include/}.
 *
 * <p>A line that starts with {@code #} but no directive's name is left alone, since properties
 * start so. Positions survive; line markers of an earlier preprocessor run are understood.
 */
final class Preprocessor {

    private static final List<String> DIRECTIVES =
            List.of(
                    "include", "define", "undef", "if", "ifdef", "ifndef", "elif", "else", "endif",
                    "error", "warning", "pragma", "line");

    /** One {@code #if} to {@code #endif}: whether its lines count, and whether any branch did. */
    private static final class Condition {
        final Position start;
        final boolean outerActive;
        boolean active;
        boolean taken;
        boolean sawElse;

        Condition(Position start, boolean outerActive, boolean holds) {
            this.start = start;
            this.outerActive = outerActive;
            this.active = outerActive && holds;
            this.taken = holds;
        }
    }

    private final SourceFinder finder;
    private final List<String> includePath;
    private final Map<String, Macro> macros = new LinkedHashMap<>();
    private final Deque<String> openFiles = new ArrayDeque<>();
    private final Deque<Condition> conditions = new ArrayDeque<>();
    private final SourceText out;
    private final MacroExpander expander = new MacroExpander(macros);
    private int includeCount;

    private Preprocessor(Position start, SourceFinder finder, List<String> includePath) {
        this.out = new SourceText(start);
        this.finder = finder;
        this.includePath = includePath;
        Position builtIn = new Position("built-in", 1, 1);
        for (String name : List.of("__DTS__", "__ASSEMBLER__")) {
            List<PpToken> one = List.of(PpToken.of(Kind.NUMBER, "1", builtIn));
            macros.put(name, new Macro(name, null, false, one));
        }
    }

    /** The text of a file with everything included and expanded. */
    static SourceText run(String file, SourceFinder finder, List<String> includePath)
            throws IOException {
        Position start = new Position(file, 1, 1);
        Preprocessor preprocessor = new Preprocessor(start, finder, includePath);
        byte[] bytes =
                finder.read(file, DtsLimits.SOURCE_BYTES_MAX)
                        .orElseThrow(() -> start.malformed("no such file"));
        preprocessor.file(file, bytes, start);
        return preprocessor.out;
    }

    private void file(String file, byte[] bytes, Position from) throws IOException {
        if (bytes.length > DtsLimits.SOURCE_BYTES_MAX) {
            throw from.malformed(
                    "%s has more than %d bytes".formatted(file, DtsLimits.SOURCE_BYTES_MAX));
        }
        openFiles.push(file);
        int outerConditions = conditions.size();
        lines(new PpCursor(file, new String(bytes, StandardCharsets.ISO_8859_1)));
        if (conditions.size() > outerConditions) {
            throw conditions.getFirst().start.malformed("a condition that no #endif ends");
        }
        openFiles.pop();
    }

    private void lines(PpCursor cursor) throws IOException {
        PpInput input = new PpInput(cursor);
        int outerConditions = conditions.size();
        boolean lineStart = true;
        while (true) {
            if (lineStart && directive(input, cursor, outerConditions)) {
                continue;
            }
            if (!isActive()) {
                if (input.atEnd()) {
                    return;
                }
                input.skipLine();
                continue;
            }
            PpToken token = input.next();
            if (token.kind() == Kind.END) {
                return;
            }
            lineStart = token.kind() == Kind.NEWLINE;
            if (token.is("/") && slashInclude(input, token)) {
                continue;
            }
            if (token.kind() == Kind.IDENTIFIER) {
                List<PpToken> expanded = expander.expandAt(token, input);
                for (PpToken result : expanded) {
                    out.append(result);
                }
            } else {
                out.append(token);
            }
        }
    }

    private boolean isActive() {
        return conditions.isEmpty() || conditions.getFirst().active;
    }

    /** Handles a directive at the start of a line, its line end included. */
    private boolean directive(PpInput input, PpCursor cursor, int outerConditions)
            throws IOException {
        if (!input.mayBeDirective()) {
            return false;
        }
        PpInput.Mark mark = input.mark();
        PpToken hash = input.nextUnlessEnd();
        while (hash.kind() == Kind.SPACE) {
            hash = input.nextUnlessEnd();
        }
        if (!hash.is("#")) {
            input.reset(mark);
            return false;
        }
        PpToken name = input.nextUnlessEnd();
        while (name.kind() == Kind.SPACE) {
            name = input.nextUnlessEnd();
        }
        if (name.kind() == Kind.NUMBER) {
            return lineMarker(input, mark, cursor, name);
        }
        PpToken behind = name.kind() == Kind.IDENTIFIER ? input.peek() : name;
        boolean isDirective =
                name.kind() == Kind.IDENTIFIER
                        && DIRECTIVES.contains(name.text())
                        && (behind.kind() != Kind.PUNCTUATION || "(!<~".contains(behind.text()));
        if (!isDirective) {
            input.reset(mark);
            return false;
        }
        input.forget(mark);
        run(name, input, cursor, outerConditions);
        return true;
    }

    private boolean lineMarker(PpInput input, PpInput.Mark mark, PpCursor cursor, PpToken number) {
        List<PpToken> rest = input.line();
        List<PpToken> words = rest.stream().filter(token -> !token.isBlank()).toList();
        if (words.isEmpty()
                || words.getFirst().kind() != Kind.STRING
                || !number.text().chars().allMatch(c -> c >= '0' && c <= '9')
                || number.text().length() > 9) {
            input.reset(mark);
            return false;
        }
        input.forget(mark);
        String quoted = words.getFirst().text();
        cursor.pretend(quoted.substring(1, quoted.length() - 1), Integer.parseInt(number.text()));
        return true;
    }

    private void run(PpToken name, PpInput input, PpCursor cursor, int outerConditions)
            throws IOException {
        switch (name.text()) {
            case "if" -> push(name, !isActive() ? skip(input) : holds(name, input.line()));
            case "ifdef" -> push(name, !isActive() ? skip(input) : isDefined(name, input.line()));
            case "ifndef" -> push(name, !isActive() ? skip(input) : !isDefined(name, input.line()));
            case "elif" -> {
                Condition condition = current(name, outerConditions);
                if (condition.sawElse) {
                    throw name.position().malformed("#elif behind #else");
                }
                boolean wanted = condition.outerActive && !condition.taken;
                condition.active = wanted ? holds(name, input.line()) : skip(input);
                condition.taken |= condition.active;
            }
            case "else" -> {
                skip(input);
                Condition condition = current(name, outerConditions);
                if (condition.sawElse) {
                    throw name.position().malformed("a second #else");
                }
                condition.sawElse = true;
                condition.active = condition.outerActive && !condition.taken;
            }
            case "endif" -> {
                skip(input);
                current(name, outerConditions);
                conditions.pop();
            }
            case "error" -> {
                String message = input.rest(cursor);
                if (isActive()) {
                    throw name.position().malformed("#error" + message);
                }
            }
            case "warning", "pragma", "line" -> input.rest(cursor);
            default -> {
                List<PpToken> line = isActive() ? input.line() : List.of();
                if (!isActive()) {
                    skip(input);
                } else if (name.text().equals("include")) {
                    include(name, line);
                } else if (name.text().equals("define")) {
                    MacroParser.define(name.position(), line, macros);
                } else {
                    macros.remove(onlyName(name, line));
                }
            }
        }
    }

    private static boolean skip(PpInput input) {
        input.skipLine();
        return false;
    }

    private void push(PpToken name, boolean holds) {
        if (conditions.size() >= DtsLimits.CONDITION_DEPTH_MAX) {
            throw name.position()
                    .malformed(
                            "conditions nest deeper than %d"
                                    .formatted(DtsLimits.CONDITION_DEPTH_MAX));
        }
        conditions.push(new Condition(name.position(), isActive(), holds));
    }

    private Condition current(PpToken name, int outerConditions) {
        if (conditions.size() <= outerConditions) {
            throw name.position().malformed("#%s without #if".formatted(name.text()));
        }
        return conditions.getFirst();
    }

    private static String onlyName(PpToken directive, List<PpToken> line) {
        for (PpToken token : line) {
            if (token.kind() == Kind.IDENTIFIER) {
                return token.text();
            }
            if (!token.isBlank()) {
                break;
            }
        }
        throw directive.position().malformed("#%s without a name".formatted(directive.text()));
    }

    private boolean isDefined(PpToken directive, List<PpToken> line) {
        return macros.containsKey(onlyName(directive, line));
    }

    private boolean holds(PpToken directive, List<PpToken> line) {
        SourceText text = new SourceText(directive.position());
        for (PpToken token : expander.expandAll(withoutDefined(directive, line))) {
            text.append(token);
        }
        if (line.stream().allMatch(PpToken::isBlank)) {
            throw directive
                    .position()
                    .malformed("#%s without a condition".formatted(directive.text()));
        }
        return Expression.condition(text);
    }

    /** The line with {@code defined X} and {@code defined(X)} replaced by 1 or 0. */
    private List<PpToken> withoutDefined(PpToken directive, List<PpToken> line) {
        List<PpToken> words = line.stream().filter(token -> !token.isBlank()).toList();
        List<PpToken> result = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            PpToken word = words.get(i);
            if (word.kind() == Kind.IDENTIFIER && word.text().equals("defined")) {
                boolean parenthesis = i + 1 < words.size() && words.get(i + 1).is("(");
                int nameAt = parenthesis ? i + 2 : i + 1;
                int last = parenthesis ? i + 3 : i + 1;
                if (last >= words.size()
                        || words.get(nameAt).kind() != Kind.IDENTIFIER
                        || (parenthesis && !words.get(last).is(")"))) {
                    throw directive.position().malformed("defined without a name");
                }
                boolean defined = macros.containsKey(words.get(nameAt).text());
                result.add(PpToken.of(Kind.NUMBER, defined ? "1" : "0", word.position()));
                i = last;
            } else {
                // neighbours must not grow together once the blanks are gone
                if (i > 0 && wordLike(words.get(i - 1)) && wordLike(word)) {
                    result.add(PpToken.of(Kind.SPACE, " ", word.position()));
                }
                result.add(word);
            }
        }
        return result;
    }

    private static boolean wordLike(PpToken token) {
        return token.kind() == Kind.IDENTIFIER || token.kind() == Kind.NUMBER;
    }

    private void include(PpToken directive, List<PpToken> line) throws IOException {
        String spelled = spell(line).strip();
        if (!spelled.startsWith("\"") && !spelled.startsWith("<")) {
            spelled = spell(expander.expandAll(line)).strip();
        }
        boolean quoted = spelled.startsWith("\"");
        int end = spelled.indexOf(quoted ? '"' : '>', 1);
        if (spelled.isEmpty() || (!quoted && !spelled.startsWith("<")) || end < 0) {
            throw directive.position().malformed("#include wants \"file\" or <file>");
        }
        include(directive.position(), spelled.substring(1, end), quoted);
    }

    private static String spell(List<PpToken> line) {
        StringBuilder spelled = new StringBuilder();
        line.forEach(token -> spelled.append(token.text()));
        return spelled.toString();
    }

    /** Handles {@code /include/ "file"}; tells whether there was one behind the slash. */
    private boolean slashInclude(PpInput input, PpToken slash) throws IOException {
        PpInput.Mark mark = input.mark();
        PpToken word = input.nextUnlessEnd();
        if (word.kind() != Kind.IDENTIFIER
                || !word.text().equals("include")
                || !input.nextUnlessEnd().is("/")) {
            input.reset(mark);
            return false;
        }
        PpToken name = input.nextUnlessEnd();
        while (name.isBlank()) {
            name = input.nextUnlessEnd();
        }
        if (name.kind() != Kind.STRING) {
            throw slash.position().malformed("/include/ wants \"file\"");
        }
        input.forget(mark);
        include(slash.position(), name.text().substring(1, name.text().length() - 1), true);
        return true;
    }

    private void include(Position from, String name, boolean quoted) throws IOException {
        if (++includeCount > DtsLimits.INCLUDE_COUNT_MAX) {
            throw from.malformed("more than %d includes".formatted(DtsLimits.INCLUDE_COUNT_MAX));
        }
        String includer = openFiles.getFirst();
        for (String candidate :
                SourcePaths.candidates(name, quoted ? includer : null, includePath)) {
            Optional<byte[]> bytes = finder.read(candidate, DtsLimits.SOURCE_BYTES_MAX);
            if (bytes.isPresent()) {
                requireDepth(from, candidate);
                file(candidate, bytes.get(), from);
                return;
            }
        }
        throw from.malformed(
                "no file %s%s"
                        .formatted(
                                name,
                                includePath.isEmpty()
                                        ? ", and no include path to look in"
                                        : " in " + String.join(", ", includePath)));
    }

    private void requireDepth(Position from, String candidate) {
        if (openFiles.size() < DtsLimits.INCLUDE_DEPTH_MAX) {
            return;
        }
        @Nullable String cycle = null;
        List<String> chain = new ArrayList<>(openFiles).reversed();
        int first = chain.lastIndexOf(candidate);
        if (first >= 0) {
            List<String> ring = new ArrayList<>(chain.subList(first, chain.size()));
            ring.add(candidate);
            cycle = String.join(" -> ", ring);
        }
        throw from.malformed(
                cycle != null
                        ? "the includes go in a circle: " + cycle
                        : "includes nest deeper than %d".formatted(DtsLimits.INCLUDE_DEPTH_MAX));
    }
}
