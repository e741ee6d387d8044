package dmakit.hardware.xdmac;

import dmakit.datasheet.xdmac.XdmacRegister;
import dmakit.datasheet.xdmac.XdmacRegister.Gwac;

/**
 * Which of several channels gets the next burst. Channel x is in pool x modulo 4; a pool wins as
 * many bursts in a row as its weight says, and one more, then the next pool has its turn. Within a
 * pool it goes round robin. A channel that bids alone takes no turn away from anybody.
 */
final class Arbiter {
    private static final int POOL_COUNT = 4;
    private static final Gwac[] WEIGHTS = {Gwac.PW0, Gwac.PW1, Gwac.PW2, Gwac.PW3};

    private final int channelCount;
    private final int[] lastOfPool = {-1, -1, -1, -1};
    private int weights = XdmacRegister.GWAC.reset();
    private int pool = POOL_COUNT - 1;
    private int turnsLeft;

    Arbiter(int channelCount) {
        this.channelCount = channelCount;
    }

    /** {@code GWAC}. */
    int weights() {
        return weights;
    }

    void weights(int value) {
        weights = value & XdmacRegister.GWAC.writableMask();
    }

    /**
     * The channel that gets the next burst.
     *
     * @param bidding a bit for each that wants it, at least one
     */
    int choose(int bidding) {
        if ((bidding & (bidding - 1)) == 0) {
            return won(Integer.numberOfTrailingZeros(bidding));
        }
        if (turnsLeft > 0 && (bidding & membersOf(pool)) != 0) {
            turnsLeft--;
        } else {
            do {
                pool = (pool + 1) % POOL_COUNT;
            } while ((bidding & membersOf(pool)) == 0);
            turnsLeft = WEIGHTS[pool].get(weights);
        }
        int members = bidding & membersOf(pool);
        int after = lastOfPool[pool] + 1;
        int later = after >= channelCount ? 0 : members & (-1 << after);
        return won(Integer.numberOfTrailingZeros(later != 0 ? later : members));
    }

    private static int membersOf(int pool) {
        return 0x1111_1111 << pool;
    }

    private int won(int channel) {
        lastOfPool[channel % POOL_COUNT] = channel;
        return channel;
    }
}
