package dmakit.kernel.log;

/** How much a line of the log matters, most first, as {@code KERN_EMERG} to {@code KERN_DEBUG}. */
public enum Level {
    EMERG(0),
    ALERT(1),
    CRIT(2),
    ERR(3),
    WARNING(4),
    NOTICE(5),
    INFO(6),
    DEBUG(7);

    private final int number;

    Level(int number) {
        this.number = number;
    }

    /** The number of {@code KERN_<level>}, 0 to 7. */
    public int number() {
        return number;
    }
}
