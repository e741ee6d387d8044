package dmakit.devicetree.dts;

import java.io.ByteArrayOutputStream;

/** The escapes of strings and characters, those of C. */
final class Escapes {

    private Escapes() {}

    /** The bytes that the characters in [start, end) stand for. */
    static byte[] bytes(SourceText text, int start, int end) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(end - start + 1);
        int at = start;
        while (at < end) {
            char c = text.charAt(at++);
            if (c != '\\' || at >= end) {
                bytes.write(c);
                continue;
            }
            char escape = text.charAt(at++);
            if (isOctal(escape)) {
                int value = escape - '0';
                for (int digits = 1; digits < 3 && at < end && isOctal(text.charAt(at)); digits++) {
                    value = value * 8 + text.charAt(at++) - '0';
                }
                bytes.write(value);
            } else if (escape == 'x') {
                int value = 0;
                int first = at;
                while (at < end && at < first + 2 && Character.digit(text.charAt(at), 16) >= 0) {
                    value = value * 16 + Character.digit(text.charAt(at++), 16);
                }
                if (at == first) {
                    throw text.malformed(first - 2, "\\x without hexadecimal digits");
                }
                bytes.write(value);
            } else {
                bytes.write(plain(escape));
            }
        }
        return bytes.toByteArray();
    }

    private static boolean isOctal(char c) {
        return c >= '0' && c <= '7';
    }

    private static int plain(char escape) {
        return switch (escape) {
            case 'a' -> 7;
            case 'b' -> '\b';
            case 't' -> '\t';
            case 'n' -> '\n';
            case 'v' -> 11;
            case 'f' -> '\f';
            case 'r' -> '\r';
            default -> escape;
        };
    }
}
