package dmakit.hardware.smmu;

/** What happens to the accesses of a stream, by the registers as they are. */
sealed interface Route {
    /** They go on as they are. */
    record Through() implements Route {
        static final Through ALL = new Through();
    }

    /**
     * They go nowhere.
     *
     * @param why a bit of GFSR
     */
    record Refused(int why) implements Route {}

    /**
     * A context bank translates them.
     *
     * @param number of the bank
     * @param privileged whether all of them count as privileged ones
     */
    record ToBank(ContextBank bank, int number, boolean privileged) implements Route {}
}
