package dmakit.cli.report;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds {@code dmakit: allow(id) reason} in the comments of a C source.
 *
 * <p>A comment beside code speaks of its own lines; one without, of the next line that is no
 * comment.
 */
final class AllowComments {
    private static final Pattern ALLOW =
            Pattern.compile("dmakit:\\s*allow\\(([^()]*)\\)((?:(?!dmakit:).)*)", Pattern.DOTALL);

    private record Comment(int from, int to, String text) {}

    private final String text;
    private final List<Comment> comments = new ArrayList<>();
    private final BitSet codeLines = new BitSet();
    private final BitSet commentLines = new BitSet();
    private int at;
    private int line = 1;

    private AllowComments(String text) {
        this.text = text;
    }

    /** The suppressions of one file, in their order. */
    static List<Suppression> of(String file, String text) {
        var scan = new AllowComments(text);
        scan.scan();
        List<Suppression> found = new ArrayList<>();
        for (Comment comment : scan.comments) {
            Matcher allow = ALLOW.matcher(comment.text());
            while (allow.find()) {
                String reason = allow.group(2).replaceAll("[\\s*]*\\R[\\s*]*", " ").strip();
                for (String id : allow.group(1).split(",", -1)) {
                    found.add(scan.suppression(file, comment, id.strip(), reason));
                }
            }
        }
        return found;
    }

    private Suppression suppression(String file, Comment comment, String id, String reason) {
        int from = comment.from();
        int to = comment.to();
        int code = codeLines.nextSetBit(from);
        if (code < 0 || code > to) {
            from = to + 1;
            while (commentLines.get(from) && !codeLines.get(from)) {
                from++;
            }
            to = from;
        }
        return new Suppression(
                id, file, from, to, reason, new Suppression.Origin.Comment(comment.from()));
    }

    // One pass over the characters.

    private void scan() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (text.startsWith("//", at)) {
                comment(endOfLine(), 0);
            } else if (text.startsWith("/*", at)) {
                int end = text.indexOf("*/", at + 2);
                comment(end < 0 ? text.length() : end, 2);
            } else if (c == '"' || c == '\'') {
                literal(c);
            } else {
                advance(!Character.isWhitespace(c));
            }
        }
    }

    private int endOfLine() {
        int end = text.indexOf('\n', at);
        return end < 0 ? text.length() : end;
    }

    private void comment(int end, int closing) {
        int from = line;
        String words = text.substring(at + 2, Math.max(at + 2, end));
        int stop = Math.min(text.length(), end + closing);
        line += (int) words.chars().filter(c -> c == '\n').count();
        commentLines.set(from, line + 1);
        comments.add(new Comment(from, line, words));
        at = stop;
    }

    /** Ends at its closing mark, or at the end of its line, where it is broken. */
    private void literal(char mark) {
        advance(true);
        while (at < text.length() && text.charAt(at) != mark && text.charAt(at) != '\n') {
            if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                advance(true);
            }
            advance(true);
        }
        if (at < text.length() && text.charAt(at) == mark) {
            advance(true);
        }
    }

    private void advance(boolean code) {
        if (code) {
            codeLines.set(line);
        }
        if (text.charAt(at) == '\n') {
            line++;
        }
        at++;
    }
}
