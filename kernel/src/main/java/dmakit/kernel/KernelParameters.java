package dmakit.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The words of a kernel command line. A word is {@code name}, or {@code name=value}; names may be
 * written with {@code -} or {@code _}.
 */
@Linux(file = "kernel/params.c", symbol = "parse_args")
public final class KernelParameters {
    /** Longest command line, in characters. */
    @Linux(file = "arch/arm64/include/uapi/asm/setup.h", symbol = "COMMAND_LINE_SIZE")
    public static final int LENGTH_MAX = 2048;

    private record Word(String name, Optional<String> value) {}

    /**
     * What a word sets of a module.
     *
     * @param name of the parameter
     * @param value empty where the name came alone
     */
    public record Setting(String name, Optional<String> value) {}

    private final List<Word> words = new ArrayList<>();

    /**
     * Reads a command line; words are separated by blanks, those behind {@code --} are init's.
     *
     * @throws KernelException EINVAL when it is longer than {@link #LENGTH_MAX}
     */
    public KernelParameters(String commandLine) {
        if (commandLine.length() > LENGTH_MAX) {
            throw new KernelException(
                    Errno.EINVAL,
                    "a command line of %d characters, limit is %d",
                    commandLine.length(),
                    LENGTH_MAX);
        }
        for (String text : commandLine.trim().split("\\s+", -1)) {
            if (text.equals("--")) {
                return;
            }
            int equals = text.indexOf('=');
            if (equals != 0 && !text.isEmpty()) {
                words.add(
                        equals < 0
                                ? new Word(unified(text), Optional.empty())
                                : new Word(
                                        unified(text.substring(0, equals)),
                                        Optional.of(text.substring(equals + 1))));
            }
        }
    }

    private static String unified(String name) {
        return name.replace('-', '_');
    }

    /** Whether a word is there, with a value or without. */
    public boolean has(String name) {
        return words.stream().anyMatch(word -> word.name().equals(unified(name)));
    }

    /** The value of a word that is there; of several the last counts. */
    public Optional<String> value(String name) {
        List<String> values = values(name);
        return values.isEmpty() ? Optional.empty() : Optional.of(values.getLast());
    }

    /** The values of all words of a name that have one, in order. */
    public List<String> values(String name) {
        return words.stream()
                .filter(word -> word.name().equals(unified(name)))
                .flatMap(word -> word.value().stream())
                .toList();
    }

    /** What words {@code module.name=value} set of a module, in order. */
    public List<Setting> ofModule(String module) {
        String prefix = unified(module) + ".";
        return words.stream()
                .filter(word -> word.name().startsWith(prefix))
                .map(word -> new Setting(word.name().substring(prefix.length()), word.value()))
                .toList();
    }

    /** A yes or no, as {@link #parseFlag} reads it. */
    public Optional<Boolean> flag(String name) {
        return value(name).flatMap(KernelParameters::parseFlag);
    }

    /**
     * Reads a yes or no: {@code 1}, {@code y}, {@code on} or {@code 0}, {@code n}, {@code off}; one
     * or two characters decide.
     */
    @Linux(file = "lib/kstrtox.c", symbol = "kstrtobool")
    public static Optional<Boolean> parseFlag(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        return switch (text.charAt(0)) {
            case 'y', 'Y', 't', 'T', '1' -> Optional.of(true);
            case 'n', 'N', 'f', 'F', '0' -> Optional.of(false);
            case 'o', 'O' -> onOrOff(text);
            default -> Optional.empty();
        };
    }

    private static Optional<Boolean> onOrOff(String text) {
        if (text.length() < 2) {
            return Optional.empty();
        }
        return switch (text.charAt(1)) {
            case 'n', 'N' -> Optional.of(true);
            case 'f', 'F' -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    /**
     * A number at the start of a text, with what is behind it.
     *
     * @param value unsigned
     * @param rest what follows it
     */
    public record Parsed(long value, String rest) {}

    /**
     * Reads a size: decimal, {@code 0x} or octal, then {@code K}, {@code M}, {@code G}, {@code T},
     * {@code P} or {@code E} for a power of 1024.
     *
     * @return empty when the text begins with no number, or it does not fit 64 bits
     */
    @Linux(file = "lib/cmdline.c", symbol = "memparse")
    public static Optional<Parsed> memparse(String text) {
        int radix = 10;
        int at = 0;
        if (text.startsWith("0x") || text.startsWith("0X")) {
            radix = 16;
            at = 2;
        } else if (text.startsWith("0")) {
            radix = 8;
        }
        int end = at;
        while (end < text.length() && Character.digit(text.charAt(end), radix) >= 0) {
            end++;
        }
        OptionalLong digits = number(text.substring(at, end), radix);
        if (digits.isEmpty()) {
            return Optional.empty();
        }
        int shift = end < text.length() ? shiftOf(text.charAt(end)) : 0;
        long value = digits.getAsLong();
        if (shift > 0 && value >>> (Long.SIZE - shift) != 0) {
            return Optional.empty();
        }
        return Optional.of(new Parsed(value << shift, text.substring(shift == 0 ? end : end + 1)));
    }

    private static OptionalLong number(String digits, int radix) {
        try {
            return OptionalLong.of(Long.parseUnsignedLong(digits, radix));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    private static int shiftOf(char unit) {
        return switch (unit) {
            case 'K', 'k' -> 10;
            case 'M', 'm' -> 20;
            case 'G', 'g' -> 30;
            case 'T', 't' -> 40;
            case 'P', 'p' -> 50;
            case 'E', 'e' -> 60;
            default -> 0;
        };
    }
}
