package dmakit.cli.report;

import java.util.List;

/**
 * All there is to tell of a run.
 *
 * @param version of dmakit
 * @param module the name of the module
 * @param board it ran on
 * @param seed of the run
 * @param kernel the version that the module saw
 * @param steps what was done, in its order
 * @param findings those that count
 * @param suppressed those that are allowed
 * @param unused allowances that nothing needed
 * @param log every line of the kernel log
 */
public record RunReport(
        String version,
        String module,
        String board,
        long seed,
        String kernel,
        List<Step> steps,
        List<ReportedFinding> findings,
        List<Suppressions.Suppressed> suppressed,
        List<Suppression> unused,
        List<String> log) {

    /**
     * Something that was done, and how it ended.
     *
     * @param name {@code insmod dma_m2m}, or a command as the user gave it
     * @param failure in one line; empty when it went well
     */
    public record Step(String name, String failure) {
        /** Whether it did not go well. */
        public boolean failed() {
            return !failure.isEmpty();
        }
    }

    /** Copies the lists. */
    public RunReport {
        steps = List.copyOf(steps);
        findings = List.copyOf(findings);
        suppressed = List.copyOf(suppressed);
        unused = List.copyOf(unused);
        log = List.copyOf(log);
    }

    /** Whether nothing failed, and nothing was found that is not allowed. */
    public boolean isClean() {
        return findings.isEmpty() && steps.stream().noneMatch(Step::failed);
    }

    /** The exit status: 0 clean, 1 findings or a failed run. */
    public int exit() {
        return isClean() ? 0 : 1;
    }
}
