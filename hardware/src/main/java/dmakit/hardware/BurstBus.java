package dmakit.hardware;

import dmakit.machine.bus.BusAnswer;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * The bus that the channels of one controller share: who bids for it, who has it and for how long.
 * The controller's one event.
 *
 * <p>A channel gets the bus for a fetch or for a burst. While nobody else bids it gets a run of
 * bursts instead, which takes as long and moves the same; it is cut to the burst under way as soon
 * as anybody bids, or looks.
 *
 * @param <C> its channels
 */
public abstract class BurstBus<C extends BurstBus.Bidder> {
    /** A channel, as the bus sees it. */
    public abstract static class Bidder {
        private final int index;
        private final int bit;

        /** From when on it bids. */
        private long bidsAtPs;

        /**
         * For chips.
         *
         * @param index its number, 0 to 31
         */
        protected Bidder(int index) {
            this.index = index;
            bit = 1 << index;
        }

        /** Its number. */
        public final int index() {
            return index;
        }

        /** Its bit in a set of channels. */
        public final int bit() {
            return bit;
        }

        /** Whether it is to fetch a descriptor, rather than to move bytes. */
        public abstract boolean isFetching();

        /** Whether bytes of its block are left to move. */
        public abstract boolean hasResidue();

        /** How many bursts may go in one event while it is alone, 1 at least. */
        public abstract int runBursts();

        /** How long its fetch takes, in picoseconds. */
        public abstract long fetchPs();

        /** How long its next bursts take, from the start of the first to the end of the last. */
        public abstract long runPs(int bursts);

        /** How long a full burst is on the bus, in picoseconds. */
        public abstract long burstPs();

        /** From the start of a full burst to that of the next, in picoseconds. */
        public abstract long periodPs();

        /**
         * Moves the next bursts.
         *
         * @param startPs when the first of them started
         */
        public abstract BusAnswer move(int bursts, long startPs);
    }

    private static final int FETCH = 0;

    private final Clock clock;
    private final C[] channels;
    private final RequestLine[] requests;
    private final Alarm alarm;

    // Each set of channels as a mask; a channel is in one of them at most, and the one that has the
    // bus is in none.
    private int bidding;
    private int arriving;
    private int waitingForRequest;

    private @Nullable C granted;
    private int grantBursts;
    private long grantStartPs;
    private long grantEndPs;
    private boolean burstByBurst;

    /**
     * Creates a bus that nobody has.
     *
     * @param name of its event
     * @param channels by their numbers, at most 32
     * @param requests that channels may wait for
     */
    protected BurstBus(Clock clock, String name, C[] channels, RequestLine[] requests) {
        this.clock = clock;
        this.channels = channels;
        this.requests = requests;
        alarm = new Alarm(name, this::step);
    }

    /** Begins to watch the requests; the last act of a constructor. */
    protected final void watchRequests() {
        for (RequestLine request : requests) {
            request.onChange(this::requestChanged);
        }
    }

    // What a controller decides.

    /** Whether a channel would go on if it had the bus. */
    protected abstract boolean isRunnable(C channel);

    /** Whether a channel waits for a request before its next burst. */
    protected abstract boolean isHeld(C channel);

    /**
     * Who gets the bus.
     *
     * @param bids a bit for each channel that wants it, at least one
     */
    protected abstract C choose(int bids);

    /** The time of a fetch is over; the bus is free. */
    protected abstract void fetchOver(C channel);

    /** The time of bursts is over; the bus is free. */
    protected abstract void burstsOver(C channel, int bursts, long startPs);

    /** All bytes of a channel's block have moved. */
    protected abstract void blockMoved(C channel);

    /** A burst of a run was refused; the bus is free. */
    protected abstract void refused(C channel, BusAnswer.Fault fault);

    /** Ends what ends now without the bus. */
    protected void endOthers() {}

    /** When the next thing ends without the bus, or {@link Clock#NEVER}. */
    protected long othersEndAtPs() {
        return Clock.NEVER;
    }

    // What a controller asks and says.

    /** Moves every burst in an event of its own, for the proof that runs change nothing. */
    public final void moveBurstByBurst() {
        burstByBurst = true;
    }

    /** The requests that channels may wait for, by number. */
    protected final RequestLine request(int index) {
        return requests[index];
    }

    /** The first channel of a set. */
    protected final C first(int set) {
        return channels[Integer.numberOfTrailingZeros(set)];
    }

    /** Whether a channel waits for a request. */
    public final boolean waitsForRequest(C channel) {
        return (waitingForRequest & channel.bit()) != 0;
    }

    /** Whether a channel has the bus. */
    @SuppressWarnings("ReferenceEquality") // a channel is one object
    protected final boolean has(C channel) {
        return channel == granted;
    }

    /** Whether a channel rests between two bursts, or has not begun to bid. */
    public final boolean isInGap(C channel) {
        long now = clock.now();
        if (!has(channel)) {
            return bidsAtPs(channel) > now;
        }
        // A run that has been caught up may start its next burst later than now.
        long since = now - grantStartPs;
        return since < 0 || (grantBursts > 1 && since % channel.periodPs() >= channel.burstPs());
    }

    /** From when on a channel bids. */
    protected final long bidsAtPs(Bidder channel) {
        return channel.bidsAtPs;
    }

    /** Lets a channel bid from a time on. */
    protected final void bidAt(Bidder channel, long ps) {
        channel.bidsAtPs = ps;
    }

    /** The earliest time at which one of a set bids. */
    protected final long earliestOf(int set) {
        long earliest = Clock.NEVER;
        for (int left = set; left != 0; left &= left - 1) {
            earliest = Math.min(earliest, bidsAtPs(first(left)));
        }
        return earliest;
    }

    /** Something about a channel has changed from outside; the next step looks at it. */
    public final void arrive(C channel) {
        leave(channel);
        arriving |= channel.bit();
        wake();
    }

    /** Takes a channel out of every set. */
    protected final void leave(C channel) {
        int others = ~channel.bit();
        bidding &= others;
        arriving &= others;
        waitingForRequest &= others;
    }

    /** Takes the bus from a channel that has it, and what is on the bus is lost. */
    protected final void release(C channel) {
        if (has(channel)) {
            granted = null;
        }
    }

    /** Puts a channel into the set it belongs to, after anything about it has changed. */
    protected final void enroll(C channel) {
        int bit = channel.bit();
        bidding &= ~bit;
        waitingForRequest &= ~bit;
        if (has(channel) || !isRunnable(channel)) {
            return;
        }
        if (!channel.isFetching()) {
            if (!channel.hasResidue()) {
                blockMoved(channel);
                return;
            }
            if (isHeld(channel)) {
                waitingForRequest |= bit;
                return;
            }
        }
        bidding |= bit;
    }

    /** Has the next step take place now. */
    protected final void wake() {
        clock.setIn(alarm, 0);
    }

    private void requestChanged() {
        if (waitingForRequest != 0) {
            wake();
        }
    }

    // The one event.

    /**
     * Ends what ends now, and lets the next take the bus. One grant ends in one step, and a grant
     * is bounded by {@link Bidder#runBursts}.
     */
    private void step() {
        long now = clock.now();
        C holder = granted;
        if (holder != null && grantEndPs <= now) {
            granted = null;
            if (grantBursts == FETCH) {
                fetchOver(holder);
            } else {
                burstsOver(holder, grantBursts, grantStartPs);
            }
        }
        grantIfFree(now);
        // From here on everybody comes too late for the decision above, as they would in the middle
        // of a run.
        endOthers();
        if ((waitingForRequest | arriving) != 0) {
            admit();
        }
        if (bidding != 0) {
            cutRun();
            grantIfFree(now);
        }
        schedule(now);
    }

    private void admit() {
        int candidates = arriving | waitingForRequest;
        arriving = 0;
        for (int left = candidates; left != 0; left &= left - 1) {
            enroll(first(left));
        }
    }

    private void grantIfFree(long now) {
        int bids = granted != null ? 0 : bidsBy(now);
        if (bids == 0) {
            return;
        }
        C winner = choose(bids);
        bidding &= ~winner.bit();
        granted = winner;
        grantStartPs = now;
        if (winner.isFetching()) {
            grantBursts = FETCH;
            grantEndPs = now + winner.fetchPs();
        } else {
            grantBursts = bidding == 0 && !burstByBurst ? winner.runBursts() : 1;
            grantEndPs = now + winner.runPs(grantBursts);
        }
    }

    private int bidsBy(long now) {
        int early = 0;
        for (int left = bidding; left != 0; left &= left - 1) {
            C channel = first(left);
            early |= bidsAtPs(channel) > now ? channel.bit() : 0;
        }
        return bidding & ~early;
    }

    private void schedule(long now) {
        long next = granted != null ? grantEndPs : earliestOf(bidding);
        next = Math.min(next, othersEndAtPs());
        if (next != Clock.NEVER) {
            clock.setAt(alarm, Math.max(next, now));
        }
    }

    // Runs.

    /** Moves the bursts of the run on the bus that have ended by now, if it is this channel's. */
    public final void catchUp(C channel) {
        if (!has(channel) || grantBursts <= 1) {
            return;
        }
        long since = clock.now() - grantStartPs - channel.burstPs();
        if (since < 0) {
            return;
        }
        long periodPs = channel.periodPs();
        int over = (int) Math.min(grantBursts - 1, 1 + since / periodPs);
        if (channel.move(over, grantStartPs) instanceof BusAnswer.Fault fault) {
            granted = null;
            refused(channel, fault);
            wake();
            return;
        }
        grantBursts -= over;
        grantStartPs += over * periodPs;
    }

    /** Shortens a run to the burst that is on the bus now, or takes the bus away between two. */
    private void cutRun() {
        C channel = granted;
        if (channel == null || grantBursts == FETCH) {
            return;
        }
        catchUp(channel);
        if (!has(channel)) {
            return;
        }
        if (grantStartPs > clock.now()) {
            granted = null;
            bidAt(channel, grantStartPs);
            enroll(channel);
        } else {
            grantBursts = 1;
            grantEndPs = grantStartPs + channel.runPs(1);
        }
    }

    /** Before anything about a channel changes: it has the bus for the burst under way only. */
    protected final void takeFromRun(C channel) {
        if (has(channel)) {
            cutRun();
            wake();
        }
    }
}
