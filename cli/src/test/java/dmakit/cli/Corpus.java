package dmakit.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The modules in C that tests run, and how they are run. */
final class Corpus {
    private static final Path ROOT =
            Path.of(System.getProperty("dmakit.root"), "cli/src/test/c/corpus");

    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

    private Corpus() {}

    static void needsACompiler() {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(":"))
                        .anyMatch(each -> Files.isExecutable(Path.of(each, "gcc"))),
                "gcc is not installed");
    }

    /** The names of the modules of a kind, {@code clean} or {@code planted}. */
    static List<String> sources(String kind) {
        try (Stream<Path> files = Files.list(ROOT.resolve(kind))) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.endsWith(".c"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path source(String kind, String name) {
        return ROOT.resolve(kind).resolve(name);
    }

    /** What a run answered. */
    record Run(int status, List<JsonNode> findings, String err) {
        @Override
        public String toString() {
            var text = new StringBuilder("status " + status + "\n");
            findings.forEach(finding -> text.append(finding).append('\n'));
            return text.append(err).toString();
        }
    }

    static Run run(Path source, String... more) throws IOException {
        var args = new ArrayList<>(List.of("run", source.toString(), "--report", "json"));
        for (String line : Files.readAllLines(source)) {
            if (line.startsWith("// run:")) {
                Matcher words = WORD.matcher(line.substring(7));
                while (words.find()) {
                    String word = words.group(1) == null ? words.group(2) : words.group(1);
                    args.add(word.replace("{dir}", String.valueOf(source.getParent())));
                }
            }
        }
        args.addAll(List.of(more));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status =
                Main.run(
                        new PrintWriter(out),
                        new PrintWriter(err, true),
                        args.toArray(String[]::new));
        var findings = new ArrayList<JsonNode>();
        if (!out.toString().isBlank()) {
            for (JsonNode finding : JsonMapper.shared().readTree(out.toString()).path("findings")) {
                findings.add(finding);
            }
        }
        return new Run(status, List.copyOf(findings), err.toString());
    }
}
