package dmakit.labs.burst;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.Completion;
import dmakit.machine.cpu.Cpu;
import java.util.ArrayList;
import java.util.List;

/** A client of the engine's channels that copies on as many of them as are wanted. */
final class Copies implements AutoCloseable {
    private static final int TIMEOUT_MS = 10_000;
    private static final int WORD_BYTES = Long.BYTES;
    private static final String ENGINE = "axi-copy";

    private record Copy(Channel channel, CoherentBuffer buffer, int bytes) {}

    private final Kernel kernel;
    private final Cpu cpu;
    private final ChannelTimes times;
    private final List<Channel> channels = new ArrayList<>();
    private long heldPs;

    Copies(Kernel kernel, ChannelTimes times) {
        this.kernel = kernel;
        cpu = kernel.machine().cpu();
        this.times = times;
    }

    long start(int channel) {
        return times.start(channel);
    }

    long end(int channel) {
        return times.end(channel);
    }

    /** How long the bus carried data for the copies that were run last. */
    long heldPs() {
        return heldPs;
    }

    /**
     * Copies on one channel for each size, all issued one behind the other, and compares.
     *
     * @throws KernelException ENODEV, ETIMEDOUT; EIO for a byte that is not what it was
     */
    void run(List<Integer> sizes) {
        while (channels.size() < sizes.size()) {
            channels.add(newChannel());
        }
        Completion done = new Completion(kernel.sched());
        List<Copy> copies = new ArrayList<>();
        for (int i = 0; i < sizes.size(); i++) {
            copies.add(submitted(channels.get(i), sizes.get(i), done));
        }
        times.clear();
        long before = kernel.machine().bus().heldPs();
        channels.forEach(Channel::issuePending);
        for (Copy copy : copies) {
            if (done.waitForTimeout(Jiffies.ofMillis(TIMEOUT_MS)) == 0) {
                throw new KernelException(Errno.ETIMEDOUT, "%d bytes", copy.bytes());
            }
        }
        heldPs = kernel.machine().bus().heldPs() - before;
        for (Copy copy : copies) {
            compare(copy);
            kernel.dma().freeCoherent(copy.channel().device().dev(), copy.buffer());
        }
    }

    private Channel newChannel() {
        return kernel.dmaEngine()
                .requestChannel(
                        Capabilities.of(TransactionType.MEMCPY),
                        channel -> channel.device().dev().driverName().equals(ENGINE))
                .orElseThrow(() -> new DmaException(Errno.ENODEV, "no channel of the engine"));
    }

    private Copy submitted(Channel channel, int bytes, Completion done) {
        CoherentBuffer buffer =
                kernel.dma().allocCoherent(channel.device().dev(), 2L * bytes, Gfp.KERNEL);
        for (int at = 0; at < bytes; at += WORD_BYTES) {
            cpu.store64(buffer.va() + at, word(channel, at));
        }
        channel.prepMemcpy(
                        buffer.dma() + bytes,
                        buffer.dma(),
                        bytes,
                        PrepFlags.ACK | PrepFlags.INTERRUPT)
                .callback(done::complete)
                .submit();
        return new Copy(channel, buffer, bytes);
    }

    private static long word(Channel channel, int at) {
        return (at + 1L) * 0x9e37_79b9L + channel.index();
    }

    private void compare(Copy copy) {
        for (int at = 0; at < copy.bytes(); at += WORD_BYTES) {
            long found = cpu.load64(copy.buffer().va() + copy.bytes() + at);
            if (found != word(copy.channel(), at)) {
                throw new KernelException(
                        Errno.EIO, "byte %d of channel %d", at, copy.channel().index());
            }
        }
    }

    @Override
    public void close() {
        channels.forEach(kernel.dmaEngine()::release);
    }
}
