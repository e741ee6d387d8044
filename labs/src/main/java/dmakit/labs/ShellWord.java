package dmakit.labs;

import java.util.regex.Pattern;

/** A text as one would type it into a shell. */
public final class ShellWord {
    private static final Pattern PLAIN = Pattern.compile("[\\p{L}\\p{N}_@%+=:,./-]+");

    private ShellWord() {}

    /** The text itself when a shell takes it literally, else the text in single quotes. */
    public static String of(String text) {
        if (PLAIN.matcher(text).matches()) {
            return text;
        }
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
