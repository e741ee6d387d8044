package dmakit.kernel.dmaengine;

import dmakit.kernel.Linux;

/**
 * The arithmetic of cookies: tickets from 1 to {@link Integer#MAX_VALUE} that each channel gives
 * out in order and that wrap around.
 */
public final class Cookies {
    /** The lowest cookie. A new channel starts behind it, so its first descriptor gets 2. */
    public static final int MIN = 1;

    private Cookies() {}

    /** The cookie that follows another. */
    static int after(int cookie) {
        return cookie == Integer.MAX_VALUE ? MIN : cookie + 1;
    }

    /**
     * Where a cookie stands. Completing a cookie completes all earlier ones; cookies that were
     * never given out read as complete.
     *
     * @param cookie what is asked for
     * @param lastDone the latest completed cookie
     * @param lastUsed the latest cookie given out
     * @return COMPLETE or IN_PROGRESS
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dma_async_is_complete")
    public static DmaStatus isComplete(int cookie, int lastDone, int lastUsed) {
        boolean done =
                lastDone <= lastUsed
                        ? cookie <= lastDone || cookie > lastUsed
                        : cookie <= lastDone && cookie > lastUsed;
        return done ? DmaStatus.COMPLETE : DmaStatus.IN_PROGRESS;
    }

    /** Whether a submission answered an error instead of a cookie. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dma_submit_error")
    public static boolean isError(int cookie) {
        return cookie < 0;
    }
}
