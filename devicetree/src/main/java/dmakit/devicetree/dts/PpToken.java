package dmakit.devicetree.dts;

import org.jspecify.annotations.Nullable;

/**
 * A token as the C preprocessor sees it.
 *
 * @param kind its kind
 * @param text its characters; a space for any run of white space and comments
 * @param position where it was written; in an expansion, where the macro was named
 * @param hidden the macros it came out of
 */
record PpToken(Kind kind, String text, Position position, @Nullable HideSet hidden) {

    enum Kind {
        IDENTIFIER,
        NUMBER,
        STRING,
        CHARACTER,
        PUNCTUATION,
        SPACE,
        NEWLINE,
        END
    }

    static PpToken of(Kind kind, String text, Position position) {
        return new PpToken(kind, text, position, null);
    }

    boolean is(String punctuation) {
        return kind == Kind.PUNCTUATION && text.equals(punctuation);
    }

    boolean isBlank() {
        return kind == Kind.SPACE || kind == Kind.NEWLINE;
    }

    PpToken at(Position where, @Nullable HideSet hide) {
        return new PpToken(kind, text, where, hide);
    }
}
