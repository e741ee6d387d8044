package dmakit.cli;

/** How a command ended, for the shell. Constants because picocli's annotations ask for them. */
final class ExitStatus {

    /** The command did what was asked and found nothing wrong. */
    static final int CLEAN = 0;

    /** The command ran and reports findings, or what it ran failed. */
    static final int FAILED = 1;

    /** The command could not run: wrong usage, unreadable input, something missing. */
    static final int COULD_NOT_RUN = 2;

    private ExitStatus() {}
}
