package dmakit.devicetree.dts;

import dmakit.devicetree.dts.PpToken.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The tokens of one file, some of which may be put back. */
final class PpInput {

    /** Tokens read since, to be put back or forgotten. */
    static final class Mark {
        private final List<PpToken> read = new ArrayList<>();
    }

    private final PpCursor cursor;
    private final Deque<PpToken> ahead = new ArrayDeque<>();
    private final Deque<Mark> marks = new ArrayDeque<>();

    PpInput(PpCursor cursor) {
        this.cursor = cursor;
    }

    PpToken next() {
        PpToken token = ahead.isEmpty() ? cursor.next() : ahead.pop();
        if (!marks.isEmpty()) {
            marks.getFirst().read.add(token);
        }
        return token;
    }

    boolean atEnd() {
        return ahead.isEmpty() ? cursor.atEnd() : ahead.getFirst().kind() == Kind.END;
    }

    /** Whether a line that starts here may be a directive; cuts no token that is not looked at. */
    boolean mayBeDirective() {
        return !ahead.isEmpty() || cursor.atHash();
    }

    /** The next token; the end is never consumed. */
    PpToken nextUnlessEnd() {
        return peek().kind() == Kind.END ? peek() : next();
    }

    PpToken peek() {
        if (ahead.isEmpty()) {
            ahead.push(cursor.next());
        }
        return ahead.getFirst();
    }

    Mark mark() {
        Mark mark = new Mark();
        marks.push(mark);
        return mark;
    }

    void reset(Mark mark) {
        forget(mark);
        for (PpToken token : mark.read.reversed()) {
            ahead.push(token);
        }
    }

    void forget(Mark mark) {
        if (marks.pop() != mark) {
            throw new IllegalStateException("marks are released in the order they were not set");
        }
        if (!marks.isEmpty()) {
            marks.getFirst().read.addAll(mark.read);
        }
    }

    void push(List<PpToken> tokens) {
        for (PpToken token : tokens.reversed()) {
            ahead.push(token);
        }
    }

    /** The tokens up to the end of the line, which is consumed. */
    List<PpToken> line() {
        List<PpToken> line = new ArrayList<>();
        while (peek().kind() != Kind.END) {
            PpToken token = next();
            if (token.kind() == Kind.NEWLINE) {
                break;
            }
            line.add(token);
        }
        return line;
    }

    /** Drops the rest of the line without cutting it into tokens; it may hold lone quotes. */
    void skipLine() {
        rest(cursor);
    }

    /** The rest of the line as text; its end is consumed. */
    String rest(PpCursor from) {
        StringBuilder rest = new StringBuilder();
        while (!ahead.isEmpty()) {
            PpToken token = ahead.getFirst();
            if (token.kind() == Kind.END) {
                return rest.toString();
            }
            ahead.pop();
            if (token.kind() == Kind.NEWLINE) {
                return rest.toString();
            }
            rest.append(token.text());
        }
        rest.append(from.restOfLine());
        nextUnlessEnd();
        return rest.toString();
    }
}
