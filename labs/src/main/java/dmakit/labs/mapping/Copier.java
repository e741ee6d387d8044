package dmakit.labs.mapping;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.ChannelFilter;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.mapping.StreamingMapping;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.Completion;
import dmakit.labs.Transfers;

/** Copies memory by DMA: maps, transfers and unmaps, in pieces as large as can be mapped. */
final class Copier implements AutoCloseable {
    private static final int TIMEOUT_MS = 10_000;

    private final Kernel kernel;
    private final Channel channel;
    private final Device device;
    private final Completion done;
    private final long pieceMax;

    /**
     * Takes a channel.
     *
     * @throws DmaException ENODEV when no controller copies memory
     */
    Copier(Kernel kernel) {
        this.kernel = kernel;
        Capabilities wanted = Capabilities.of(TransactionType.MEMCPY);
        channel =
                kernel.dmaEngine()
                        .requestChannel(wanted, ChannelFilter.ANY)
                        .orElseThrow(() -> new DmaException(Errno.ENODEV, "no channel copies"));
        device = channel.device().dev();
        done = new Completion(kernel.sched());
        pieceMax = kernel.dma().maxMappingSize(device);
    }

    /** In how many pieces so many bytes are mapped. */
    long pieces(int bytes) {
        return Math.ceilDiv(bytes, pieceMax);
    }

    /**
     * Copies, and sleeps until that is done.
     *
     * @throws KernelException what mapping and preparing throw; ETIMEDOUT
     */
    void copy(long fromVa, long toVa, int bytes) {
        int most = (int) Math.min(pieceMax, bytes);
        for (int at = 0; at < bytes; at += most) {
            copyPiece(fromVa + at, toVa + at, Math.min(most, bytes - at));
        }
    }

    private void copyPiece(long fromVa, long toVa, int bytes) {
        try (StreamingMapping from =
                        kernel.dma().map(device, fromVa, bytes, DmaDirection.TO_DEVICE);
                StreamingMapping to =
                        kernel.dma().map(device, toVa, bytes, DmaDirection.FROM_DEVICE)) {
            Descriptor copy =
                    channel.prepMemcpy(
                            to.dma(), from.dma(), bytes, PrepFlags.ACK | PrepFlags.INTERRUPT);
            done.reinit();
            copy.callback(done::complete);
            copy.submit();
            channel.issuePending();
            if (done.waitForTimeout(Jiffies.ofMillis(TIMEOUT_MS)) == 0) {
                Transfers.end(channel);
                throw new KernelException(Errno.ETIMEDOUT, "%d bytes did not arrive", bytes);
            }
        }
    }

    /** Gives the channel back. */
    @Override
    public void close() {
        kernel.dmaEngine().release(channel);
    }
}
