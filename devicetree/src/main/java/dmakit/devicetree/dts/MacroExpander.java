package dmakit.devicetree.dts;

import dmakit.devicetree.dts.PpToken.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Expands macros as C does: arguments first, then {@code #} and {@code ##}, then the result again,
 * where a macro does not apply to what came out of it (Prosser's hide sets).
 */
final class MacroExpander {

    private final Map<String, Macro> macros;
    private int expandedChars;

    MacroExpander(Map<String, Macro> macros) {
        this.macros = macros;
    }

    /** What an identifier of a file becomes; takes arguments from the file when it needs them. */
    List<PpToken> expandAt(PpToken token, PpInput input) {
        return macros.containsKey(token.text())
                ? expand(new ArrayDeque<>(List.of(token)), input, 0)
                : List.of(token);
    }

    /** What a list of tokens becomes. */
    List<PpToken> expandAll(List<PpToken> tokens) {
        return expand(new ArrayDeque<>(tokens), null, 0);
    }

    private List<PpToken> expand(Deque<PpToken> work, @Nullable PpInput input, int depth) {
        List<PpToken> result = new ArrayList<>();
        while (!work.isEmpty()) {
            PpToken token = work.pop();
            Macro macro = token.kind() == Kind.IDENTIFIER ? macros.get(token.text()) : null;
            if (macro == null || HideSet.contains(token.hidden(), macro)) {
                result.add(token);
                continue;
            }
            int hidden = token.hidden() == null ? 0 : token.hidden().size();
            if (Math.max(hidden, depth) >= DtsLimits.MACRO_DEPTH_MAX) {
                throw token.position()
                        .malformed(
                                "macros expand within each other more than %d times"
                                        .formatted(DtsLimits.MACRO_DEPTH_MAX));
            }
            if (macro.parameters == null) {
                HideSet hide = HideSet.plus(token.hidden(), macro);
                pushFront(work, substitute(macro, List.of(), hide, token.position(), depth));
                continue;
            }
            Arguments arguments = new Arguments(macro, token, work, input);
            if (!arguments.present) {
                result.add(token);
                continue;
            }
            HideSet both = HideSet.intersection(token.hidden(), arguments.closingHidden);
            HideSet hide = HideSet.plus(both, macro);
            pushFront(work, substitute(macro, arguments.values, hide, token.position(), depth));
        }
        return result;
    }

    private static void pushFront(Deque<PpToken> work, List<PpToken> tokens) {
        for (PpToken token : tokens.reversed()) {
            work.push(token);
        }
    }

    /** The arguments of one invocation, if a parenthesis follows at all. */
    private static final class Arguments {

        final List<List<PpToken>> values = new ArrayList<>();
        boolean present;
        @Nullable HideSet closingHidden;

        Arguments(Macro macro, PpToken name, Deque<PpToken> work, @Nullable PpInput input) {
            List<PpToken> fromWork = new ArrayList<>();
            List<PpToken> fromInput = new ArrayList<>();
            PpToken token = next(work, input, fromWork, fromInput, name);
            while (token.isBlank()) {
                token = next(work, input, fromWork, fromInput, name);
            }
            if (!token.is("(")) {
                pushFront(work, fromWork);
                if (input != null) {
                    input.push(fromInput);
                }
                return;
            }
            present = true;
            read(macro, name, work, input);
        }

        private void read(Macro macro, PpToken name, Deque<PpToken> work, @Nullable PpInput input) {
            List<String> parameters = macro.parameters == null ? List.of() : macro.parameters;
            List<PpToken> scratch = new ArrayList<>();
            List<PpToken> argument = new ArrayList<>();
            int open = 1;
            while (true) {
                scratch.clear();
                PpToken token = next(work, input, scratch, scratch, name);
                if (token.kind() == Kind.END) {
                    throw name.position().malformed("no ) ends the arguments of " + name.text());
                }
                open += token.is("(") ? 1 : token.is(")") ? -1 : 0;
                boolean separates =
                        open == 1
                                && token.is(",")
                                && !(macro.variadic && values.size() == parameters.size() - 1);
                if (open == 0 || separates) {
                    values.add(trimmed(argument));
                    argument = new ArrayList<>();
                    if (open == 0) {
                        closingHidden = token.hidden();
                        break;
                    }
                } else if (token.kind() == Kind.NEWLINE) {
                    argument.add(PpToken.of(Kind.SPACE, " ", token.position()));
                } else {
                    argument.add(token);
                }
            }
            if (parameters.isEmpty() && values.size() == 1 && values.getFirst().isEmpty()) {
                values.clear();
            }
            if (macro.variadic && values.size() == parameters.size() - 1) {
                values.add(List.of());
            }
            if (values.size() != parameters.size()) {
                throw name.position()
                        .malformed(
                                "macro %s has %d arguments, wanted %d"
                                        .formatted(name.text(), values.size(), parameters.size()));
            }
        }

        private static List<PpToken> trimmed(List<PpToken> argument) {
            int start = 0;
            int end = argument.size();
            while (start < end && argument.get(start).isBlank()) {
                start++;
            }
            while (end > start && argument.get(end - 1).isBlank()) {
                end--;
            }
            return List.copyOf(argument.subList(start, end));
        }

        private static PpToken next(
                Deque<PpToken> work,
                @Nullable PpInput input,
                List<PpToken> fromWork,
                List<PpToken> fromInput,
                PpToken name) {
            if (!work.isEmpty()) {
                fromWork.add(work.pop());
                return fromWork.getLast();
            }
            if (input == null || input.atEnd()) {
                return PpToken.of(Kind.END, "", name.position());
            }
            fromInput.add(input.next());
            return fromInput.getLast();
        }
    }

    private List<PpToken> substitute(
            Macro macro, List<List<PpToken>> arguments, HideSet hide, Position where, int depth) {
        List<PpToken> result = new ArrayList<>();
        List<PpToken> body = macro.body;
        for (int i = 0; i < body.size(); i++) {
            PpToken token = body.get(i);
            int next = nextWord(body, i);
            if (token.is("##") && !result.isEmpty() && next < body.size()) {
                paste(result, operand(macro, arguments, body.get(next)), macro, body.get(next));
                i = next;
            } else if (token.is("#")
                    && macro.parameters != null
                    && next < body.size()
                    && parameter(macro, body.get(next)) >= 0) {
                List<PpToken> value = arguments.get(parameter(macro, body.get(next)));
                result.add(PpToken.of(Kind.STRING, quoted(value), where));
                i = next;
            } else if (parameter(macro, token) >= 0) {
                List<PpToken> value = arguments.get(parameter(macro, token));
                boolean pasted = next < body.size() && body.get(next).is("##");
                if (pasted) {
                    result.addAll(value.isEmpty() ? List.of(nothing(where)) : value);
                } else {
                    result.addAll(expand(new ArrayDeque<>(value), null, depth + 1));
                }
            } else {
                result.add(token.at(where, token.hidden()));
            }
            charge(result, where);
        }
        result.removeIf(token -> token.text().isEmpty());
        for (PpToken token : result) {
            expandedChars += token.text().length();
        }
        charge(List.of(), where);
        result.replaceAll(token -> token.at(token.position(), HideSet.union(hide, token.hidden())));
        return result;
    }

    private void charge(List<PpToken> pending, Position where) {
        PpToken last = pending.isEmpty() ? nothing(where) : pending.getLast();
        if (expandedChars + pending.size() + last.text().length() > DtsLimits.TEXT_CHARS_MAX) {
            throw where.malformed(
                    "macros expand to more than %d characters".formatted(DtsLimits.TEXT_CHARS_MAX));
        }
    }

    private static PpToken nothing(Position where) {
        return PpToken.of(Kind.PUNCTUATION, "", where);
    }

    private static int nextWord(List<PpToken> body, int index) {
        int next = index + 1;
        while (next < body.size() && body.get(next).isBlank()) {
            next++;
        }
        return next;
    }

    private static int parameter(Macro macro, PpToken token) {
        return macro.parameters == null || token.kind() != Kind.IDENTIFIER
                ? -1
                : macro.parameters.indexOf(token.text());
    }

    private static List<PpToken> operand(
            Macro macro, List<List<PpToken>> arguments, PpToken token) {
        int parameter = parameter(macro, token);
        return parameter >= 0 ? arguments.get(parameter) : List.of(token);
    }

    private static void paste(
            List<PpToken> result, List<PpToken> right, Macro macro, PpToken rightInBody) {
        while (result.size() > 1 && result.getLast().isBlank()) {
            result.removeLast();
        }
        PpToken left = result.removeLast();
        boolean variableArguments =
                macro.variadic
                        && macro.parameters != null
                        && parameter(macro, rightInBody) == macro.parameters.size() - 1;
        if (left.is(",") && variableArguments) {
            if (!right.isEmpty()) {
                result.add(left);
                result.addAll(right);
            }
            return;
        }
        if (right.isEmpty()) {
            result.add(left);
            return;
        }
        PpToken first = right.getFirst();
        String joined = left.text() + first.text();
        HideSet hidden = HideSet.intersection(left.hidden(), first.hidden());
        result.add(new PpToken(kindOf(joined), joined, left.position(), hidden));
        result.addAll(right.subList(1, right.size()));
    }

    private static Kind kindOf(String joined) {
        if (joined.isEmpty()) {
            return Kind.PUNCTUATION;
        }
        if (PpCursor.isIdentifierStart(joined.charAt(0))) {
            return joined.chars().allMatch(c -> PpCursor.isIdentifierPart((char) c))
                    ? Kind.IDENTIFIER
                    : Kind.PUNCTUATION;
        }
        return PpCursor.isDigit(joined.charAt(0)) ? Kind.NUMBER : Kind.PUNCTUATION;
    }

    private static String quoted(List<PpToken> value) {
        StringBuilder quoted = new StringBuilder("\"");
        for (PpToken token : value) {
            boolean literal = token.kind() == Kind.STRING || token.kind() == Kind.CHARACTER;
            quoted.append(
                    literal
                            ? token.text().replace("\\", "\\\\").replace("\"", "\\\"")
                            : token.text());
        }
        return quoted.append('"').toString();
    }
}
