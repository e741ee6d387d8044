package dmakit.cli;

import dmakit.labs.measure.Sizes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --sizes}: which sizes of transfers are compared. Use as {@code @Mixin}. */
final class SizesOption {

    @Option(
            names = "--sizes",
            paramLabel = "SIZE,...",
            description =
                    "Sizes of transfers, 16 to 4M in multiples of 16, as 64,4K,1M"
                            + " (default: some from 16 to 4M).")
    private @Nullable String sizes;

    /**
     * The sizes in bytes, ascending, each once.
     *
     * @throws CouldNotRun when one is none
     */
    List<Integer> sizes(List<Integer> usual) {
        String text = sizes;
        if (text == null) {
            return usual;
        }
        TreeSet<Integer> wanted = new TreeSet<>();
        for (String word : text.split(",", -1)) {
            wanted.add(size("--sizes", word.strip()));
        }
        if (wanted.size() > Sizes.COUNT_MAX) {
            throw new CouldNotRun(
                    "--sizes: %d sizes, at most %d".formatted(wanted.size(), Sizes.COUNT_MAX));
        }
        return new ArrayList<>(wanted);
    }

    /**
     * A size in bytes.
     *
     * @param option that has it
     * @throws CouldNotRun when it is none
     */
    static int size(String option, String word) {
        String digits = word;
        int shift = 0;
        String upper = word.toUpperCase(Locale.ROOT);
        if (upper.endsWith("K") || upper.endsWith("M")) {
            digits = word.substring(0, word.length() - 1);
            shift = upper.endsWith("K") ? 10 : 20;
        }
        // Nine digits fit an int, and no size has more.
        if (digits.matches("[0-9]{1,9}")) {
            long bytes = Long.parseLong(digits) << shift;
            if (Sizes.isValid(bytes)) {
                return (int) bytes;
            }
        }
        throw new CouldNotRun(
                "%s: '%s' is no multiple of %d from %d to %dM"
                        .formatted(option, word, Sizes.STEP, Sizes.MIN, Sizes.MAX >> 20));
    }
}
