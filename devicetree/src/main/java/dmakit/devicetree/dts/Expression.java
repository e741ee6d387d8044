package dmakit.devicetree.dts;

import dmakit.devicetree.DeviceTreeException;
import java.util.List;

/**
 * A C integer expression of 64 bits: unsigned as in a tree, or signed as behind {@code #if}.
 *
 * <p>A division by zero, a number that does not fit, or a missing operand is an error; a shift by
 * 64 or more gives 0.
 */
final class Expression {

    /** Binary operators, loosest first; of one level the longer spelling first. */
    private static final List<List<String>> LEVELS =
            List.of(
                    List.of("||"),
                    List.of("&&"),
                    List.of("|"),
                    List.of("^"),
                    List.of("&"),
                    List.of("==", "!="),
                    List.of("<=", ">=", "<", ">"),
                    List.of("<<", ">>"),
                    List.of("+", "-"),
                    List.of("*", "/", "%"));

    private final SourceText text;
    private final boolean signed;
    private int at;
    private int depth;

    private Expression(SourceText text, int start, boolean signed) {
        this.text = text;
        this.at = start;
        this.signed = signed;
    }

    /** A value and the offset behind it. */
    record Result(long value, int end) {}

    /** The literal or parenthesized expression at an offset of a tree source. */
    static Result primary(SourceText text, int start) {
        Expression expression = new Expression(text, start, false);
        long value = expression.primary();
        return new Result(value, expression.at);
    }

    /** The expression that is all of the text, behind {@code #if}. */
    static boolean condition(SourceText text) {
        Expression expression = new Expression(text, 0, true);
        long value = expression.ternary();
        if (expression.skipSpace() != 0) {
            throw expression.unexpected("an operator or the end of the line");
        }
        return value != 0;
    }

    private long ternary() {
        enter();
        long condition = binary(0);
        if (skipSpace() == '?') {
            at++;
            long yes = ternary();
            if (skipSpace() != ':') {
                throw unexpected("':'");
            }
            at++;
            long no = ternary();
            condition = condition != 0 ? yes : no;
        }
        depth--;
        return condition;
    }

    private long binary(int level) {
        if (level == LEVELS.size()) {
            return unary();
        }
        long left = binary(level + 1);
        while (true) {
            String operator = operator(level);
            if (operator.isEmpty()) {
                return left;
            }
            int operatorAt = at;
            at += operator.length();
            left = apply(operator, left, binary(level + 1), operatorAt);
        }
    }

    /** The operator of this level that stands here, or nothing. */
    private String operator(int level) {
        char first = skipSpace();
        char second = at + 1 < text.length() ? text.charAt(at + 1) : 0;
        for (String operator : LEVELS.get(level)) {
            boolean here =
                    operator.length() == 2
                            ? operator.charAt(0) == first && operator.charAt(1) == second
                            : operator.charAt(0) == first
                                    && !(second == first && "|&<>".indexOf(first) >= 0);
            if (here) {
                return operator;
            }
        }
        return "";
    }

    private long apply(String operator, long a, long b, int operatorAt) {
        return switch (operator) {
            case "||" -> bool(a != 0 || b != 0);
            case "&&" -> bool(a != 0 && b != 0);
            case "|" -> a | b;
            case "^" -> a ^ b;
            case "&" -> a & b;
            case "==" -> bool(a == b);
            case "!=" -> bool(a != b);
            case "<=" -> bool(compare(a, b) <= 0);
            case ">=" -> bool(compare(a, b) >= 0);
            case "<" -> bool(compare(a, b) < 0);
            case ">" -> bool(compare(a, b) > 0);
            case "<<" -> b < 0 || b > 63 ? 0 : a << b;
            case ">>" -> b < 0 || b > 63 ? 0 : signed ? a >> b : a >>> b;
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "/" -> {
                requireDivisor(b, operatorAt);
                yield signed ? a / b : Long.divideUnsigned(a, b);
            }
            case "%" -> {
                requireDivisor(b, operatorAt);
                yield signed ? a % b : Long.remainderUnsigned(a, b);
            }
            default -> throw new IllegalArgumentException("no operator " + operator);
        };
    }

    private static long bool(boolean value) {
        return value ? 1 : 0;
    }

    private int compare(long a, long b) {
        return signed ? Long.compare(a, b) : Long.compareUnsigned(a, b);
    }

    private void requireDivisor(long divisor, int operatorAt) {
        if (divisor == 0) {
            throw text.malformed(operatorAt, "division by zero");
        }
    }

    private long unary() {
        enter();
        char c = skipSpace();
        long value =
                switch (c) {
                    case '-' -> {
                        at++;
                        yield -unary();
                    }
                    case '~' -> {
                        at++;
                        yield ~unary();
                    }
                    case '!' -> {
                        at++;
                        yield bool(unary() == 0);
                    }
                    case '+' -> {
                        if (!signed) {
                            throw unexpected("a number");
                        }
                        at++;
                        yield unary();
                    }
                    default -> primary();
                };
        depth--;
        return value;
    }

    private long primary() {
        char c = skipSpace();
        if (c == '(') {
            at++;
            long value = ternary();
            if (skipSpace() != ')') {
                throw unexpected("')'");
            }
            at++;
            return value;
        }
        if (c == '\'') {
            return character();
        }
        if (PpCursor.isDigit(c)) {
            return number();
        }
        if (signed && PpCursor.isIdentifierStart(c)) {
            while (at < text.length() && PpCursor.isIdentifierPart(text.charAt(at))) {
                at++;
            }
            return 0; // an identifier that is no macro, as C has it
        }
        throw unexpected("a number");
    }

    private long character() {
        int start = at;
        int end = start + 1;
        while (end < text.length() && text.charAt(end) != '\'' && text.charAt(end) != '\n') {
            end += text.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= text.length() || text.charAt(end) != '\'') {
            throw text.malformed(start, "a character that no ' ends");
        }
        byte[] bytes = Escapes.bytes(text, start + 1, end);
        if (bytes.length != 1) {
            throw text.malformed(
                    start, "a character of %d bytes, wanted one".formatted(bytes.length));
        }
        at = end + 1;
        return bytes[0] & 0xff;
    }

    private long number() {
        int start = at;
        while (at < text.length() && PpCursor.isIdentifierPart(text.charAt(at))) {
            at++;
        }
        String literal = text.substring(start, at);
        String digits = literal.replaceFirst("(?i)(u|l|ll|ul|ull|lu|llu)$", "");
        try {
            if (digits.startsWith("0x") || digits.startsWith("0X")) {
                return Long.parseUnsignedLong(digits, 2, digits.length(), 16);
            }
            if (digits.startsWith("0") && digits.length() > 1) {
                return Long.parseUnsignedLong(digits, 1, digits.length(), 8);
            }
            return Long.parseUnsignedLong(digits);
        } catch (NumberFormatException e) {
            throw text.malformed(
                    start, "'%s' is no number of at most 64 bits".formatted(abridged(literal)));
        }
    }

    private static String abridged(String word) {
        return word.length() <= 40 ? word : word.substring(0, 40) + "...";
    }

    private void enter() {
        if (++depth > DtsLimits.EXPRESSION_DEPTH_MAX) {
            throw text.malformed(
                    Math.min(at, text.length()),
                    "an expression that nests deeper than %d"
                            .formatted(DtsLimits.EXPRESSION_DEPTH_MAX));
        }
    }

    /** Moves to the next character that is no white space and returns it, 0 at the end. */
    private char skipSpace() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at < text.length() ? text.charAt(at) : 0;
    }

    private DeviceTreeException unexpected(String wanted) {
        char c = skipSpace();
        return text.malformed(
                at,
                c == 0
                        ? "the text ends where %s is wanted".formatted(wanted)
                        : "found '%c', wanted %s".formatted(c, wanted));
    }
}
