package dmakit.hardware;

/** What a channel has moved since it last told the trace, which hears of it as one piece. */
public final class Piece {
    private static final long ADDRESS_MASK = 0xffff_ffffL;

    private long startPs;
    private int source;
    private int dest;
    private long bytes;

    /** Creates a piece of nothing. */
    public Piece() {}

    /** Bytes are about to move: a piece that is empty begins with them, at addresses of 32 bits. */
    public void begin(long startPs, int source, int dest) {
        if (bytes == 0) {
            this.startPs = startPs;
            this.source = source;
            this.dest = dest;
        }
    }

    /** Bytes have moved. */
    public void add(int moved) {
        bytes += moved;
    }

    /** Tells the trace, unless there is nothing to tell, and forgets. */
    public void report(ChipTrace trace) {
        if (bytes != 0) {
            trace.moved(startPs, source & ADDRESS_MASK, dest & ADDRESS_MASK, bytes);
        }
        forget();
    }

    /** Forgets what has moved. */
    public void forget() {
        bytes = 0;
    }
}
