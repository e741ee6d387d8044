package dmakit.kernel.check;

/** How bad a finding is. */
public enum Severity {
    /** Wrong on some hardware, if not on this. */
    ERROR,
    /** Works by luck, or wastes something. */
    WARNING
}
