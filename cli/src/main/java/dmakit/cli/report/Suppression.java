package dmakit.cli.report;

import dmakit.kernel.check.SourceLine;
import java.nio.file.Path;

/**
 * Allows findings of one id in some lines of a file.
 *
 * @param id of the findings
 * @param file as the user named it
 * @param from first line, from 1
 * @param to last line
 * @param reason given; may be empty
 * @param origin where it was written
 */
public record Suppression(String id, String file, int from, int to, String reason, Origin origin) {

    /** Where a suppression was written. */
    public sealed interface Origin {
        /**
         * In a comment of the source itself.
         *
         * @param line of the source
         */
        record Comment(int line) implements Origin {}

        /**
         * In a file of suppressions.
         *
         * @param file as the user named it
         * @param line of that file
         */
        record ListFile(String file, int line) implements Origin {}
    }

    /** Where it was written, as {@code file:line}. */
    public String where() {
        return switch (origin) {
            case Origin.Comment comment -> file + ":" + comment.line();
            case Origin.ListFile list -> list.file() + ":" + list.line();
        };
    }

    /** Whether it allows a finding: by the line that shows it, or by that of one of its sites. */
    boolean allows(ReportedFinding finding) {
        return finding.id().text().equals(id)
                && (covers(finding.place())
                        || finding.sites().stream().anyMatch(site -> covers(site.place())));
    }

    private boolean covers(SourceLine place) {
        return place.line() >= from && place.line() <= to && isSameFile(place.file(), file);
    }

    private static boolean isSameFile(String one, String other) {
        return one.equals(other)
                || (!one.isEmpty() && !other.isEmpty() && absolute(one).equals(absolute(other)));
    }

    private static Path absolute(String file) {
        return Path.of(file).toAbsolutePath().normalize();
    }
}
