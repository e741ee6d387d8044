package dmakit.cli.report;

import static dmakit.cli.report.Reports.finding;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dmakit.kernel.check.FindingId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SuppressionsTest {
    @TempDir private Path folder;

    @Nested
    class AComment {
        private List<Suppression> of(String... lines) {
            return AllowComments.of("a.c", String.join("\n", lines));
        }

        @Test
        void besideCodeSpeaksOfItsLine() {
            assertThat(of("int a;", "f(a); /* dmakit: allow(stale-read) the chip wants it */", ""))
                    .containsExactly(
                            new Suppression(
                                    "stale-read",
                                    "a.c",
                                    2,
                                    2,
                                    "the chip wants it",
                                    new Suppression.Origin.Comment(2)));
            assertThat(of("f(a); // dmakit: allow(timeout) slow").getFirst().from()).isEqualTo(1);
            assertThat(of("/* dmakit: allow(timeout) slow */ f(a);").getFirst().from())
                    .isEqualTo(1);
        }

        @Test
        void onItsOwnSpeaksOfTheNextLine() {
            assertThat(of("\t// dmakit: allow(timeout) slow", "f(a);"))
                    .extracting(Suppression::from, Suppression::to, Suppression::reason)
                    .containsExactly(tuple(2, 2, "slow"));
        }

        @Test
        void speaksPastOtherComments() {
            assertThat(
                            of(
                                    "/* dmakit: allow(timeout) slow */",
                                    "/*",
                                    " * dmakit: allow(stale-read) read twice,",
                                    " * as the manual wants",
                                    " */",
                                    "f(a);"))
                    .extracting(Suppression::id, Suppression::from, Suppression::reason)
                    .containsExactly(
                            tuple("timeout", 6, "slow"),
                            tuple("stale-read", 6, "read twice, as the manual wants"));
        }

        @Test
        void mayAllowSeveral() {
            assertThat(of("f(); // dmakit: allow(timeout, stale-read) both"))
                    .extracting(Suppression::id)
                    .containsExactly("timeout", "stale-read");
            assertThat(of("f(); /* dmakit: allow(a) one dmakit: allow(b) two */"))
                    .extracting(Suppression::id, Suppression::reason)
                    .containsExactly(tuple("a", "one"), tuple("b", "two"));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "char *s = \"/* dmakit: allow(timeout) no comment */\";",
                    "char *s = \"\\\"// dmakit: allow(timeout) x\";",
                    "char c = '\"'; char *s = \"// dmakit: allow(timeout) x\";",
                    "/* dmakit allow(timeout) */",
                    "/* unfinished: dmakit: allow(timeout",
                    "/*/ dmakit"
                })
        void isNeitherAStringNorSomethingElse(String text) {
            assertThat(of(text)).isEmpty();
        }

        @Test
        void thatNeverEndsIsReadToTheEnd() {
            assertThat(of("f();", "/* dmakit: allow(timeout) x")).hasSize(1);
            assertThat(of("/*")).isEmpty();
            assertThat(of("//")).isEmpty();
            assertThat(of("\"")).isEmpty();
        }
    }

    @Nested
    class AFile {
        private Suppressions with(String... lines) {
            var suppressions = new Suppressions(new Sources());
            suppressions.add("list", List.of(lines));
            return suppressions;
        }

        @Test
        void allowsAWholeFileOrALine() {
            Suppressions list =
                    with("# known", "", "stale-read a.c:12 the chip", "timeout b.c slow board");
            Suppressions.Divided divided =
                    list.divide(
                            List.of(
                                    finding("stale-read", "a.c", 12),
                                    finding("stale-read", "a.c", 13),
                                    finding("timeout", "./b.c", 99),
                                    finding("timeout", "c/b.c", 99)));
            assertThat(divided.counted())
                    .extracting(finding -> ReportedFinding.text(finding.place()))
                    .containsExactly("a.c:13", "c/b.c:99");
            assertThat(divided.suppressed())
                    .extracting(each -> each.by().where())
                    .containsExactly("list:3", "list:4");
            assertThat(divided.unused()).isEmpty();
        }

        @Test
        void whatNothingNeededIsTold() {
            assertThat(with("stale-read a.c:12 the chip").divide(List.of()).unused())
                    .extracting(Suppression::where)
                    .containsExactly("list:1");
        }

        @ParameterizedTest
        @ValueSource(strings = {"stale-read", "stale-read a.c", "stale-read a.c:12"})
        void aLineThatSaysTooLittleIsRefusedWithItsNumber(String line) {
            assertThatThrownBy(() -> with("# one", line))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("list:2: wanted 'id path[:line] reason', found '%s'", line);
        }

        @Test
        void asLongAsTheMaximumIsReadAndNoLonger() {
            List<String> most = Collections.nCopies(Suppressions.LINE_COUNT_MAX, "# x");
            with(most.toArray(String[]::new));
            List<String> more = Collections.nCopies(Suppressions.LINE_COUNT_MAX + 1, "# x");
            assertThatThrownBy(() -> with(more.toArray(String[]::new)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("10001 lines, 10000 are read");
        }
    }

    @Test
    void aSiteOfTheFindingMayCarryTheComment() throws IOException {
        String source =
                source("int x;\n\nmap(buf); // dmakit: allow(stale-read) shared\n\nread();\n");
        var suppressions = new Suppressions(new Sources());
        suppressions.search(List.of(Path.of(source)));
        Suppressions.Divided divided =
                suppressions.divide(
                        List.of(finding("stale-read", source, 5), finding("timeout", source, 5)));
        assertThat(divided.suppressed()).hasSize(1);
        assertThat(divided.counted())
                .extracting(ReportedFinding::id)
                .containsExactly(FindingId.TIMEOUT);
        assertThat(divided.unused()).isEmpty();
    }

    @Test
    void commentsOfAHeaderCountToo() throws IOException {
        String source = source("int x;\nread(); // dmakit: allow(stale-read) shared\n");
        var suppressions = new Suppressions(new Sources());
        assertThat(suppressions.divide(List.of(finding("stale-read", source, 2))).counted())
                .isEmpty();
    }

    private String source(String text) throws IOException {
        return Files.writeString(folder.resolve("a.c"), text).toString();
    }
}
