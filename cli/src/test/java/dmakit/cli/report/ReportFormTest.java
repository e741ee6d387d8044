package dmakit.cli.report;

import static dmakit.cli.report.Reports.bareFinding;
import static dmakit.cli.report.Reports.finding;
import static dmakit.cli.report.Reports.report;
import static dmakit.cli.report.Reports.written;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReportFormTest {
    private static final RunReport.Step LOADED = new RunReport.Step("insmod dma_m2m", "");
    private static final RunReport.Step FAILED =
            new RunReport.Step("echo \"a<b\" > /dev/x", "status 1");

    @TempDir private Path folder;
    private String source = "";

    @BeforeEach
    void aSource() throws IOException {
        source =
                Files.writeString(
                                folder.resolve("dma m2m.c"),
                                "int x;\n\n\tdst = map(rbuf);\n\tif (memcmp(a, b))\t/* why */\n")
                        .toString();
    }

    private RunReport full() {
        ReportedFinding shown = finding("stale-read", source, 4);
        var by =
                new Suppression(
                        "leak-irq",
                        source,
                        1,
                        1,
                        "the chip needs it",
                        new Suppression.Origin.Comment(1));
        var listed =
                new Suppression(
                        "timeout", "a.c", 0, 9, "slow", new Suppression.Origin.ListFile("list", 2));
        return report(
                new Suppressions.Divided(
                        List.of(shown, bareFinding()),
                        List.of(
                                new Suppressions.Suppressed(finding("leak-irq", source, 1), by),
                                new Suppressions.Suppressed(finding("timeout", "a.c", 1), listed)),
                        List.of(listed)),
                List.of(LOADED, FAILED));
    }

    @ParameterizedTest
    @EnumSource
    void isTheSameEveryTime(ReportForm form) {
        assertThat(written(form, full())).isEqualTo(written(form, full()));
    }

    @Test
    void theExitStatusIsOneWithFindingsOrAFailedStep() {
        assertThat(report(List.of(), LOADED).exit()).isZero();
        assertThat(report(List.of(bareFinding()), LOADED).exit()).isEqualTo(1);
        assertThat(report(List.of(), LOADED, FAILED).exit()).isEqualTo(1);
        var allowed = new Suppressions.Divided(List.of(), full().suppressed(), List.of());
        assertThat(report(allowed, List.of(LOADED)).exit()).isZero();
    }

    @Nested
    class Text {
        @Test
        void showsTheLineWithACaretWhereItWasMappedAndTheCure() {
            String text =
                    written(ReportForm.TEXT, report(List.of(finding("stale-read", source, 4))));
            assertThat(text.replace(source, "m2m.c"))
                    .isEqualToNormalizingNewlines(
                            """

                            m2m.c:4: error: 13 bytes are older than what the device wrote [stale-read]
                                4 |         if (memcmp(a, b))       /* why */
                                  |         ^~~~~~~~~~~~~~~~~
                                    in m2m_write(), device 3f007000.dma-controller, channel dma0chan0, 2 times
                                    mapped at m2m.c:3 in m2m_write()
                                3 |         dst = map(rbuf);
                                    allocated at m2m.c in m2m_probe()
                                    cure: Unmap or sync for the CPU with FROM_DEVICE or BIDIRECTIONAL before reading what the device wrote.
                                    Linux: says nothing

                            dma_m2m: 1 finding; board rpi3, seed 7
                            """);
        }

        @Test
        void ofACleanRunIsOneLine() {
            assertThat(written(ReportForm.TEXT, report(List.of(), LOADED)))
                    .isEqualToNormalizingNewlines("\ndma_m2m: no findings; board rpi3, seed 7\n");
        }

        @Test
        void countsAndNamesWhatFailedAndWhatWasAllowed() {
            assertThat(written(ReportForm.TEXT, full()))
                    .contains("failed: echo \"a<b\" > /dev/x: status 1\n")
                    .contains("unused: list:2 allows timeout\n")
                    .endsWith(
                            "dma_m2m: 1 step failed, 2 findings (1 error, 1 warning), 2 suppressed,"
                                    + " 1 unused suppression; board rpi3, seed 7\n");
        }

        @Test
        void quotesNothingOfAFileThatIsGoneOrShorter() {
            ReportedFinding gone = finding("stale-read", folder + "/none.c", 4);
            ReportedFinding shorter = finding("stale-read", source, 400);
            assertThat(written(ReportForm.TEXT, report(List.of(gone)))).doesNotContain("|");
            assertThat(written(ReportForm.TEXT, report(List.of(shorter)))).doesNotContain("^");
        }

        @Test
        void aQuotedLineCannotCommandTheTerminal() throws IOException {
            Files.writeString(Path.of(source), "\u001b[2Jint a;\n");
            ReportedFinding finding = finding("stale-read", source, 1);
            assertThat(written(ReportForm.TEXT, report(List.of(finding))))
                    .contains("1 | ?[2Jint a;")
                    .doesNotContain("\u001b");
        }
    }

    @Nested
    class Json {
        @Test
        void obeysItsSchema() throws IOException {
            try (InputStream schema = JsonReport.class.getResourceAsStream("report.schema.json")) {
                String text = new String(schema.readAllBytes(), UTF_8);
                assertThat(complaints(SpecificationVersion.DRAFT_2020_12, text, full())).isEmpty();
                assertThat(complaints(SpecificationVersion.DRAFT_2020_12, text, report(List.of())))
                        .isEmpty();
                // The judge is awake.
                assertThat(
                                schema(SpecificationVersion.DRAFT_2020_12, text)
                                        .validate(new JsonMapper().readTree("{\"tool\":\"x\"}")))
                        .isNotEmpty();
            }
        }

        @Test
        void hasTheCataloguesFieldNamesInTheirOrder() {
            JsonNode json = json(ReportForm.JSON, full());
            assertThat(json.propertyNames())
                    .containsSubsequence(
                            "tool",
                            "version",
                            "board",
                            "seed",
                            "kernel",
                            "exit",
                            "findings",
                            "log");
            JsonNode finding = json.get("findings").get(0);
            assertThat(finding.propertyNames())
                    .containsExactly(
                            "id",
                            "severity",
                            "message",
                            "file",
                            "line",
                            "function",
                            "sites",
                            "device",
                            "channel",
                            "count",
                            "cure",
                            "linux");
            assertThat(finding.get("file").stringValue()).isEqualTo(source);
            assertThat(finding.get("linux").isNull()).isTrue();
            assertThat(finding.get("sites").get(1).get("line").isNull()).isTrue();
            assertThat(json.get("exit").intValue()).isEqualTo(1);
            assertThat(json.get("log").get(1).stringValue()).contains("\u001b[31mred");
        }
    }

    @Nested
    class Sarif {
        @Test
        void obeysTheOfficialSchema() throws IOException {
            try (InputStream official =
                    getClass().getResourceAsStream("/schema/sarif-schema-2.1.0.json")) {
                String text = new String(official.readAllBytes(), UTF_8);
                SpecificationVersion draft = SpecificationVersion.DRAFT_7;
                assertThat(complaints(draft, text, full(), ReportForm.SARIF)).isEmpty();
                assertThat(complaints(draft, text, report(List.of()), ReportForm.SARIF)).isEmpty();
                assertThat(
                                schema(draft, text)
                                        .validate(
                                                new JsonMapper()
                                                        .readTree(
                                                                "{\"version\":\"2.1.0\",\"runs\":[{}]}")))
                        .isNotEmpty();
            }
        }

        @Test
        void eachResultPointsAtItsRule() {
            JsonNode run = json(ReportForm.SARIF, full()).get("runs").get(0);
            JsonNode rules = run.get("tool").get("driver").get("rules");
            assertThat(run.get("results")).hasSize(4);
            for (JsonNode result : run.get("results")) {
                int index = result.get("ruleIndex").intValue();
                assertThat(rules.get(index).get("id")).isEqualTo(result.get("ruleId"));
            }
        }

        @Test
        void suppressedResultsSayHow() {
            JsonNode results = json(ReportForm.SARIF, full()).get("runs").get(0).get("results");
            assertThat(results.get(0).has("suppressions")).isFalse();
            assertThat(results.get(2).at("/suppressions/0/kind").stringValue())
                    .isEqualTo("inSource");
            assertThat(results.get(3).at("/suppressions/0/kind").stringValue())
                    .isEqualTo("external");
        }

        @Test
        void filesAreUris() {
            assertThat(SarifReport.uri("labs/c/a.c")).isEqualTo("labs/c/a.c");
            assertThat(SarifReport.uri("my drivers/ü.c")).isEqualTo("my%20drivers/%C3%BC.c");
            assertThat(SarifReport.uri("/tmp/a b.c")).isEqualTo("file:///tmp/a%20b.c");
            assertThat(SarifReport.uri("a:b.c")).isEqualTo("./a:b.c");
        }
    }

    @Nested
    class Junit {
        @Test
        void isXmlWithACasePerStepAndFinding() throws Exception {
            Document document =
                    DocumentBuilderFactory.newInstance()
                            .newDocumentBuilder()
                            .parse(
                                    new ByteArrayInputStream(
                                            written(ReportForm.JUNIT, full()).getBytes(UTF_8)));
            Element suite = (Element) document.getElementsByTagName("testsuite").item(0);
            assertThat(suite.getAttribute("name")).isEqualTo("dma_m2m on rpi3, seed 7");
            assertThat(suite.getAttribute("tests")).isEqualTo("6");
            assertThat(suite.getAttribute("failures")).isEqualTo("3");
            assertThat(suite.getAttribute("skipped")).isEqualTo("2");
            NodeList cases = document.getElementsByTagName("testcase");
            assertThat(cases.getLength()).isEqualTo(6);
            Element failure = (Element) document.getElementsByTagName("failure").item(1);
            assertThat(failure.getAttribute("type")).isEqualTo("stale-read");
            assertThat(failure.getTextContent()).contains("cure: ");
            Element bare = (Element) document.getElementsByTagName("failure").item(2);
            assertThat(bare.getAttribute("message"))
                    .isEqualTo("64 bytes <&> \"quoted\" ? are held über unload");
        }

        @Test
        void ofACleanRunHasNoFailure() {
            assertThat(written(ReportForm.JUNIT, report(List.of(), LOADED)))
                    .contains("failures=\"0\"")
                    .doesNotContain("<failure");
        }
    }

    private static JsonNode json(ReportForm form, RunReport report) {
        return new JsonMapper().readTree(written(form, report));
    }

    private static Schema schema(SpecificationVersion version, String text) {
        return SchemaRegistry.withDefaultDialect(version).getSchema(text);
    }

    private static List<?> complaints(
            SpecificationVersion version, String schema, RunReport report) {
        return complaints(version, schema, report, ReportForm.JSON);
    }

    private static List<?> complaints(
            SpecificationVersion version, String schema, RunReport report, ReportForm form) {
        return schema(version, schema).validate(json(form, report));
    }
}
