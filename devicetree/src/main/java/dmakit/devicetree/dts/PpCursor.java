package dmakit.devicetree.dts;

import dmakit.devicetree.dts.PpToken.Kind;

/** Cuts one file into tokens; joins continued lines and drops comments. */
final class PpCursor {

    private static final char END = '\uffff';

    private final String file;
    private final String text;
    private int at;
    private int line = 1;
    private int column = 1;
    private int lineShift;
    private String shownFile;

    PpCursor(String file, String text) {
        this.file = file;
        this.text = text;
        this.shownFile = file;
    }

    String file() {
        return file;
    }

    Position position() {
        return new Position(shownFile, line + lineShift, column);
    }

    /** The line that starts here counts as that line of that file, as a line marker says. */
    void pretend(String shown, int thisLine) {
        shownFile = shown;
        lineShift = thisLine - line;
    }

    boolean atEnd() {
        return peek() == END;
    }

    /** Whether the next character that is no space is {@code #}. */
    boolean atHash() {
        int ahead = at;
        while (ahead < text.length() && isSpace(text.charAt(ahead))) {
            ahead++;
        }
        return ahead < text.length() && text.charAt(ahead) == '#';
    }

    PpToken next() {
        Position start = position();
        char c = peek();
        if (c == END) {
            return PpToken.of(Kind.END, "", start);
        }
        if (c == '\n') {
            step();
            return PpToken.of(Kind.NEWLINE, "\n", start);
        }
        if (isSpace(c) || startsComment(c)) {
            skipBlank();
            return PpToken.of(Kind.SPACE, " ", start);
        }
        StringBuilder word = new StringBuilder();
        if (isIdentifierStart(c)) {
            while (isIdentifierPart(peek())) {
                word.append(step());
            }
            return PpToken.of(Kind.IDENTIFIER, word.toString(), start);
        }
        if (isDigit(c)) {
            while (isIdentifierPart(peek()) || peek() == '.') {
                word.append(step());
            }
            return PpToken.of(Kind.NUMBER, word.toString(), start);
        }
        if (c == '"') {
            return string(start);
        }
        if (c == '\'') {
            return character(start);
        }
        return PpToken.of(Kind.PUNCTUATION, String.valueOf(step()), start);
    }

    /** What is left of the line as it stands, the line end not included. */
    String restOfLine() {
        StringBuilder rest = new StringBuilder();
        while (peek() != '\n' && peek() != END) {
            if (startsComment(peek())) {
                skipBlank();
                rest.append(' ');
            } else {
                rest.append(step());
            }
        }
        return rest.toString();
    }

    private PpToken string(Position start) {
        StringBuilder word = new StringBuilder().append(step());
        while (true) {
            char c = rawPeek();
            if (c == END) {
                throw start.malformed("a string that no \" ends");
            }
            word.append(rawStep());
            if (c == '"') {
                return PpToken.of(Kind.STRING, word.toString(), start);
            }
            if (c == '\\' && rawPeek() != END) {
                word.append(rawStep());
            }
        }
    }

    /** A character literal, or a lone quote when the line ends first. */
    private PpToken character(Position start) {
        int end = at + 1;
        while (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != '\'') {
            end += text.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= text.length() || text.charAt(end) != '\'') {
            return PpToken.of(Kind.PUNCTUATION, String.valueOf(step()), start);
        }
        StringBuilder word = new StringBuilder();
        while (at <= end) {
            word.append(rawStep());
        }
        return PpToken.of(Kind.CHARACTER, word.toString(), start);
    }

    private void skipBlank() {
        while (true) {
            char c = peek();
            if (startsComment(c)) {
                skipComment();
            } else if (isSpace(c)) {
                step();
            } else {
                return;
            }
        }
    }

    private boolean startsComment(char c) {
        return c == '/' && at + 1 < text.length() && "*/".indexOf(text.charAt(at + 1)) >= 0;
    }

    private void skipComment() {
        Position start = position();
        step();
        if (step() == '/') {
            while (peek() != '\n' && peek() != END) {
                step();
            }
            return;
        }
        while (true) {
            char c = rawPeek();
            if (c == END) {
                throw start.malformed("a comment that no */ ends");
            }
            rawStep();
            if (c == '*' && rawPeek() == '/') {
                rawStep();
                return;
            }
        }
    }

    /** The next character behind any continuation of the line. */
    private char peek() {
        while (rawPeek() == '\\') {
            int next = at + 1;
            if (next < text.length() && text.charAt(next) == '\r') {
                next++;
            }
            if (next >= text.length() || text.charAt(next) != '\n') {
                break;
            }
            while (at <= next) {
                rawStep();
            }
        }
        return rawPeek();
    }

    private char step() {
        peek();
        return rawStep();
    }

    private char rawPeek() {
        return at < text.length() ? text.charAt(at) : END;
    }

    private char rawStep() {
        char c = text.charAt(at++);
        if (c == '\n') {
            line++;
            column = 1;
        } else {
            column++;
        }
        return c;
    }

    static boolean isSpace(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\u000b';
    }

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    static boolean isIdentifierStart(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    }

    static boolean isIdentifierPart(char c) {
        return isIdentifierStart(c) || isDigit(c);
    }
}
