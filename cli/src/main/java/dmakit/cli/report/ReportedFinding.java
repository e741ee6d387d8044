package dmakit.cli.report;

import dmakit.kernel.check.Finding;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.check.Role;
import dmakit.kernel.check.Severity;
import dmakit.kernel.check.SourceLine;
import java.util.List;
import java.util.Locale;

/**
 * A finding whose places are known.
 *
 * @param id which of the catalogue
 * @param message one line, with what was found and what was wanted
 * @param place of the access or call that showed it
 * @param sites what happened to the memory or object before, in order of time
 * @param device name of the device concerned; may be empty
 * @param channel name of the channel concerned; may be empty
 * @param count how often it was seen, at least 1
 * @param linux what Linux says of it with its debugging options on; empty when it is silent
 */
public record ReportedFinding(
        FindingId id,
        String message,
        SourceLine place,
        List<Site> sites,
        String device,
        String channel,
        int count,
        String linux) {

    /**
     * A place with a role.
     *
     * @param role what it did
     * @param place where it is
     */
    public record Site(Role role, SourceLine place) {}

    /** Copies the list. */
    public ReportedFinding {
        sites = List.copyOf(sites);
    }

    /** A finding of a simulation that is still there to say where its sites are. */
    public static ReportedFinding of(Finding finding, Findings of) {
        return new ReportedFinding(
                finding.id(),
                finding.message(),
                of.lineOf(finding.site()),
                finding.sites().stream()
                        .map(site -> new Site(site.role(), of.lineOf(site.site())))
                        .toList(),
                finding.device(),
                finding.channel(),
                finding.count(),
                finding.linux());
    }

    /** How bad it is, as reports write it. */
    String severity() {
        return id.severity().name().toLowerCase(Locale.ROOT);
    }

    boolean isError() {
        return id.severity() == Severity.ERROR;
    }

    /** A place as compilers write it: {@code file:line}, as far as known. */
    static String text(SourceLine place) {
        if (place.file().isEmpty()) {
            return "(unknown place)";
        }
        return place.line() > 0 ? place.file() + ":" + place.line() : place.file();
    }
}
