package dmakit.board.dmatest;

import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.PageAllocator;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A client that starts something, and is asked at any moment to stop. It keeps to the rules: it
 * unmaps what it mapped, and uses a channel while it holds it.
 */
abstract class MovingClient {
    /** Bytes of a buffer. */
    static final int BUFFER_BYTES = 16384;

    private static final int BUFFER_COUNT = 12;
    private static final byte SPOILT = 0x5a;
    private static final int ORDER = PageAllocator.orderFor(BUFFER_BYTES);

    final Kernel kernel;
    final Cpu cpu;
    private final List<Mapping> mappings = new ArrayList<>();
    private final List<Long> buffers = new ArrayList<>();
    private final Map<String, Integer> cookies = new TreeMap<>();
    private int buffersInUse;
    private int callbacks;
    private int expected;
    private Runnable inCallback = () -> {};

    private record Mapping(Device device, long dma, DmaDirection direction) {}

    MovingClient(Kernel kernel) {
        this.kernel = kernel;
        cpu = kernel.machine().cpu();
    }

    // What a kind of client does.

    /** Takes its channels. */
    abstract void request();

    /** The channels it holds, that which ends last at the end. */
    abstract List<Channel> channels();

    /** Starts what the seed says. */
    abstract void start(Rng rng);

    /** Gives its channels back. */
    abstract void release();

    /** Lets the peripheral stand still, before its channels do. */
    void hold() {}

    /** Lets the peripheral go on. */
    void goOn() {}

    /** Forgets its channels, whose provider is gone. */
    void gone() {}

    /** What has to be done beside stopping the channels. */
    void quiet() {}

    /** Whether every byte that was to be moved was, once all callbacks came. */
    abstract boolean isMoved();

    // For all kinds.

    /** Submits a descriptor that counts, and expects it to. */
    final void submit(Descriptor descriptor) {
        expected++;
        descriptor.callback(() -> {
            callbacks++;
            inCallback.run();
        });
        cookies.put(descriptor.channel().name(), descriptor.submit());
    }

    /** What was submitted last to a channel. */
    final int lastCookie(Channel channel) {
        return cookies.getOrDefault(channel.name(), 0);
    }

    /** What callbacks do beside counting. */
    final void inCallback(Runnable body) {
        inCallback = body;
    }

    /** How many callbacks came. */
    final int callbacks() {
        return callbacks;
    }

    /** Whether all callbacks came. */
    boolean isDone() {
        return callbacks >= expected;
    }

    /** Begins another run. */
    final void reset() {
        callbacks = 0;
        expected = 0;
        buffersInUse = 0;
        inCallback = () -> {};
    }

    /** Takes as many buffers as a run may need. */
    final void allocate() {
        for (int i = 0; i < BUFFER_COUNT; i++) {
            buffers.add(kernel.mm().pages().getFreePages(Gfp.KERNEL, ORDER));
        }
    }

    /** A buffer of {@link #BUFFER_BYTES} that nothing else has in this run. */
    final long buffer() {
        return buffers.get(buffersInUse++);
    }

    /** Lends a whole buffer to a channel's device. */
    final long map(Channel channel, long va, DmaDirection direction) {
        Device device = channel.device().dev();
        long dma = kernel.dma().mapSingle(device, va, BUFFER_BYTES, direction);
        mappings.add(new Mapping(device, dma, direction));
        return dma;
    }

    /** Takes back all that is lent. */
    final void unmap() {
        for (Mapping each : mappings) {
            kernel.dma().unmapSingle(each.device(), each.dma(), BUFFER_BYTES, each.direction());
        }
        mappings.clear();
    }

    /** Fills all buffers with a byte that nothing moves. */
    final void spoilBuffers() {
        buffers.forEach(va -> cpu.fill(va, BUFFER_BYTES, SPOILT));
    }

    /** Whether all buffers are as {@link #spoilBuffers} left them. */
    final boolean areSpoiled() {
        byte[] spoilt = new byte[BUFFER_BYTES];
        Arrays.fill(spoilt, SPOILT);
        return buffers.stream().allMatch(va -> Arrays.equals(load(va, BUFFER_BYTES), spoilt));
    }

    /** Frees all buffers. */
    final void free() {
        buffers.forEach(va -> kernel.mm().pages().freePagesAt(va, ORDER));
        buffers.clear();
    }

    final void store(long va, byte[] bytes) {
        cpu.store(va, bytes, 0, bytes.length);
    }

    final byte[] load(long va, int bytes) {
        byte[] loaded = new byte[bytes];
        cpu.load(va, loaded, 0, bytes);
        return loaded;
    }

    static byte[] anyBytes(Rng rng, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) rng.nextLong();
        }
        return bytes;
    }
}
