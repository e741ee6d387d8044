package dmakit.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is excused in code is what is listed for people, row by row. */
class ListTest {
    private static final Path ROOT = Path.of(System.getProperty("dmakit.root"));
    private static final Pattern CONSTANT =
            Pattern.compile("^    ([A-Z][A-Z0-9_]*)\\(\\s*\"([^\"]+)\"\\)", Pattern.MULTILINE);
    private static final Pattern ROW =
            Pattern.compile("^\\| `([A-Z][A-Z0-9_]*)` \\| ([^|]+) \\|", Pattern.MULTILINE);

    @Test
    void everyDeviationHasItsRowAndEveryRowItsDeviation() throws IOException {
        List<String> excused = new ArrayList<>();
        for (Path file : deviations()) {
            excused.addAll(pairs(CONSTANT, Files.readString(file)));
        }
        List<String> listed =
                pairs(ROW, Files.readString(ROOT.resolve("docs/oracle-differences.md")));
        assertThat(excused).isNotEmpty().doesNotHaveDuplicates();
        assertThat(listed).containsExactlyInAnyOrderElementsOf(excused);
    }

    private static List<Path> deviations() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT.resolve("oracle/src/test/java"))) {
            return files.filter(file -> file.getFileName().toString().endsWith("Difference.java"))
                    .toList();
        }
    }

    private static List<String> pairs(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(hit -> hit.group(1) + ": " + hit.group(2))
                .toList();
    }
}
