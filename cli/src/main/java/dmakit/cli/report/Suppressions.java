package dmakit.cli.report;

import dmakit.kernel.check.SourceLine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the user allows: by comments in the sources, and by a file of suppressions. How both are
 * written, {@code docs/report.md} says.
 */
public final class Suppressions {
    /** The most lines a file of suppressions may have. */
    static final int LINE_COUNT_MAX = 10_000;

    private static final Pattern LISTED =
            Pattern.compile("(\\S+)\\s+(\\S+?)(?::(\\d{1,9}))?\\s+(.*\\S)");

    private final Sources sources;
    private final Set<String> sourceFiles = new TreeSet<>();
    private final List<Suppression> listed = new ArrayList<>();

    /** Allows nothing yet. */
    public Suppressions(Sources sources) {
        this.sources = sources;
    }

    /** Adds what comments in some sources say. */
    public void search(List<Path> files) {
        files.forEach(file -> sourceFiles.add(file.toString()));
    }

    /**
     * A finding, and what allows it.
     *
     * @param finding that was made
     * @param by the first suppression that allows it
     */
    public record Suppressed(ReportedFinding finding, Suppression by) {}

    /**
     * Findings, divided.
     *
     * @param counted those that nothing allows
     * @param suppressed the others
     * @param unused suppressions that allowed none
     */
    public record Divided(
            List<ReportedFinding> counted, List<Suppressed> suppressed, List<Suppression> unused) {}

    /**
     * Adds what a file of suppressions says: a line each, {@code id path[:line] reason}; empty
     * lines and those that begin with {@code #} say nothing.
     *
     * @param name of the file, for messages
     * @throws IllegalArgumentException when a line says something else, with its number
     */
    public void add(String name, List<String> lines) {
        if (lines.size() > LINE_COUNT_MAX) {
            throw new IllegalArgumentException(
                    "%s: %d lines, %d are read".formatted(name, lines.size(), LINE_COUNT_MAX));
        }
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                listed.add(parse(name, i + 1, line));
            }
        }
    }

    private static Suppression parse(String name, int number, String line) {
        Matcher parts = LISTED.matcher(line);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "%s:%d: wanted 'id path[:line] reason', found '%s'"
                            .formatted(name, number, line));
        }
        String at = parts.group(3);
        int from = at == null ? 0 : Integer.parseInt(at);
        int to = at == null ? Integer.MAX_VALUE : from;
        return new Suppression(
                parts.group(1),
                parts.group(2),
                from,
                to,
                parts.group(4),
                new Suppression.Origin.ListFile(name, number));
    }

    /** Divides findings; a file that only they name is searched for comments, too. */
    public Divided divide(List<ReportedFinding> findings) {
        List<Suppression> all = new ArrayList<>(listed);
        Set<String> files = new TreeSet<>(sourceFiles);
        findings.stream().flatMap(Suppressions::filesOf).forEach(files::add);
        for (String file : files) {
            all.addAll(AllowComments.of(file, String.join("\n", sources.lines(file))));
        }
        List<ReportedFinding> counted = new ArrayList<>();
        List<Suppressed> suppressed = new ArrayList<>();
        Set<Suppression> unused = new LinkedHashSet<>(all);
        for (ReportedFinding finding : findings) {
            List<Suppression> by = all.stream().filter(each -> each.allows(finding)).toList();
            by.forEach(unused::remove);
            Optional<Suppression> first = by.stream().findFirst();
            if (first.isPresent()) {
                suppressed.add(new Suppressed(finding, first.get()));
            } else {
                counted.add(finding);
            }
        }
        return new Divided(counted, suppressed, List.copyOf(unused));
    }

    private static Stream<String> filesOf(ReportedFinding finding) {
        return Stream.concat(
                        Stream.of(finding.place()),
                        finding.sites().stream().map(ReportedFinding.Site::place))
                .map(SourceLine::file)
                .filter(file -> !file.isEmpty());
    }
}
