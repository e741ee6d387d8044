package dmakit.machine.trace;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads JSON by the letter of RFC 8259, and nothing else; a double field is an error too. */
final class Json {
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** Objects as maps, arrays as lists, numbers as their text in a {@link Number}. */
    static Object parse(String text) {
        Json json = new Json(text);
        json.space();
        Object value = json.value();
        json.space();
        json.require(json.at == text.length());
        return value;
    }

    /** A number as it was written. */
    record Number(String digits) {}

    private Object value() {
        return switch (peek()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> literal("true", true);
            case 'f' -> literal("false", false);
            default -> number();
        };
    }

    private Map<String, Object> object() {
        Map<String, Object> fields = new LinkedHashMap<>();
        take('{');
        space();
        while (peek() != '}') {
            if (!fields.isEmpty()) {
                take(',');
                space();
            }
            String name = string();
            space();
            take(':');
            space();
            require(fields.put(name, value()) == null);
            space();
        }
        take('}');
        return fields;
    }

    private List<Object> array() {
        List<Object> items = new ArrayList<>();
        take('[');
        space();
        while (peek() != ']') {
            if (!items.isEmpty()) {
                take(',');
                space();
            }
            items.add(value());
            space();
        }
        take(']');
        return items;
    }

    private String string() {
        StringBuilder string = new StringBuilder();
        take('"');
        while (peek() != '"') {
            char c = text.charAt(at++);
            require(c >= ' ' && c < 0x7f);
            string.append(c == '\\' ? escaped() : c);
        }
        take('"');
        return string.toString();
    }

    private char escaped() {
        char c = text.charAt(at++);
        if (c == 'u') {
            at += 4;
            return (char) Integer.parseInt(text.substring(at - 4, at), 16);
        }
        require(c == '"' || c == '\\');
        return c;
    }

    private Number number() {
        int start = at;
        while (at < text.length() && "-0123456789.".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String digits = text.substring(start, at);
        require(digits.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?"));
        return new Number(digits);
    }

    private Object literal(String word, Object value) {
        require(text.startsWith(word, at));
        at += word.length();
        return value;
    }

    private void space() {
        while (at < text.length() && " \n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private char peek() {
        require(at < text.length());
        return text.charAt(at);
    }

    private void take(char c) {
        require(peek() == c);
        at++;
    }

    private void require(boolean holds) {
        if (!holds) {
            throw new IllegalArgumentException(
                    "no JSON at " + at + ": " + text.substring(Math.max(0, at - 40), at) + "<-");
        }
    }
}
