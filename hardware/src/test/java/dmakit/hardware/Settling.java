package dmakit.hardware;

import dmakit.machine.time.Clock;

/** Lets a machine come to rest. */
public final class Settling {
    private Settling() {}

    /**
     * Lets everything happen that is going to.
     *
     * @param eventsMax steps of time after which it is said never to end
     */
    public static void settle(Clock clock, int eventsMax) {
        for (int i = 0; i < eventsMax; i++) {
            long next = clock.nextAt();
            if (next == Clock.NEVER) {
                return;
            }
            clock.advanceTo(next);
        }
        throw new AssertionError("does not come to an end");
    }
}
