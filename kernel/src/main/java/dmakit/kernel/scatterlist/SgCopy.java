package dmakit.kernel.scatterlist;

import dmakit.kernel.Calls;
import dmakit.kernel.Linux;
import dmakit.machine.cpu.Cpu;

/** Copies between the segments of a list and an array, through the CPU's caches. */
public final class SgCopy {
    private final Calls calls;
    private final Cpu cpu;

    /** Creates the copier of one machine. */
    public SgCopy(Calls calls, Cpu cpu) {
        this.calls = calls;
        this.cpu = cpu;
    }

    /**
     * Copies an array into a list.
     *
     * @param nents entries of the list to use
     * @param bytes to copy
     * @param skip bytes of the list to leave out first
     * @return bytes copied: fewer when the list is shorter, 0 when it ends within {@code skip}
     */
    @Linux(file = "lib/scatterlist.c", symbol = "sg_copy_from_buffer")
    @Linux(file = "lib/scatterlist.c", symbol = "sg_pcopy_from_buffer")
    public long fromArray(Scatterlist sg, int nents, byte[] from, int at, int bytes, long skip) {
        enter("sg_pcopy_from_buffer", bytes, skip);
        return walk(
                sg, nents, bytes, skip, (va, done, piece) -> cpu.store(va, from, at + done, piece));
    }

    /** As {@link #fromArray}, the other way. */
    @Linux(file = "lib/scatterlist.c", symbol = "sg_copy_to_buffer")
    @Linux(file = "lib/scatterlist.c", symbol = "sg_pcopy_to_buffer")
    public long toArray(Scatterlist sg, int nents, byte[] into, int at, int bytes, long skip) {
        enter("sg_pcopy_to_buffer", bytes, skip);
        return walk(
                sg, nents, bytes, skip, (va, done, piece) -> cpu.load(va, into, at + done, piece));
    }

    /**
     * Zeroes bytes of a list.
     *
     * @return bytes zeroed, as {@link #fromArray}
     */
    @Linux(file = "lib/scatterlist.c", symbol = "sg_zero_buffer")
    public long zero(Scatterlist sg, int nents, int bytes, long skip) {
        enter("sg_zero_buffer", bytes, skip);
        return walk(sg, nents, bytes, skip, (va, _, piece) -> cpu.fill(va, piece, (byte) 0));
    }

    private void enter(String function, int bytes, long skip) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(function, "%d, %d".formatted(bytes, skip));
        }
    }

    @FunctionalInterface
    private interface Piece {
        void move(long va, int done, int bytes);
    }

    private static long walk(Scatterlist sg, int nents, int bytes, long skip, Piece action) {
        long leftToSkip = skip;
        int done = 0;
        int entries = nents;
        for (Scatterlist run = sg; run != null && entries > 0; run = run.next()) {
            for (int i = 0; i < run.count() && entries > 0 && done < bytes; i++, entries--) {
                long length = run.length(i);
                if (leftToSkip >= length) {
                    leftToSkip -= length;
                    continue;
                }
                int piece = (int) Math.min(length - leftToSkip, bytes - done);
                action.move(run.va(i) + leftToSkip, done, piece);
                done += piece;
                leftToSkip = 0;
            }
        }
        return done;
    }
}
