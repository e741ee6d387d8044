package dmakit.cli;

/** How a command ended, for the shell. Constants because picocli's annotations ask for them. */
final class ExitStatus {

    /** The command did what was asked and found nothing wrong. */
    static final int CLEAN = 0;

    /** The command ran and reports findings, or what it ran failed. */
    static final int FAILED = 1;

    /** The command could not run: wrong usage, unreadable input, something missing. */
    static final int COULD_NOT_RUN = 2;

    /** The last line of each lab's help. */
    static final String OF_LABS =
            "Exit status: 0 all went as it should, 1 the lab failed, 2 could not run.";

    private ExitStatus() {}
}
