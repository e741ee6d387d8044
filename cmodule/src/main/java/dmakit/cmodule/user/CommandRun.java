package dmakit.cmodule.user;

import dmakit.cmodule.HostEnded;
import dmakit.cmodule.UserPrograms;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.boot.KernelOops;
import dmakit.kernel.chardev.ProcessKilled;
import dmakit.kernel.chardev.SignalHandling;
import dmakit.kernel.chardev.UserProcess;
import dmakit.kernel.sched.KernelTask;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sched.TaskState;
import dmakit.machine.task.Deadlock;
import dmakit.machine.task.Scheduler;
import dmakit.machine.task.Task;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One command while it runs. The simulation and its programs take turns:
 *
 * <pre>
 *  programs compute          time stands still; what they ask for is collected
 *  all of them sleep         the guard says so: the collected calls go to their tasks
 *  tasks run, time passes    until one answers its program: the programs compute again
 * </pre>
 *
 * <p>All of it happens on the simulation's thread, which reads the guard's pipe when it is the
 * programs' turn.
 */
final class CommandRun {
    private static final int NO_PATIENCE_LIMIT = -1;

    /** How long a program with mapped memory may compute before a little time passes for it. */
    private static final int PATIENCE_MS = 20;

    private static final int BUSY_PATIENCE_MS = 1;
    private static final long BUSY_STEP_PS = 1_000_000_000;

    /** Simulated time that kernel code may take before somebody looks at the host's. */
    private static final long WATCH_PS = 100_000_000_000L;

    private static final long PS_PER_NS = 1_000;
    private static final long NS_PER_MS = 1_000_000;

    /** What wakes a call because a signal waits for its program. */
    private static final int HOST_SIGNAL = KernelTask.SIGNAL_MAX;

    private static final int EXIT_STATUS_SHIFT = 8;
    private static final int TERMINATED_BY = 0x7f;
    private static final int SIGNAL_STATUS = 128;

    private final Kernel kernel;
    private final Sched sched;
    private final UserPrograms programs;
    private final Path folder;
    private final SystemCalls calls;
    private final SharedTime time;
    private final CachedPages cached;
    private final Map<Integer, NativeThread> threads = new TreeMap<>();
    private final Map<Integer, NativeProcess> processes = new TreeMap<>();
    private final List<NativeThread> newcomers = new ArrayList<>();
    private final List<Arrival> arrivals = new ArrayList<>();
    private final List<NativeThread> interrupted = new ArrayList<>();
    private final List<Integer> closed = new ArrayList<>();
    private @Nullable Guard guard;
    private @Nullable KernelTask keeper;
    private @Nullable Message copied;
    private @Nullable HostEnded hostEnded;
    private boolean oopsed;
    private int quietSerial;
    private final Alarm watch = new Alarm("user session", this::watch);
    private int patience = NO_PATIENCE_LIMIT;
    private boolean quiet;
    private boolean busy;
    private int servingCount;
    private int taskCount;
    private int threadCount;
    private int waitStatus;
    private boolean ended;
    private boolean ending;
    private boolean timedOut;
    private boolean dead;

    private record Arrival(NativeThread thread, Message message) {}

    CommandRun(Kernel kernel, UserPrograms programs, UserSession.Control control, Path folder) {
        this.kernel = kernel;
        this.programs = programs;
        this.folder = folder;
        sched = kernel.sched();
        long bootNs = nowNs() - kernel.machine().clock().now() / PS_PER_NS;
        cached = new CachedPages(kernel.machine());
        calls = new SystemCalls(kernel, control, cached, bootNs);
        time = new SharedTime(bootNs);
        time.show(kernel.machine().clock());
    }

    private static long nowNs() {
        return Math.multiplyExact(System.currentTimeMillis(), NS_PER_MS);
    }

    UserSession.Outcome run(UserSession.Command command) throws IOException {
        String address = "dmakit/" + folder.getFileName() + "/" + ProcessHandle.current().pid();
        List<String> stuck = new ArrayList<>();
        Scheduler scheduler = kernel.machine().scheduler();
        Scheduler.IdleLoop usual = scheduler.idleWith(this::idle);
        try (Guard started = Guard.start(programs, folder, address, command)) {
            guard = started;
            kernel.run("user-session", this::keep);
        } catch (Deadlock e) {
            e.blocked().forEach(task -> stuck.add(task.name()));
        } catch (KernelOops e) {
            // It is in the log, and ended the program that met it; the command went on.
            oopsed = true;
        } finally {
            kernel.machine().clock().cancel(watch);
            scheduler.idleWith(usual);
            time.close();
        }
        HostEnded lost = hostEnded;
        if (lost != null) {
            throw lost;
        }
        return new UserSession.Outcome(status(), timedOut, oopsed, stuck);
    }

    private int status() {
        int signal = waitStatus & TERMINATED_BY;
        return signal == 0 ? waitStatus >> EXIT_STATUS_SHIFT : SIGNAL_STATUS + signal;
    }

    private Guard guard() {
        Guard there = guard;
        if (there == null) {
            throw new IllegalStateException("the guard has not been started");
        }
        return there;
    }

    // The task that keeps the run going: it closes what programs have let go.

    private void keep() {
        keeper = sched.current();
        settle(PATIENCE_MS);
        while (!dead || taskCount > 0) {
            if (closed.isEmpty()) {
                sched.setCurrentState(TaskState.UNINTERRUPTIBLE);
                sched.schedule();
            } else {
                calls.release(closed.removeFirst());
                if (closed.isEmpty()) {
                    deliver();
                }
            }
        }
        closed.forEach(calls::release);
        closed.clear();
        calls.releaseAll();
    }

    private void wakeKeeper() {
        KernelTask task = keeper;
        if (task != null) {
            sched.wakeUp(task);
        }
    }

    // Turns.

    /** What the CPU does when every task waits. */
    private boolean idle() {
        Clock clock = kernel.machine().clock();
        clock.cancel(watch);
        boolean goesOn = waitForSomething(clock);
        setWatch();
        return goesOn;
    }

    private boolean waitForSomething(Clock clock) {
        Guard.Frame frame = dead ? null : guard().poll();
        if (frame != null) {
            handle(frame);
            settle(PATIENCE_MS);
            return true;
        }
        if (!dead && ended && !ending) {
            // Only now, when what the command did last is done.
            ending = true;
            guard().send(Wire.Frame.END, 0, 0, new byte[0]);
        }
        if (!dead && (ended || clock.nextAt() == Clock.NEVER || (servingCount == 0 && !busy))) {
            handle(guard().next());
            settle(PATIENCE_MS);
            return true;
        }
        if (busy && !dead) {
            return stepWhileBusy(clock);
        }
        return kernel.machine().cpu().idle();
    }

    /** A program looks at mapped memory, it seems: a little time passes between its looks. */
    private boolean stepWhileBusy(Clock clock) {
        settle(BUSY_PATIENCE_MS);
        if (busy && !sched.machine().scheduler().hasRunnable()) {
            long until = clock.now() + BUSY_STEP_PS;
            // Programs compute meanwhile: the time is there before what happens at it.
            if (clock.nextAt() > until) {
                clock.advanceTo(until);
            } else {
                time.show(clock.nextAt());
                var _ = kernel.machine().cpu().idle();
            }
        }
        time.show(clock);
        cached.refresh();
        return true;
    }

    /** Looks for the end of the command's time while kernel code keeps the CPU. */
    private void watch() {
        Guard.Frame frame = dead ? null : guard().poll();
        while (frame != null) {
            handle(frame);
            if (timedOut) {
                throw new CommandStuck(sched.current().name());
            }
            frame = dead ? null : guard().poll();
        }
        setWatch();
    }

    private void setWatch() {
        Clock clock = kernel.machine().clock();
        clock.setAt(watch, clock.now() + WATCH_PS);
    }

    /**
     * Gives the programs their turn: returns when all of them sleep, with their calls delivered.
     *
     * @param patienceMs how long one that has memory of the machine may compute
     */
    private void settle(int patienceMs) {
        quiet = false;
        busy = false;
        patience = calls.hasMappings() || ended ? patienceMs : NO_PATIENCE_LIMIT;
        askQuiet();
        while (!quiet && !busy && !dead) {
            handle(guard().next());
        }
        cached.collect();
        setWatch();
        startNewcomers();
        interrupted.forEach(this::interrupt);
        interrupted.clear();
        for (Arrival arrival : arrivals) {
            // Who closed the last descriptor waits for it, and is who releases the file.
            if (arrival.message().op() == Wire.Op.CLOSED
                    && closed.remove((Object) arrival.message().intValue(0))) {
                calls.mayRelease(arrival.message().intValue(0));
            }
        }
        if (closed.isEmpty()) {
            deliver();
        }
        if (!closed.isEmpty() || dead) {
            wakeKeeper();
        }
    }

    private void askQuiet() {
        quietSerial++;
        guard().send(Wire.Frame.ASK_QUIET, patience, quietSerial, new byte[0]);
    }

    /** In the order of the threads, whichever was faster. */
    private void deliver() {
        arrivals.sort(Comparator.comparingInt(arrival -> arrival.thread().order()));
        for (Arrival arrival : arrivals) {
            NativeThread thread = arrival.thread();
            thread.inbox().add(arrival.message());
            thread.serving(true);
            servingCount++;
            KernelTask task = thread.task();
            if (task != null) {
                sched.wakeUp(task);
            }
        }
        arrivals.clear();
    }

    private void interrupt(NativeThread thread) {
        KernelTask task = thread.task();
        if (task != null && !task.isDead()) {
            if (thread.isGone()) {
                sched.sendSignal(task, KernelTask.SIGKILL);
            } else if (thread.isServing()) {
                sched.sendSignal(task, HOST_SIGNAL);
            }
        }
    }

    // What the guard says.

    private void handle(Guard.Frame frame) {
        switch (frame.kind()) {
            case REQUEST -> hear(frame.peer(), frame.data());
            case GONE -> {
                NativeThread thread = threads.remove(frame.peer());
                if (thread != null) {
                    thread.markGone();
                    interrupted.add(thread);
                    arrivals.removeIf(arrival -> arrival.thread() == thread);
                }
            }
            case CLOSED -> closed.add(frame.extra());
            case BYPASS ->
                    kernel.log()
                            .warn(
                                    "%d bytes were written to a file past the user library: they"
                                            + " are lost",
                                    frame.data().length);
            case ENDED -> {
                waitStatus = frame.extra();
                ended = true;
                // What it left behind may compute for ever.
                patience = PATIENCE_MS;
                askQuiet();
            }
            case TIMEOUT -> {
                timedOut = !ended;
                waitStatus = KernelTask.SIGKILL;
                guard().send(Wire.Frame.END, 0, 0, new byte[0]);
            }
            case QUIET -> quiet |= frame.extra() == quietSerial;
            case BUSY -> busy |= frame.extra() == quietSerial;
            case DEAD -> {
                dead = true;
                threads.values()
                        .forEach(thread -> {
                            thread.markGone();
                            interrupted.add(thread);
                        });
                threads.clear();
                arrivals.clear();
            }
            case REPLY, ASK_QUIET, SIGNAL, END ->
                    throw new ProtocolException("the guard sent " + frame.kind());
        }
    }

    private void hear(int peer, byte[] bytes) {
        Message message = Message.of(bytes);
        NativeThread thread = threads.get(peer);
        if (message.op() == Wire.Op.HELLO) {
            greet(peer, message);
        } else if (thread == null) {
            throw new ProtocolException("a call of thread " + peer + ", which has not said hello");
        } else if (message.op() == Wire.Op.COPIED) {
            copied = message;
        } else if (message.op() == Wire.Op.INTERRUPT) {
            interrupted.add(thread);
        } else {
            arrivals.add(new Arrival(thread, message));
        }
    }

    /** Lets a new thread go on, so that it sleeps or calls before its task is started. */
    private void greet(int peer, Message message) {
        NativeThread thread = new NativeThread(peer, message);
        threads.put(peer, thread);
        newcomers.add(thread);
        Answer welcome = Answer.of(0).withAttachment(Wire.Attachment.SEGMENT, time.descriptor());
        guard().send(Wire.Frame.REPLY, peer, welcome.attachment(), welcome.bytes());
        // An earlier question may be answered already, by a guard that saw the thread wait.
        askQuiet();
    }

    /** In the order in which the host made them, whichever spoke first. */
    private void startNewcomers() {
        newcomers.removeIf(NativeThread::isGone);
        newcomers.sort(
                Comparator.comparingInt(NativeThread::pid).thenComparingInt(NativeThread::tid));
        for (NativeThread thread : newcomers) {
            NativeProcess process = processes.get(thread.pid());
            if (process == null || thread.reason() != Wire.Reason.THREAD) {
                process = create(thread);
                processes.put(thread.pid(), process);
            }
            taskCount++;
            Task task =
                    kernel.processes()
                            .startThread(process.user(), thread.name(), _ -> serve(thread));
            thread.start(process, sched.of(task), ++threadCount);
        }
        newcomers.clear();
    }

    private NativeProcess create(NativeThread thread) {
        NativeMemory memory = new NativeMemory(this, new SharedPages(kernel));
        NativeProcess parent =
                thread.reason() == Wire.Reason.FORK ? processes.get(thread.parentPid()) : null;
        UserProcess user;
        if (parent == null) {
            user = kernel.processes().create(thread.name(), memory);
        } else {
            user = kernel.processes().fork(parent.user(), thread.name(), memory);
            calls.inherit(user, parent.user());
        }
        user.onSignal(CommandRun::onSignal);
        return new NativeProcess(thread.pid(), user, memory);
    }

    /** The program itself says, when its handler has run, whether the call starts over. */
    private static SignalHandling.Action onSignal(int signal) {
        if (signal == KernelTask.SIGKILL) {
            return SignalHandling.Action.DIE;
        }
        throw new CallInterrupted();
    }

    // A thread's task.

    private void serve(NativeThread thread) {
        try {
            KernelTask me = sched.current();
            while (true) {
                Message message = thread.inbox().poll();
                if (message != null) {
                    answer(thread, message);
                } else if (thread.isGone()) {
                    return;
                } else {
                    sched.setCurrentState(TaskState.INTERRUPTIBLE);
                    sched.schedule();
                    passSignals(thread, me);
                }
            }
        } finally {
            if (thread.process().user().threads().size() == 1) {
                calls.forget(thread.process().user());
                thread.process().memory().end();
            }
            taskCount--;
            wakeKeeper();
        }
    }

    /** What drivers sent goes to the program; what came from there has done its work. */
    private void passSignals(NativeThread thread, KernelTask me) {
        while (!thread.isGone() && me.hasSignal()) {
            int signal = me.takeSignal();
            if (signal != HOST_SIGNAL) {
                guard().send(Wire.Frame.SIGNAL, thread.process().pid(), signal, new byte[0]);
            }
        }
    }

    private void answer(NativeThread thread, Message message) {
        byte[] reply;
        int attachment = 0;
        try {
            Answer answer = calls.serve(thread.process(), message);
            reply = answer.bytes();
            attachment = answer.attachment();
        } catch (CallInterrupted _) {
            reply = Answer.of(-Wire.RESTART).bytes();
        } catch (ProcessKilled _) {
            reply = Answer.of(-Wire.RESTART).bytes();
        } catch (HostEnded e) {
            hostEnded = e;
            reply = Message.bytes(Wire.Wish.DIE, new long[Wire.VALUE_COUNT], new byte[0], 0);
            guard().send(Wire.Frame.END, 0, 0, new byte[0]);
        } catch (RuntimeException | StackOverflowError e) {
            sched.oopses().report(e);
            reply = Message.bytes(Wire.Wish.DIE, new long[Wire.VALUE_COUNT], new byte[0], 0);
        } finally {
            thread.serving(false);
            servingCount--;
        }
        passSignals(thread, sched.current());
        if (!thread.isGone()) {
            cached.show();
            time.show(kernel.machine().clock());
            guard().send(Wire.Frame.REPLY, thread.peer(), attachment, reply);
            settle(PATIENCE_MS);
        }
    }

    // Memory of the program whose call is served.

    /** The thread whose task runs. */
    private @Nullable NativeThread current() {
        KernelTask me = sched.current();
        for (NativeThread thread : threads.values()) {
            if (me.equals(thread.task())) {
                return thread;
            }
        }
        return null;
    }

    /**
     * Copies from the current program.
     *
     * @return fewer bytes where it has no more
     */
    byte[] copyIn(long va, int bytes) {
        Message answer = ask(Wire.Wish.COPY_IN, va, bytes, new byte[0], 0, 0);
        return answer == null ? new byte[0] : answer.data();
    }

    /**
     * Copies to the current program.
     *
     * @return how many bytes it could take
     */
    int copyOut(long va, byte[] from, int offset, int bytes) {
        Message answer = ask(Wire.Wish.COPY_OUT, va, bytes, from, offset, bytes);
        return answer == null ? 0 : answer.intValue(0);
    }

    /**
     * Lets a page of the machine take the place of the current program's own.
     *
     * @param offset of the page in the segment that the CPU sees
     * @return whether the program could
     */
    boolean share(long va, long offset, long bytes) {
        int segment = kernel.machine().ram().cpuShare().descriptor().orElse(-1);
        if (segment < 0) {
            return false;
        }
        long[] values = {va, bytes, offset, 0, 0, 0, 0};
        byte[] wish = Message.bytes(Wire.Wish.SHARE, values, new byte[0], 0);
        Message answer = ask(wish, Wire.attach(Wire.Attachment.SEGMENT, segment));
        return answer != null && answer.value(0) == bytes;
    }

    /** Pages that the line model has to be told of. */
    CachedPages cached() {
        return cached;
    }

    private @Nullable Message ask(
            Wire.Wish wish, long va, long bytes, byte[] data, int offset, int length) {
        long[] values = {va, bytes, 0, 0, 0, 0, 0};
        byte[] part = Arrays.copyOfRange(data, offset, offset + length);
        return ask(Message.bytes(wish, values, part, length), 0);
    }

    private @Nullable Message ask(byte[] wish, int attachment) {
        NativeThread thread = current();
        if (thread == null) {
            return null;
        }
        copied = null;
        guard().send(Wire.Frame.REPLY, thread.peer(), attachment, wish);
        while (copied == null && !thread.isGone() && !dead) {
            handle(guard().next());
        }
        Message answer = copied;
        copied = null;
        return answer;
    }
}
