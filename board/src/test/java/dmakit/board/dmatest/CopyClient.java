package dmakit.board.dmatest;

import dmakit.kernel.boot.Kernel;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Copies pieces of memory, several one after the other. */
final class CopyClient extends MovingClient {
    private static final int COPIES_MAX = 6;
    private static final int FLAGS = PrepFlags.ACK | PrepFlags.INTERRUPT;

    private final TestedController controller;
    private final List<Copy> copies = new ArrayList<>();
    private List<Channel> channels = List.of();

    private record Copy(long va, byte[] bytes) {}

    CopyClient(Kernel kernel, TestedController controller) {
        super(kernel);
        this.controller = controller;
    }

    @Override
    void request() {
        channels =
                List.of(
                        kernel.dmaEngine()
                                .requestChannel(
                                        Capabilities.of(TransactionType.MEMCPY),
                                        each ->
                                                each.device()
                                                        .dev()
                                                        .name()
                                                        .equals(controller.device()))
                                .orElseThrow());
    }

    @Override
    List<Channel> channels() {
        return channels;
    }

    @Override
    void start(Rng rng) {
        copies.clear();
        Channel channel = channels.getFirst();
        int lg2Align = channel.device().lg2CopyAlign();
        int count = 1 + rng.nextInt(COPIES_MAX);
        for (int i = 0; i < count; i++) {
            int length = 1 + rng.nextInt(BUFFER_BYTES / 2);
            length = Math.max(length >> lg2Align << lg2Align, 1 << lg2Align);
            int from = rng.nextInt(BUFFER_BYTES - length + 1) >> lg2Align << lg2Align;
            int to = rng.nextInt(BUFFER_BYTES - length + 1) >> lg2Align << lg2Align;
            byte[] bytes = anyBytes(rng, BUFFER_BYTES);
            long source = buffer();
            long destination = buffer();
            store(source, bytes);
            store(destination, new byte[BUFFER_BYTES]);
            long sourceDma = map(channel, source, DmaDirection.TO_DEVICE);
            long destinationDma = map(channel, destination, DmaDirection.BIDIRECTIONAL);
            submit(channel.prepMemcpy(destinationDma + to, sourceDma + from, length, FLAGS));
            byte[] wanted = new byte[BUFFER_BYTES];
            System.arraycopy(bytes, from, wanted, to, length);
            copies.add(new Copy(destination, wanted));
            if (rng.oneIn(2)) {
                channel.issuePending();
            }
        }
        channel.issuePending();
    }

    @Override
    boolean isMoved() {
        return copies.stream()
                .allMatch(each -> Arrays.equals(load(each.va(), BUFFER_BYTES), each.bytes()));
    }

    @Override
    void gone() {
        channels = List.of();
    }

    @Override
    void release() {
        channels.forEach(kernel.dmaEngine()::release);
        channels = List.of();
    }
}
