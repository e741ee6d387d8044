package dmakit.hardware.axi;

import dmakit.machine.Check;

/**
 * Bursts of one channel that are on their way: one, or a run of neighbours that nobody came
 * between. Each object is used again for others.
 */
final class Bursts {
    /** Bursts of a run, at most. A register access that looks into a run goes through them. */
    static final int COUNT_MAX = 4096;

    /** Bytes of a run, at most: what one event moves. */
    static final int BYTES_MAX = 1 << 20;

    CopyChannel channel;
    long source;
    long dest;
    int bytes;
    int count;

    /** When the last of them has been answered. */
    long doneAt;

    /** When the last of them started. */
    long lastStart;

    private long firstStart;

    /** What the first of them finds. */
    private final Pipeline before = new Pipeline();

    private final Pipeline scratch = new Pipeline();

    Bursts(CopyChannel any) {
        channel = any;
    }

    /** Starts the next burst of a channel, or as many as make a run. */
    void start(CopyChannel of, Pipeline pipeline, long cycle, boolean run) {
        channel = of;
        source = of.nextSource;
        dest = of.nextDest;
        bytes = 0;
        count = 0;
        firstStart = cycle;
        before.copyFrom(pipeline);
        step(pipeline, cycle);
        if (run) {
            extend(pipeline);
        }
        doneAt = pipeline.done();
        lastStart = pipeline.started();
    }

    private void step(Pipeline pipeline, long cycle) {
        int piece = channel.burstBytes(channel.nextDest, channel.unstarted);
        pipeline.burst(
                cycle,
                channel.nextSource,
                channel.nextDest,
                piece,
                channel.beatBytes,
                channel.burstBytesMax);
        channel.startedBytes(piece);
        bytes += piece;
        count++;
    }

    private void extend(Pipeline pipeline) {
        boolean regular = channel.isRegular();
        while (hasMore() && count < COUNT_MAX) {
            scratch.copyFrom(pipeline);
            step(pipeline, pipeline.nextStart());
            long cadence = pipeline.started() - scratch.started();
            if (regular && pipeline.isLaterBy(cadence, scratch)) {
                regular = false;
                skip(pipeline, cadence);
            }
        }
    }

    private boolean hasMore() {
        return channel.unstarted > 0 && bytes <= BYTES_MAX - channel.burstBytesMax;
    }

    /** As every full burst now takes as long as the one before, they need not be looked at. */
    private void skip(Pipeline pipeline, long cadence) {
        int size = channel.burstBytesMax;
        long full = Math.min(channel.unstarted, BYTES_MAX - bytes) / size;
        int more = (int) Math.min(full, COUNT_MAX - count);
        pipeline.delayBy(more * cadence);
        channel.startedBytes((long) more * size);
        bytes += more * size;
        count += more;
    }

    /**
     * Takes those back that have not started by now.
     *
     * @param pipeline becomes what it was after the last that has
     */
    void cut(Pipeline pipeline, long cycle) {
        if (lastStart <= cycle) {
            return;
        }
        pipeline.copyFrom(before);
        channel.startedBytes(-bytes);
        bytes = 0;
        count = 0;
        long at = firstStart;
        while (at <= cycle) {
            step(pipeline, at);
            at = pipeline.nextStart();
        }
        Check.invariant(count > 0, "the first burst of a run has not started");
        doneAt = pipeline.done();
        lastStart = pipeline.started();
    }

    /**
     * Takes out those that have been answered by now, from the front.
     *
     * @return their bytes, which are to be moved
     */
    int takeDone(long cycle) {
        if (doneAt <= cycle) {
            int all = bytes;
            bytes = 0;
            count = 0;
            return all;
        }
        int taken = 0;
        scratch.copyFrom(before);
        while (true) {
            int piece = channel.burstBytes(dest, bytes);
            scratch.burst(
                    firstStart, source, dest, piece, channel.beatBytes, channel.burstBytesMax);
            if (scratch.done() > cycle) {
                return taken;
            }
            before.copyFrom(scratch);
            firstStart = scratch.nextStart();
            taken += piece;
            source += piece;
            dest += piece;
            bytes -= piece;
            count--;
        }
    }
}
