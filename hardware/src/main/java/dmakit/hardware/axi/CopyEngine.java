package dmakit.hardware.axi;

import dmakit.datasheet.axi.AxiCopyChannelRegister.Status;
import dmakit.datasheet.axi.AxiCopyRegister;
import dmakit.machine.Check;
import dmakit.machine.bus.BusAnswer;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;

/**
 * Who has the next burst, and what follows: the controller's one event.
 *
 * <p>A burst is given to a channel when it starts, and moves its bytes when it has been answered, a
 * few cycles later; until then the next ones start. While one channel alone has something to do,
 * its bursts go as one event, with the times they have one by one.
 */
final class CopyEngine {
    /** One cycle of the 200 MHz clock, in picoseconds. */
    static final long CYCLE_PS = 5_000;

    /** A burst is answered before the eighth after it starts. */
    private static final int ON_THEIR_WAY_MAX = 16;

    private final Clock clock;
    private final MasterPort port;
    private final CopyChannel[] channels;
    private final IrqLine irq;
    private final Alarm alarm;
    private final Pipeline pipeline = new Pipeline();
    private final byte[] buffer = new byte[Pipeline.BOUNDARY];

    // Bursts on their way, in the order in which they are answered.
    private final Bursts[] ring = new Bursts[ON_THEIR_WAY_MAX];
    private int first;
    private int count;

    // One bit for each channel: those that want a burst, and those that will from a cycle on.
    private int bidding;
    private int waking;

    private int interrupting;
    private int lastGranted;
    private boolean burstByBurst;
    private Policy policy = Policy.of(AxiCopyRegister.ARBITER.reset());
    private int beats;
    private int bursts;

    CopyEngine(Clock clock, MasterPort port, CopyChannel[] channels, IrqLine irq) {
        this.clock = clock;
        this.port = port;
        this.channels = channels;
        this.irq = irq;
        lastGranted = channels.length - 1;
        for (int i = 0; i < ring.length; i++) {
            ring[i] = new Bursts(channels[0]);
        }
        alarm = new Alarm(port.name(), this::step);
    }

    void moveBurstByBurst() {
        burstByBurst = true;
    }

    int interrupting() {
        return interrupting;
    }

    int beats() {
        return beats;
    }

    int bursts() {
        return bursts;
    }

    Policy policy() {
        return policy;
    }

    void policy(Policy newPolicy) {
        cutRun();
        policy = newPolicy;
        schedule();
    }

    /** The cycle that has begun last. */
    private long cycle() {
        return clock.now() / CYCLE_PS;
    }

    /** Starts an idle channel at the next edge of the clock. */
    void start(CopyChannel channel) {
        if (channel.busy) {
            return;
        }
        cutRun();
        channel.begin(Math.ceilDiv(clock.now(), CYCLE_PS) + 1);
        driveInterrupt(channel);
        traceState(channel, "Idle", "Busy");
        waking |= channel.bit;
        schedule();
    }

    /** Lets a channel start no further burst. */
    void stop(CopyChannel channel) {
        if (!channel.busy) {
            return;
        }
        catchUp();
        cutRun();
        channel.stopping = true;
        abandon(channel);
        schedule();
    }

    private void step() {
        long cycle = cycle();
        retire(cycle);
        wake(cycle);
        while (bidding != 0 && pipeline.nextStart() <= cycle) {
            grant(channels[policy.choose(bidding, lastGranted, channels)], cycle);
        }
        schedule();
    }

    private void wake(long cycle) {
        for (int left = waking; left != 0; left &= left - 1) {
            CopyChannel channel = channels[Integer.numberOfTrailingZeros(left)];
            if (channel.wakeAt <= cycle) {
                waking &= ~channel.bit;
                bidding |= channel.bit;
            }
        }
    }

    private void grant(CopyChannel channel, long cycle) {
        if (channel.unstarted > 0) {
            Check.invariant(count < ring.length, "%s: bursts pile up", port.name());
            boolean alone = (bidding | waking) == channel.bit && !burstByBurst;
            ring[(first + count) % ring.length].start(
                    channel, pipeline, cycle, alone && reachesRam(channel));
            count++;
            channel.onTheirWay++;
            lastGranted = channel.index;
        }
        if (channel.unstarted == 0) {
            bidding &= ~channel.bit;
            endIfOver(channel);
        }
    }

    private boolean reachesRam(CopyChannel channel) {
        long bytes = Math.min(channel.unstarted, Bursts.BYTES_MAX);
        return bytes > channel.burstBytesMax
                && port.reachesRam(channel.nextSource, bytes, false)
                && port.reachesRam(channel.nextDest, bytes, true);
    }

    /** Moves what has been answered. */
    private void retire(long cycle) {
        while (count > 0 && ring[first].doneAt <= cycle) {
            Bursts done = ring[first];
            first = (first + 1) % ring.length;
            count--;
            CopyChannel channel = done.channel;
            channel.onTheirWay--;
            move(channel, done.source, done.dest, done.takeDone(cycle));
            endIfOver(channel);
        }
    }

    private void endIfOver(CopyChannel channel) {
        if (!channel.busy || channel.unstarted > 0 || channel.onTheirWay > 0) {
            return;
        }
        channel.busy = false;
        if (!channel.stopping && !channel.failed()) {
            channel.status |= Status.DONE.mask();
        }
        traceState(
                channel,
                "Busy",
                channel.failed() ? "Failed" : channel.stopping ? "Stopped" : "Done");
        driveInterrupt(channel);
    }

    /** Moves what has been answered by now, also from the middle of a run. */
    void catchUp() {
        long cycle = cycle();
        retire(cycle);
        if (count > 0) {
            Bursts running = ring[first];
            long source = running.source;
            long dest = running.dest;
            int bytes = running.takeDone(cycle);
            move(running.channel, source, dest, bytes);
        }
    }

    /** Others want the bus now: a run ends with the burst that has started last. */
    private void cutRun() {
        if (count > 0) {
            Bursts latest = ring[(first + count - 1) % ring.length];
            CopyChannel channel = latest.channel;
            latest.cut(pipeline, cycle());
            if (channel.unstarted > 0) {
                bidding |= channel.bit;
            }
        }
    }

    private void move(CopyChannel channel, long source, long dest, int bytes) {
        if (bytes == 0 || channel.failed()) {
            return;
        }
        if (port.reachesRam(source, bytes, false) && port.reachesRam(dest, bytes, true)) {
            port.copy(source, dest, bytes, channel.burstBytesMax);
            moved(channel, source, dest, bytes);
            return;
        }
        int done = 0;
        while (done < bytes) {
            int piece = channel.burstBytes(dest + done, (long) bytes - done);
            if (!moveBurst(channel, source + done, dest + done, piece)) {
                return;
            }
            done += piece;
        }
    }

    private boolean moveBurst(CopyChannel channel, long source, long dest, int bytes) {
        BusAnswer answer = port.read(source, buffer, 0, bytes);
        if (answer.isDone()) {
            answer = port.write(dest, buffer, 0, bytes);
        }
        if (answer instanceof BusAnswer.Fault fault) {
            fail(channel, fault);
            return false;
        }
        moved(channel, source, dest, bytes);
        return true;
    }

    private void moved(CopyChannel channel, long source, long dest, int bytes) {
        channel.length -= bytes;
        int shift = Integer.numberOfTrailingZeros(channel.beatBytes);
        int moved = (int) (((dest + bytes - 1) >>> shift) - (dest >>> shift)) + 1;
        beats += moved;
        bursts += Math.ceilDiv(bytes, channel.burstBytesMax);
        port.hold(moved * CYCLE_PS);
        channel.trace.moved(clock.now(), source, dest, bytes);
    }

    private void fail(CopyChannel channel, BusAnswer.Fault fault) {
        channel.status |= (fault.write() ? Status.WRITE_ERROR : Status.READ_ERROR).mask();
        channel.trace.refused(fault);
        abandon(channel);
    }

    /** Starts no further burst of a channel. */
    private void abandon(CopyChannel channel) {
        cutRun();
        channel.unstarted = 0;
        bidding &= ~channel.bit;
        waking &= ~channel.bit;
        endIfOver(channel);
    }

    void driveInterrupt(CopyChannel channel) {
        interrupting =
                channel.interrupts() ? interrupting | channel.bit : interrupting & ~channel.bit;
        irq.set(interrupting != 0);
    }

    private void schedule() {
        long next = lastAnswer();
        if (bidding != 0) {
            next = Math.min(next, pipeline.nextStart());
        }
        for (int left = waking; left != 0; left &= left - 1) {
            next = Math.min(next, channels[Integer.numberOfTrailingZeros(left)].wakeAt);
        }
        if (next == Clock.NEVER) {
            clock.cancel(alarm);
        } else {
            clock.setAt(alarm, Math.max(next * CYCLE_PS, clock.now()));
        }
    }

    /** When the next channel has its last answer. Other answers can wait for the next burst. */
    private long lastAnswer() {
        for (int i = 0; i < count; i++) {
            Bursts bursts = ring[(first + i) % ring.length];
            if (bursts.channel.unstarted == 0) {
                return bursts.doneAt;
            }
        }
        return Clock.NEVER;
    }

    private static void traceState(CopyChannel channel, String from, String to) {
        if (channel.trace.isOn()) {
            channel.trace.changed(from, to, "residue=" + channel.residue());
        }
    }
}
