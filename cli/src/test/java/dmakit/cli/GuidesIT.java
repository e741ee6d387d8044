package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every command of the guides, with what it answers. A block of {@code console} is a command after
 * a dollar sign and lines of its answer, in their order; {@code ...} stands for lines left out.
 */
class GuidesIT {
    private static final Path ROOT = Path.of(System.getProperty("dmakit.root"));
    private static final Path GUIDES = ROOT.resolve("docs/guides");
    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

    @TempDir private Path folder;

    @BeforeAll
    static void needsACompiler() {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(":"))
                        .anyMatch(each -> Files.isExecutable(Path.of(each, "gcc"))),
                "gcc is not installed");
    }

    /**
     * A command of a guide.
     *
     * @param place file and line
     * @param command as typed
     * @param answer lines that have to come, in order
     */
    record Step(String place, String command, List<String> answer) {
        @Override
        public String toString() {
            return place + ": " + command;
        }
    }

    static List<Step> steps() {
        var steps = new ArrayList<Step>();
        try (Stream<Path> guides = Files.list(GUIDES)) {
            for (Path guide : guides.filter(Files::isRegularFile).sorted().toList()) {
                read(guide, steps);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return steps;
    }

    private static void read(Path guide, List<Step> steps) throws IOException {
        List<String> lines = Files.readAllLines(guide);
        boolean inside = false;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.startsWith("```")) {
                inside = line.equals("```console");
            } else if (inside && line.startsWith("$ ./dmakit ")) {
                String place = guide.getFileName() + ":" + (i + 1);
                steps.add(new Step(place, line.substring(2), new ArrayList<>()));
            } else if (inside && !line.strip().equals("...") && !line.isBlank()) {
                steps.getLast().answer().add(line.strip());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("steps")
    void aCommandAnswersWhatTheGuideSays(Step step) throws IOException, InterruptedException {
        var words = new ArrayList<String>();
        Matcher matcher = WORD.matcher(step.command());
        while (matcher.find()) {
            words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
        }
        assertThat(words.removeFirst()).isEqualTo("./dmakit");
        // The output of commands goes to the terminal by itself.
        ProcessBuilder command =
                Forked.command(List.of(), words.toArray(String[]::new)).directory(ROOT.toFile());
        Forked.Outcome outcome = Forked.run(folder, command);
        String answer = outcome.out() + "\n" + outcome.err();

        assertThat(answer.lines().map(String::strip).toList())
                .as(answer)
                .containsSubsequence(step.answer());
    }
}
