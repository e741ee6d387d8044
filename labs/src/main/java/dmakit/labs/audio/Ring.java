package dmakit.labs.audio;

import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.sync.WaitQueue;

/**
 * A ring of periods that a channel goes round, and how far both sides have come: the device, by the
 * residue at each period's end, and the program, by what it wrote or read.
 */
final class Ring {
    private final Kernel kernel;
    private final Channel channel;
    private final TransferDirection direction;
    private final Device device;
    private final CoherentBuffer buffer;
    private final int periodBytes;
    private final WaitQueue waiting;
    private final TxState state = new TxState();
    private int cookie;
    private long devicePosition;
    private long programPosition;
    private boolean running;
    private boolean broken;

    Ring(
            Kernel kernel,
            Channel channel,
            TransferDirection direction,
            int periodBytes,
            int periods) {
        this.kernel = kernel;
        this.channel = channel;
        this.direction = direction;
        this.periodBytes = periodBytes;
        device = channel.device().dev();
        buffer = kernel.dma().allocCoherent(device, (long) periodBytes * periods, Gfp.KERNEL);
        waiting = new WaitQueue(kernel.sched());
    }

    /** Where the next byte of the program goes, or comes from. */
    long programVa() {
        return buffer.va() + programPosition % buffer.size();
    }

    /** Bytes from there to the end of the ring's memory. */
    long contiguous() {
        return buffer.size() - programPosition % buffer.size();
    }

    void advance(long bytes) {
        programPosition += bytes;
    }

    /** Bytes that the program can write, or read, without waiting. */
    long available() {
        return direction == TransferDirection.MEM_TO_DEV
                ? buffer.size() - (programPosition - devicePosition)
                : devicePosition - programPosition;
    }

    boolean isFull() {
        return available() == 0;
    }

    /** Bytes that have passed the device. */
    long devicePosition() {
        return devicePosition;
    }

    /** Whether the device overtook the program. */
    boolean isBroken() {
        return broken;
    }

    void start() {
        cookie =
                channel.prepCyclic(
                                buffer.dma(),
                                buffer.size(),
                                periodBytes,
                                direction,
                                PrepFlags.INTERRUPT | PrepFlags.ACK)
                        .callback(this::periodPassed)
                        .submit();
        channel.issuePending();
        running = true;
    }

    private void periodPassed() {
        update();
        waiting.wakeUpAll();
    }

    /** Asks how far the device has come: it may have passed the program since its last period. */
    private void update() {
        if (!running) {
            return;
        }
        channel.txStatus(cookie, state);
        long position = buffer.size() - Integer.toUnsignedLong(state.residue());
        devicePosition += Math.floorMod(position - devicePosition, buffer.size());
        broken |=
                direction == TransferDirection.MEM_TO_DEV
                        ? devicePosition > programPosition
                        : devicePosition - programPosition > buffer.size();
    }

    /** Sleeps until so much is available, or the device has overtaken the program. */
    void await(long bytes) {
        waiting.waitEvent(() -> {
            update();
            return broken || available() >= bytes;
        });
    }

    /** Wakes everybody who waits: there is nothing to wait for any more. */
    void fail() {
        broken = true;
        waiting.wakeUpAll();
    }

    void stop() {
        if (running) {
            running = false;
            channel.terminateSync();
        }
    }

    /** Stops it, and gives its memory back. */
    void free() {
        stop();
        kernel.dma().freeCoherent(device, buffer);
    }
}
