package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The labs in C: clean on every board and seed, but for the one with mistakes. */
class CLabsIT {
    private static final Path LABS = Path.of(System.getProperty("dmakit.root"), "labs/c");
    private static final String DEVICE = "/dev/dma_m2m_misc_dev";
    private static final String ECHO = "echo one-two-three > " + DEVICE;
    private static final int SEED_COUNT = 5;

    @TempDir private Path folder;

    @BeforeAll
    static void needsACompiler() {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(":"))
                        .anyMatch(each -> Files.isExecutable(Path.of(each, "gcc"))),
                "gcc is not installed");
    }

    /** What a run reports; the output of commands has to go to files. */
    private static JsonNode run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] all =
                Stream.concat(Stream.of("run", "--report", "json"), Stream.of(args))
                        .toArray(String[]::new);
        int status = Main.run(new PrintWriter(out), new PrintWriter(err, true), all);
        assertThat(status).as(err.toString()).isBetween(0, 1);
        JsonNode report = new JsonMapper().readTree(out.toString());
        assertThat(report.get("exit").intValue()).isEqualTo(status);
        return report;
    }

    private static List<String> lines(JsonNode report) {
        return StreamSupport.stream(report.get("log").spliterator(), false)
                .map(line -> line.stringValue().replaceFirst("^\\[ *[0-9.]+\\] ", ""))
                .toList();
    }

    private static String lab(String name) {
        return LABS.resolve(name).toString();
    }

    private static void isCleanOnEverySeed(String board, String cache, String... args) {
        for (int seed = 1; seed <= SEED_COUNT; seed++) {
            List<String> all =
                    Stream.concat(
                                    Stream.of(args),
                                    Stream.of(
                                            "--board", board, "--cache", cache, "--seed",
                                            "" + seed))
                            .toList();
            JsonNode report = run(all.toArray(String[]::new));
            assertThat(report.get("findings")).as("seed %d", seed).isEmpty();
            assertThat(report.get("exit").intValue())
                    .as("seed %d: %s", seed, report.get("steps"))
                    .isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rpi3 none", "rpi3 lru", "rpi3 adversary", "rpi3-coherent none"})
    void ram2ramIsClean(String where) {
        String[] boardAndCache = where.split(" ");
        isCleanOnEverySeed(boardAndCache[0], boardAndCache[1], lab("dma_ram2ram.c"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rpi3 none", "rpi3 lru", "rpi3 adversary", "rpi3-coherent none"})
    void m2mIsClean(String where) {
        String[] boardAndCache = where.split(" ");
        isCleanOnEverySeed(
                boardAndCache[0], boardAndCache[1], lab("dma_m2m.c"), "--do", ECHO, "--do", ECHO);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rpi3 none", "rpi3 adversary", "rpi3-coherent none", "pc none"})
    void raid6IsClean(String where) {
        String[] boardAndCache = where.split(" ");
        isCleanOnEverySeed(boardAndCache[0], boardAndCache[1], lab("dma_raid6.c"));
    }

    @Test
    void m2mGivesBackWhatItCopiedAndRefusesWhatDoesNotFit() throws IOException {
        Path read = folder.resolve("read");
        JsonNode report =
                run(
                        lab("dma_m2m.c"),
                        "--do",
                        ECHO,
                        "--do",
                        "cat " + DEVICE + " > " + read,
                        "--do",
                        "head -c 4097 /dev/zero | dd bs=4097 of=" + DEVICE + " 2>/dev/null");
        assertThat(read).hasContent("one-two-three");
        assertThat(lines(report)).contains("dma_m2m: 14 bytes copied, read_buf equals write_buf");
        assertThat(report.get("findings")).isEmpty();
        assertThat(report.at("/steps/3/failure").stringValue()).isEqualTo("status 1");
        assertThat(report.get("exit").intValue()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rpi3 none", "rpi3 lru", "rpi3 adversary", "rpi3-coherent none"})
    void mmapIsClean(String where) throws Exception {
        Path program = folder.resolve("mmap_test");
        Process gcc =
                new ProcessBuilder("gcc", "-o", program.toString(), lab("mmap_test.c"))
                        .inheritIO()
                        .start();
        assertThat(gcc.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(gcc.exitValue()).isZero();
        Path output = folder.resolve("output");
        String[] boardAndCache = where.split(" ");
        isCleanOnEverySeed(
                boardAndCache[0],
                boardAndCache[1],
                lab("dma_mmap.c"),
                "--do",
                program + " a-text > " + output);
        assertThat(output).hasContent("written: a-text\nread:    a-text\nthe buffers are equal");
    }

    @Nested
    class ThePublishedOne {
        private static final String PUBLISHED = "mistakes/dma_m2m_published.c";

        private static int lineOf(String text) throws IOException {
            List<String> lines = Files.readAllLines(LABS.resolve(PUBLISHED));
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).contains(text)) {
                    return i + 1;
                }
            }
            throw new AssertionError("no line has " + text);
        }

        private static List<String> found(JsonNode report) {
            return StreamSupport.stream(report.get("findings").spliterator(), false)
                    .map(finding ->
                            finding.get("id").stringValue()
                                    + " at "
                                    + finding.get("line").asInt()
                                    + ", mapped at "
                                    + mappedAt(finding))
                    .toList();
        }

        private static int mappedAt(JsonNode finding) {
            for (JsonNode site : finding.get("sites")) {
                if (site.get("role").stringValue().equals("mapped")) {
                    return site.get("line").asInt();
                }
            }
            return 0;
        }

        @Test
        void comparesStaleBytesWhereCachesAreNotCoherent() throws IOException {
            JsonNode report = run(lab(PUBLISHED), "--do", ECHO);
            int source = lineOf("src = dma_map_single");
            int target = lineOf("dst = dma_map_single");
            assertThat(found(report))
                    .contains(
                            "stale-read at %d, mapped at %d".formatted(lineOf("memcmp"), target),
                            "map-error-unchecked at %d, mapped at 0".formatted(source),
                            "map-error-unchecked at %d, mapped at 0".formatted(target))
                    .anyMatch(each ->
                            each.startsWith("device-unmapped-access at ")
                                    && each.endsWith("mapped at " + source))
                    .anyMatch(each ->
                            each.startsWith("device-unmapped-access at ")
                                    && each.endsWith("mapped at " + target))
                    .anyMatch(each ->
                            each.startsWith("device-wrong-direction at ")
                                    && each.endsWith("mapped at " + target));
            assertThat(lines(report)).anyMatch(line -> line.endsWith("the buffers differ"));
            assertThat(report.at("/steps/1/failure").stringValue()).isEqualTo("status 1");
            for (JsonNode finding : report.get("findings")) {
                assertThat(finding.get("file").stringValue()).isEqualTo(lab(PUBLISHED));
                assertThat(finding.get("function").stringValue()).isEqualTo("m2m_write");
            }
        }

        @Test
        void hasItsOtherMistakesWhereTheyAre() throws IOException {
            JsonNode report = run(lab(PUBLISHED), "--do", ECHO, "--board", "rpi3-coherent");
            assertThat(lines(report)).anyMatch(line -> line.endsWith("the buffers are equal"));
            assertThat(found(report))
                    .noneMatch(each -> each.startsWith("stale-read"))
                    .anyMatch(each -> each.startsWith("map-error-unchecked"))
                    .anyMatch(each -> each.startsWith("device-unmapped-access"));
            assertThat(report.get("exit").intValue()).isEqualTo(1);
        }

        @Test
        void isCleanWhereAllOfThemAreAllowed() throws IOException {
            String file = lab(PUBLISHED);
            Path list =
                    Files.writeString(
                            folder.resolve("allowed"),
                            """
                            # what is known
                            map-error-unchecked %1$s never fails here
                            device-unmapped-access %1$s the same bus
                            device-wrong-direction %1$s the same bus
                            """
                                    .formatted(file));
            JsonNode report =
                    run(file, "--do", ECHO, "--board", "rpi3-coherent", "--suppress", "" + list);
            assertThat(report.get("findings")).isEmpty();
            assertThat(report.get("suppressed").intValue()).isPositive();
            assertThat(report.get("exit").intValue()).isZero();
        }
    }
}
