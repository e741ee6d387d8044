package dmakit.cmodule;

/** The services of one subsystem. */
public interface ServiceGroup {
    /** Says which services there are, each by the name that C code calls it by. */
    void register(Registry to);

    /** A module's init function has ended well; in its task. */
    default void initialised(CModule module) {}

    /**
     * A module is about to be initialised, by the current task.
     *
     * @throws ParameterRefused which keeps it from that
     */
    default void starting(CModule module) {}

    /**
     * A module's exit function has ended: what it still holds is reported and given back. Its code
     * and data are there no longer when this returns.
     */
    default void unloaded(CModule module) {}
}
