package dmakit.labs;

import dmakit.kernel.check.Finding;
import dmakit.kernel.check.Findings;
import dmakit.kernel.check.SourceLine;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A mistake that was seen while a lab ran, with the names and words that reports of C modules have
 * for it; what is not known is empty.
 *
 * @param id of the catalogue, as {@code stale-read}
 * @param severity {@code error} or {@code warning}
 * @param message one line, with what was found and what was wanted
 * @param file of the access or call that showed it
 * @param line of it
 * @param function of it
 * @param device concerned
 * @param channel concerned
 * @param count how often it was seen
 * @param cure one sentence
 */
public record LabFinding(
        String id,
        String severity,
        String message,
        Optional<String> file,
        OptionalInt line,
        Optional<String> function,
        Optional<String> device,
        Optional<String> channel,
        int count,
        String cure) {

    /** All mistakes of a lab, in the order in which they were first seen. */
    public static List<LabFinding> of(Findings findings) {
        return findings.all().stream().map(finding -> of(finding, findings)).toList();
    }

    private static LabFinding of(Finding finding, Findings findings) {
        SourceLine place = findings.lineOf(finding.site());
        return new LabFinding(
                finding.id().text(),
                finding.id().severity().name().toLowerCase(Locale.ROOT),
                finding.message(),
                known(place.file()),
                place.line() > 0 ? OptionalInt.of(place.line()) : OptionalInt.empty(),
                known(place.function()),
                known(finding.device()),
                known(finding.channel()),
                finding.count(),
                finding.id().cure());
    }

    private static Optional<String> known(String text) {
        return Optional.of(text).filter(each -> !each.isEmpty());
    }

    /** What there is to say of all of them in one line; empty without any. */
    public static String summary(List<LabFinding> findings) {
        return switch (findings.size()) {
            case 0 -> "";
            case 1 -> "1 finding: " + findings.getFirst().message();
            default ->
                    "%d findings, the first: %s"
                            .formatted(findings.size(), findings.getFirst().message());
        };
    }

    /** As compilers write it. */
    @Override
    public String toString() {
        String place =
                file.map(name -> line.isPresent() ? name + ":" + line.getAsInt() : name)
                        .orElse("(unknown place)");
        return "%s: %s: %s [%s]".formatted(place, severity, message, id);
    }
}
