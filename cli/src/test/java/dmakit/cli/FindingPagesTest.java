package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.check.FindingId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code docs/findings}: a page for each mistake, and no others. */
class FindingPagesTest {
    private static final Path PAGES = Path.of(System.getProperty("dmakit.root"), "docs/findings");

    @ParameterizedTest
    @EnumSource(FindingId.class)
    void everyIdHasAPageWithItsSeverity(FindingId id) throws IOException {
        List<String> page = Files.readAllLines(PAGES.resolve(id.text() + ".md"));
        String severity = id.severity().name().toLowerCase(Locale.ROOT);

        assertThat(page.getFirst()).isEqualTo("# " + id.text());
        assertThat(page.get(2).toLowerCase(Locale.ROOT)).startsWith(severity + ". ");
        assertThat(page)
                .contains("## Example", "## What hardware does", "## Cure", "## What Linux says");
    }

    @Test
    void everyPageHasAnId() throws IOException {
        try (Stream<Path> pages = Files.list(PAGES)) {
            assertThat(pages).hasSize(FindingId.values().length + 1);
        }
    }
}
