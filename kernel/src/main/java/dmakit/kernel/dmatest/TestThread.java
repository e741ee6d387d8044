package dmakit.kernel.dmatest;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.sched.Kthread;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sync.WaitQueue;
import org.jspecify.annotations.Nullable;

/**
 * A thread that tries one operation of one channel out.
 *
 * <p>It waits for its first wake-up, {@linkplain #isPending pending}; it is {@linkplain #isDone
 * done} behind its last test.
 */
@Linux(file = Dmatest.FILE, symbol = "struct dmatest_thread")
final class TestThread {
    private static final int BUFFER_COUNT_MAX = 255;
    private static final int BYTE_MASK = 0xff;

    /** Characters of a task's name that messages show. */
    @Linux(file = "include/linux/sched.h", symbol = "TASK_COMM_LEN")
    private static final int NAME_LENGTH_MAX = 15;

    private final Dmatest dmatest;
    private final Channel channel;
    private final Operation operation;
    private final String fullName;
    private final String name;
    private final Kthread task;
    private final WaitQueue doneWait;
    private boolean completed;
    private boolean pending;
    private boolean done;

    /** Makes a thread that does not run yet. */
    TestThread(Dmatest dmatest, Channel channel, Operation operation, int number) {
        this.dmatest = dmatest;
        this.channel = channel;
        this.operation = operation;
        Sched sched = dmatest.sched();
        fullName = nameOf(channel, operation, number);
        name = fullName.substring(0, Math.min(fullName.length(), NAME_LENGTH_MAX));
        task = sched.kthreadCreate(fullName, this::run);
        doneWait = new WaitQueue(sched);
        pending = true;
    }

    /** What a thread is called, whether or not it can be made. */
    static String nameOf(Channel channel, Operation operation, int number) {
        return "%s-%s%d".formatted(channel.name(), operation.suffix(), number);
    }

    /** Its name, as messages show it. */
    String name() {
        return name;
    }

    /** Its whole name. */
    String fullName() {
        return fullName;
    }

    /** Whose channel it uses. */
    Channel channel() {
        return channel;
    }

    /** What it tries out. */
    Operation operation() {
        return operation;
    }

    /** Whether it waits to be started. */
    boolean isPending() {
        return pending;
    }

    /** Whether it has ended. */
    boolean isDone() {
        return done;
    }

    /** Starts it; where it has begun it goes on. */
    void wakeUp() {
        task.wakeUp();
    }

    /** Ends it and waits until it has. */
    void stop() {
        task.stop();
    }

    // Waiting for a transfer.

    /** Expects another transfer. */
    void expect() {
        completed = false;
    }

    /** What the transfer calls at its end. */
    @Linux(file = Dmatest.FILE, symbol = "dmatest_callback")
    void complete() {
        if (done) {
            // The transfer outlived its thread, which has freed the buffers.
            dmatest.sched()
                    .contexts()
                    .warn("dmatest_callback", "dmatest: Kernel memory may be corrupted!!");
            return;
        }
        completed = true;
        doneWait.wakeUpAll();
    }

    /**
     * Waits for the transfer's end.
     *
     * @param jiffies at most
     * @return whether it came
     */
    boolean await(long jiffies) {
        doneWait.waitEventInterruptibleTimeout(() -> completed, jiffies);
        return completed;
    }

    // The thread.

    @Linux(file = Dmatest.FILE, symbol = "dmatest_func")
    private void run() {
        pending = false;
        var tally = new Tally();
        int result = -Errno.ENOMEM.number();
        Settings settings = dmatest.settings();
        int lg2Align = lg2Align(settings);
        int sourceCount = operation.sourceCount(settings, channel.device());
        if (makesSense(settings, sourceCount, lg2Align)) {
            Gfp gfp = settings.nobounce ? Gfp.DMA : Gfp.KERNEL;
            int size = settings.bufferBytes;
            TestBuffers sources = allocate(sourceCount, size, lg2Align, gfp);
            if (sources != null) {
                TestBuffers destinations =
                        allocate(operation.destinationCount(), size, lg2Align, gfp);
                if (destinations != null) {
                    new TestLoop(dmatest, this, tally, sources, destinations, size, lg2Align).run();
                    result = 0;
                    destinations.free();
                }
                sources.free();
            }
        }
        dmatest.log().info("%s: summary %s (%d)", name, tally, result);
        if (result != 0 || tally.failures() != 0) {
            Dmatest.terminateSync(channel);
        }
        done = true;
        dmatest.observer().ended(fullName, tally.tests(), tally.failures(), result);
        dmatest.threadEnded();
    }

    private int lg2Align(Settings settings) {
        return settings.lg2Alignment < 0
                ? operation.lg2Align(channel.device())
                : settings.lg2Alignment & BYTE_MASK;
    }

    private boolean makesSense(Settings settings, int sourceCount, int lg2Align) {
        int count = sourceCount + operation.destinationCount();
        // Fewer sources than one: a provider that does not say how many it takes.
        if (sourceCount < 0 || Integer.compareUnsigned(count, BUFFER_COUNT_MAX) >= 0) {
            dmatest.log().err("too many buffers (%d of %d supported)", count, BUFFER_COUNT_MAX);
            return false;
        }
        int alignBytes = 1 << lg2Align;
        if (Integer.compareUnsigned(alignBytes, settings.bufferBytes) > 0) {
            dmatest.log()
                    .err(
                            "%s-byte buffer too small for %d-byte alignment",
                            Integer.toUnsignedString(settings.bufferBytes), alignBytes);
            return false;
        }
        return true;
    }

    private @Nullable TestBuffers allocate(int count, int size, int lg2Align, Gfp gfp) {
        try {
            return new TestBuffers(dmatest.slab(), count, size, lg2Align, gfp);
        } catch (KernelException e) {
            return null;
        }
    }
}
