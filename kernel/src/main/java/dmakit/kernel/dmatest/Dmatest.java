package dmakit.kernel.dmatest;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.UnmapPools;
import dmakit.kernel.log.Log;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.Mm;
import dmakit.kernel.mm.Slab;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.kernel.module.BuiltInModule;
import dmakit.kernel.module.ModuleParameter;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sync.Mutex;
import dmakit.kernel.sync.WaitQueue;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The module: takes channels, makes threads for what each can do, starts and stops them.
 *
 * <p>Writing {@code channel} takes a channel and makes its threads, which wait; writing {@code run}
 * starts them; reading {@code wait} waits for them; reading {@code run} gives the channels back
 * once all are done.
 */
@Linux(file = Dmatest.FILE, symbol = "struct dmatest_info")
public final class Dmatest {
    static final String FILE = "drivers/dma/dmatest.c";

    /** Threads there may be at once; more are as threads that cannot be made. */
    public static final int THREAD_COUNT_MAX = 4096;

    private static final String NAME = "dmatest";
    private static final int WRITABLE = 0644;
    private static final int READABLE = 0444;

    /** A channel under test. */
    @Linux(file = FILE, symbol = "struct dmatest_chan")
    private record TestChannel(Channel channel, List<TestThread> threads) {}

    private final Sched sched;
    private final Log log;
    private final Mm mm;
    private final DmaMapping dma;
    private final DmaEngine engine;
    private final UnmapPools unmapPools;
    private final Rng rng;
    private final Mutex lock;
    private final WaitQueue threadWait;
    private final Settings settings = new Settings();
    private final Parameters parameters;
    private final ModuleParameter.Text channelName;
    private final BuiltInModule module;
    private final List<TestChannel> channels = new ArrayList<>();
    private TestObserver observer = TestObserver.NOBODY;
    private boolean run;
    private boolean wait;
    private boolean initialized;
    private int lastError;

    /** Creates the module; nothing runs before {@link #init}. */
    public Dmatest(Sched sched, Mm mm, DmaMapping dma, DmaEngine engine, UnmapPools unmapPools) {
        this.sched = sched;
        this.mm = mm;
        this.dma = dma;
        this.engine = engine;
        this.unmapPools = unmapPools;
        log = sched.log().prefixed(NAME + ": ");
        rng = sched.machine().rng(NAME);
        lock = new Mutex(sched, "test_info.lock");
        threadWait = new WaitQueue(sched);
        parameters = new Parameters(sched.log());
        channelName =
                new ModuleParameter.Text(
                        "channel", WRITABLE, Parameters.CHANNEL_SIZE_MAX, sched.log());
        List<ModuleParameter> all = new ArrayList<>(parameters.all());
        all.add(new ModuleParameter.Called("run", WRITABLE, this::setRun, this::getRun));
        all.add(
                new ModuleParameter.Called(
                        "channel", WRITABLE, this::setChannel, this::getChannel));
        all.add(new ModuleParameter.Called("test_list", READABLE, null, this::getTestList));
        all.add(new ModuleParameter.Called("wait", READABLE, this::setWait, this::getWait));
        module = new BuiltInModule(NAME, all);
    }

    /** The module's name and parameters. */
    public BuiltInModule module() {
        return module;
    }

    /** Sets who watches. */
    public void observe(TestObserver watcher) {
        observer = watcher;
    }

    // Its beginning and end.

    /** Begins, once drivers have probed: runs what the command line asked for. */
    @Linux(file = FILE, symbol = "dmatest_init")
    public void init() {
        if (run) {
            List<TestThread> started = new ArrayList<>();
            locked(() -> {
                addTests();
                started.addAll(startPending());
            });
            letBegin(started);
        }
        if (settings.iterations != 0 && wait) {
            threadWait.waitEvent(() -> !isRunning());
        }
        initialized = true;
    }

    /** Stops everything and gives all channels back. */
    @Linux(file = FILE, symbol = "dmatest_exit")
    public void exit() {
        locked(this::stopTests);
    }

    // Its parameters.

    @Linux(file = FILE, symbol = "dmatest_run_set")
    private void setRun(String value) {
        List<TestThread> started = new ArrayList<>();
        locked(() -> {
            run = ModuleParameter.parseBool(value);
            if (!run) {
                stopTests();
                return;
            }
            if (!isPending()) {
                if (lastError != 0) {
                    log.err("Channel misconfigured, can't continue");
                    throw new KernelException(
                            Errno.ofNumber(lastError), "the channel was refused before");
                }
                log.info("No channels configured, continue with any");
                if (!isRunning()) {
                    stopTests();
                }
                addTests();
            }
            if (initialized) {
                started.addAll(startPending());
            }
        });
        letBegin(started);
    }

    /** A thread that was woken gets a CPU soon: who looks next finds the tests running. */
    private void letBegin(List<TestThread> started) {
        while (started.stream().anyMatch(TestThread::isPending)) {
            sched.condResched();
        }
    }

    @Linux(file = FILE, symbol = "dmatest_run_get")
    private String getRun() {
        locked(() -> {
            run = isRunning();
            if (!run && !isPending()) {
                stopTests();
            }
        });
        return ModuleParameter.text(run);
    }

    @Linux(file = FILE, symbol = "dmatest_chan_set")
    private void setChannel(String value) {
        locked(() -> {
            channelName.set(value);
            if (!isRunning() && !isPending()) {
                stopTests();
            }
            lastError = 0;
            String wanted = value.strip();
            if (isPending() && channels.stream().anyMatch(each -> isNamed(each, wanted))) {
                refuse(Errno.EBUSY, lastChannelName(), "is taken");
            }
            addTests();
            if (channels.isEmpty()) {
                refuse(Errno.EBUSY, "", "cannot be had");
            }
            if (!wanted.isEmpty() && !isNamed(channels.getLast(), wanted)) {
                refuse(Errno.EINVAL, lastChannelName(), "cannot be had");
            }
        });
    }

    private static boolean isNamed(TestChannel each, String name) {
        return each.channel().name().equals(name);
    }

    private String lastChannelName() {
        return channels.getLast().channel().name();
    }

    private void refuse(Errno errno, String shown, String why) {
        String wanted = channelName.value().strip();
        channelName.set(shown);
        lastError = errno.number();
        throw new KernelException(errno, "channel '%s' %s", wanted, why);
    }

    @Linux(file = FILE, symbol = "dmatest_chan_get")
    private String getChannel() {
        locked(() -> {
            if (!isRunning() && !isPending()) {
                stopTests();
                channelName.set("");
            }
        });
        return channelName.get();
    }

    @Linux(file = FILE, symbol = "dmatest_test_list_get")
    private String getTestList() {
        for (TestChannel each : channels) {
            log.info("%d threads using %s", each.threads().size(), each.channel().name());
        }
        return "";
    }

    private void setWait(String value) {
        wait = ModuleParameter.parseBool(value);
    }

    @Linux(file = FILE, symbol = "dmatest_wait_get")
    private String getWait() {
        if (settings.iterations != 0) {
            threadWait.waitEvent(() -> !isRunning());
        }
        wait = true;
        return ModuleParameter.text(wait);
    }

    private void locked(Runnable body) {
        lock.lock();
        try {
            body.run();
        } finally {
            lock.unlock();
        }
    }

    // Channels and threads.

    @Linux(file = FILE, symbol = "is_threaded_test_run")
    private boolean isRunning() {
        return anyThread(thread -> !thread.isDone() && !thread.isPending());
    }

    @Linux(file = FILE, symbol = "is_threaded_test_pending")
    private boolean isPending() {
        return anyThread(TestThread::isPending);
    }

    private boolean anyThread(Predicate<TestThread> condition) {
        return channels.stream().anyMatch(each -> each.threads().stream().anyMatch(condition));
    }

    @Linux(file = FILE, symbol = "add_threaded_test")
    private void addTests() {
        channelName.trim();
        parameters.copyTo(settings, channelName.value());
        for (Operation operation : Operation.values()) {
            requestChannels(operation);
        }
    }

    @Linux(file = FILE, symbol = "request_channels")
    private void requestChannels(Operation operation) {
        Capabilities wanted = Capabilities.of(operation.type());
        do {
            Optional<Channel> channel = engine.requestChannel(wanted, this::isWanted);
            if (channel.isEmpty()) {
                return;
            }
            addChannel(channel.get());
        } while (settings.channelCountMax == 0
                || Integer.compareUnsigned(channels.size(), settings.channelCountMax) < 0);
    }

    @Linux(file = FILE, symbol = "filter")
    private boolean isWanted(Channel channel) {
        return (settings.channel.isEmpty() || settings.channel.equals(channel.name()))
                && (settings.device.isEmpty()
                        || settings.device.equals(channel.device().dev().name()));
    }

    @Linux(file = FILE, symbol = "dmatest_add_channel")
    private void addChannel(Channel channel) {
        Capabilities can = channel.device().capabilities();
        if (can.has(TransactionType.COMPLETION_NO_ORDER) && settings.polled) {
            settings.polled = false;
            log.warn("DMA_COMPLETION_NO_ORDER, polled disabled");
        }
        List<TestThread> threads = new ArrayList<>();
        for (Operation operation : Operation.values()) {
            if (can.has(operation.type()) && operation.isChosenBy(parameters.operation())) {
                addThreads(channel, operation, threads);
            }
        }
        log.info("Added %d threads using %s", threads.size(), channel.name());
        channels.add(new TestChannel(channel, threads));
    }

    @Linux(file = FILE, symbol = "dmatest_add_threads")
    private void addThreads(Channel channel, Operation operation, List<TestThread> threads) {
        int others = channels.stream().mapToInt(each -> each.threads().size()).sum();
        for (int i = 0; Integer.compareUnsigned(i, settings.threadsPerChannel) < 0; i++) {
            if (others + threads.size() == THREAD_COUNT_MAX) {
                String thread = TestThread.nameOf(channel, operation, i);
                log.warn("No memory for %s", thread);
                observer.refused(thread);
                return;
            }
            threads.add(new TestThread(this, channel, operation, i));
        }
    }

    @Linux(file = FILE, symbol = "run_pending_tests")
    private List<TestThread> startPending() {
        List<TestThread> started = new ArrayList<>();
        for (TestChannel each : channels) {
            each.threads().forEach(TestThread::wakeUp);
            started.addAll(each.threads());
            log.info("Started %d threads using %s", each.threads().size(), each.channel().name());
        }
        return started;
    }

    @Linux(file = FILE, symbol = "stop_threaded_test")
    private void stopTests() {
        while (!channels.isEmpty()) {
            TestChannel each = channels.removeFirst();
            each.threads().forEach(TestThread::stop);
            terminateSync(each.channel());
            engine.release(each.channel());
        }
    }

    /** Ends what a channel does, where its provider can. */
    static void terminateSync(Channel channel) {
        try {
            channel.terminateSync();
        } catch (KernelException e) {
            // dmatest.c does not look at the answer either: such a channel ends by itself.
        }
    }

    // For its threads.

    Sched sched() {
        return sched;
    }

    Log log() {
        return log;
    }

    DmaMapping dma() {
        return dma;
    }

    UnmapPools unmapPools() {
        return unmapPools;
    }

    Slab slab() {
        return mm.slab();
    }

    VirtualMemory virtual() {
        return mm.virtual();
    }

    Settings settings() {
        return settings;
    }

    boolean verbose() {
        return parameters.verbose();
    }

    TestObserver observer() {
        return observer;
    }

    /** A number in [0, bound). */
    @Linux(file = FILE, symbol = "dmatest_random")
    int random(int bound) {
        return (int) Long.remainderUnsigned(rng.nextLong(), bound);
    }

    void threadEnded() {
        threadWait.wakeUp();
    }
}
