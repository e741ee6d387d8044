package dmakit.kernel.dmatest;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.dmaengine.UnmapData;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sched.Sched;
import dmakit.machine.cpu.Cpu;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The tests of one thread, one after the other: fills the buffers, lends them to the device whole,
 * has a part of one moved to a part of the other, and looks at every byte of both.
 */
@Linux(file = Dmatest.FILE, symbol = "dmatest_func")
final class TestLoop {
    private static final long PS_PER_NS = 1_000;
    private static final int PAUSE_MS = 100;

    private final Dmatest dmatest;
    private final TestThread thread;
    private final Tally tally;
    private final Settings settings;
    private final Sched sched;
    private final Cpu cpu;
    private final DmaMapping dma;
    private final Channel channel;
    private final Device device;
    private final Operation operation;
    private final long[] sources;
    private final long[] destinations;
    private final int size;
    private final int lg2Align;
    private final Patterns patterns;
    private final byte[] coefficients;
    private final TxState state = new TxState();
    private int number;
    private int sourceOffset;
    private int destinationOffset;
    private int length;
    private int mapResult = -Errno.ENOMEM.number();
    private long fillNs;
    private long compareNs;

    TestLoop(
            Dmatest dmatest,
            TestThread thread,
            Tally tally,
            TestBuffers sources,
            TestBuffers destinations,
            int size,
            int lg2Align) {
        this.dmatest = dmatest;
        this.thread = thread;
        this.tally = tally;
        this.sources = sources.addresses();
        this.destinations = destinations.addresses();
        this.size = size;
        this.lg2Align = lg2Align;
        settings = dmatest.settings();
        sched = dmatest.sched();
        cpu = sched.machine().cpu();
        dma = dmatest.dma();
        channel = thread.channel();
        device = channel.device().dev();
        operation = thread.operation();
        patterns =
                new Patterns(cpu, dmatest.log(), thread.name(), operation == Operation.SET, size);
        coefficients = new byte[this.sources.length];
        Arrays.fill(coefficients, (byte) 1);
    }

    /** Goes on until all are done, or the thread is told to stop. */
    void run() {
        long start = nowNs();
        while (!sched.kthreadShouldStop() && hasMore()) {
            number = tally.nextTest();
            if (!choose()) {
                break;
            }
            tally.add(length);
            fill();
            if (move()) {
                verify();
            } else {
                tally.fail();
            }
            dmatest.observer().tested(thread.fullName(), tally.tests(), tally.failures());
            // As the end of a time slice: transfers may end before the thread waits for them.
            sched.condResched();
        }
        tally.runtime(nowNs() - start - compareNs - fillNs);
    }

    private boolean hasMore() {
        return settings.iterations == 0
                || Integer.compareUnsigned(tally.tests(), settings.iterations) < 0;
    }

    /** Chooses length and offsets; answers whether there is such a test. */
    private boolean choose() {
        int wanted = settings.transferBytes;
        if (wanted == 0) {
            int any = settings.norandom ? size : dmatest.random(size) + 1;
            length = Math.max((any >> lg2Align) << lg2Align, 1 << lg2Align);
        } else if (Integer.compareUnsigned(wanted, size) < 0) {
            length = wanted;
        } else {
            dmatest.log()
                    .err(
                            "%s-byte transfer size must be lower than %d-buffer size",
                            Integer.toUnsignedString(wanted), size);
            return false;
        }
        sourceOffset = anyOffset();
        destinationOffset = anyOffset();
        return true;
    }

    private int anyOffset() {
        return settings.norandom ? 0 : (dmatest.random(size - length + 1) >> lg2Align) << lg2Align;
    }

    private void fill() {
        if (!settings.noverify) {
            long start = nowNs();
            patterns.initSources(sources, sourceOffset, length);
            patterns.initDestinations(destinations, destinationOffset, length);
            fillNs += nowNs() - start;
        }
    }

    private void verify() {
        int mismatches = 0;
        if (!settings.noverify) {
            long start = nowNs();
            mismatches =
                    patterns.verifySources(sources, sourceOffset, length)
                            + patterns.verifyDestinations(
                                    destinations, destinationOffset, length, sourceOffset);
            compareNs += nowNs() - start;
        }
        if (mismatches != 0) {
            tell("data error", mismatches);
            tally.fail();
        } else if (dmatest.verbose()) {
            tell("test passed", 0);
        }
    }

    @Linux(file = Dmatest.FILE, symbol = "result")
    private void tell(String what, int value) {
        dmatest.log()
                .info(
                        "%s: result #%s: '%s' with src_off=0x%x dst_off=0x%x len=0x%x (%d)",
                        thread.name(),
                        Integer.toUnsignedString(number),
                        what,
                        sourceOffset,
                        destinationOffset,
                        length,
                        value);
    }

    // One transfer.

    /** Has the bytes moved; answers whether they were, and says why not. */
    private boolean move() {
        UnmapData unmap = dmatest.unmapPools().get(device, sources.length + destinations.length);
        unmap.length(size);
        boolean moved = false;
        if (map(unmap)) {
            Descriptor descriptor = prepare(unmap);
            if (descriptor == null) {
                tell("prep error", mapResult);
                sched.msleep(PAUSE_MS);
            } else {
                moved = transfer(descriptor);
            }
        }
        unmap.put();
        return moved;
    }

    private @Nullable Descriptor prepare(UnmapData mapped) {
        int flags = settings.polled ? PrepFlags.ACK : PrepFlags.ACK | PrepFlags.INTERRUPT;
        long source = mapped.address(0) + sourceOffset;
        long destination = mapped.address(sources.length) + destinationOffset;
        try {
            return switch (operation) {
                case COPY -> channel.prepMemcpy(destination, source, length, flags);
                case SET ->
                        channel.prepMemset(
                                destination, cpu.load8(sources[0] + sourceOffset), length, flags);
                case XOR -> channel.prepXor(destination, partsOf(mapped), length, flags);
                case PQ ->
                        channel.prepPq(
                                new long[] {destination, secondDestination(mapped)},
                                partsOf(mapped),
                                coefficients,
                                length,
                                flags);
            };
        } catch (DmaException e) {
            return null;
        }
    }

    private long secondDestination(UnmapData mapped) {
        return mapped.address(sources.length + 1) + destinationOffset;
    }

    private long[] partsOf(UnmapData mapped) {
        long[] parts = new long[sources.length];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = mapped.address(i) + sourceOffset;
        }
        return parts;
    }

    private boolean transfer(Descriptor descriptor) {
        thread.expect();
        if (!settings.polled) {
            descriptor.callback(thread::complete);
        }
        int cookie = descriptor.submit();
        if (cookie < 0) {
            tell("submit error", mapResult);
            sched.msleep(PAUSE_MS);
            return false;
        }
        boolean done;
        DmaStatus status;
        if (settings.polled) {
            status = channel.syncWait(cookie);
            Dmatest.terminateSync(channel);
            done = status == DmaStatus.COMPLETE;
        } else {
            channel.issuePending();
            done = thread.await(timeoutJiffies());
            status = channel.isTxComplete(cookie, state);
        }
        if (!done) {
            tell("test timed out", 0);
        } else if (status != DmaStatus.COMPLETE && !completesInAnyOrder(status)) {
            tell(
                    status == DmaStatus.ERROR
                            ? "completion error status"
                            : "completion busy status",
                    mapResult);
            done = false;
        }
        return done;
    }

    private boolean completesInAnyOrder(DmaStatus status) {
        return status == DmaStatus.OUT_OF_ORDER
                && channel.device().capabilities().has(TransactionType.COMPLETION_NO_ORDER);
    }

    private long timeoutJiffies() {
        return settings.timeoutMs < 0 ? Jiffies.MAX_TIMEOUT : Jiffies.ofMillis(settings.timeoutMs);
    }

    /** Lends all buffers whole, sources first; answers whether all could be lent. */
    private boolean map(UnmapData into) {
        for (long source : sources) {
            long address = map(source, DmaDirection.TO_DEVICE);
            if (mapResult != 0) {
                tell("src mapping error", mapResult);
                return false;
            }
            into.addTo(address);
        }
        // Both ways, so that what lies around the bytes is written back, and survives.
        for (long destination : destinations) {
            long address = map(destination, DmaDirection.BIDIRECTIONAL);
            if (mapResult != 0) {
                tell("dst mapping error", mapResult);
                return false;
            }
            into.addBidi(address);
        }
        return true;
    }

    private long map(long va, DmaDirection direction) {
        long page = dmatest.virtual().virtToPage(va);
        long inPage = va & (VirtualMemory.PAGE_BYTES - 1);
        long address = dma.tryMapPage(device, page, inPage, size, direction, DmaAttrs.NONE);
        mapResult = dma.mappingError(device, address) ? -Errno.ENOMEM.number() : 0;
        return address;
    }

    private long nowNs() {
        return sched.machine().clock().now() / PS_PER_NS;
    }
}
