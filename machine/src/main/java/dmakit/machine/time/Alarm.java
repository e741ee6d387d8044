package dmakit.machine.time;

/**
 * One reusable entry of the {@link Clock}: set it, and its action runs once when its time comes.
 *
 * <p>A state machine owns one alarm for its next step and sets it again and again; setting an alarm
 * allocates nothing. An action runs from the event loop, never inside the call that set it, so no
 * caller is re-entered.
 */
public final class Alarm {
    static final int UNSET = -1;
    static final int IN_FRONT = -2;

    private final String name;
    private final Runnable action;

    /** Position in the clock's heap, or {@link #UNSET} or {@link #IN_FRONT}. */
    int heapIndex = UNSET;

    long atPs;
    long order;

    /**
     * Creates an alarm that is not set.
     *
     * @param name what the alarm is for, for diagnosis
     * @param action runs with {@link Clock#now()} at the time the alarm was set for
     */
    public Alarm(String name, Runnable action) {
        this.name = name;
        this.action = action;
    }

    /** Whether the alarm waits in a clock. */
    public boolean isSet() {
        return heapIndex != UNSET;
    }

    /** The time it is, or was last, set for, in picoseconds. */
    public long atPs() {
        return atPs;
    }

    void fire() {
        action.run();
    }

    @Override
    public String toString() {
        return isSet() ? name + "@" + atPs + "ps" : name + " (not set)";
    }
}
