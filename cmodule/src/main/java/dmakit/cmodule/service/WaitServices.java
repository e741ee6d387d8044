package dmakit.cmodule.service;

import dmakit.cmodule.CHost;
import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Handler;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.Errno;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.check.Role;
import dmakit.kernel.mm.MemoryChecks;
import dmakit.kernel.sched.KernelTask;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sched.TaskState;
import dmakit.kernel.sync.Completion;
import dmakit.kernel.sync.WaitEntry;
import dmakit.kernel.sync.WaitQueue;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToLongBiFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Completions and wait queues. */
final class WaitServices implements ServiceGroup {
    /** What {@code complete} answers, as {@code enum completed} in C. */
    private static final long COMPLETED = 0;

    private static final long COMPLETED_UNKNOWN = 1;
    private static final long COMPLETED_GONE = 2;

    /** How a wait entry is woken, as {@code enum wakes} in C. */
    private static final int WAKES_AND_LEAVES = 0;

    private static final int WAKES_AND_STAYS = 1;

    private static final int TASK_INTERRUPTIBLE = 1;

    private final CHost host;
    private final Sched sched;
    private final Findings findings;
    private final MemoryChecks checks;
    private final Known<CCompletion> completions;
    private final Known<WaitQueue> queues;
    private final Map<Long, WaitEntry> entries = new HashMap<>();
    private final Set<Long> woken = new HashSet<>();

    /** A completion of C code, which may be gone. */
    private static final class CCompletion {
        final Completion completion;
        final String name;
        final long nameAddress;
        final long madeAt;
        boolean gone;

        CCompletion(Completion completion, String name, long nameAddress, long madeAt) {
            this.completion = completion;
            this.name = name;
            this.nameAddress = nameAddress;
            this.madeAt = madeAt;
        }
    }

    WaitServices(CSystem system) {
        host = system.host();
        sched = system.kernel().sched();
        findings = system.findings();
        checks = system.kernel().mm().checks();
        completions =
                new Known<>(
                        system,
                        "completion",
                        name -> new CCompletion(new Completion(sched), name, 0, findings.here()));
        queues = new Known<>(system, "wait queue", _ -> new WaitQueue(sched));
    }

    /**
     * The wait queue of an address of C code, for {@code poll_wait}; null when it was never
     * introduced.
     */
    @Nullable WaitQueue queue(long address) {
        return queues.find(address);
    }

    @Override
    public void register(Registry to) {
        registerCompletions(to);
        registerQueues(to);
    }

    // Completions.

    private void registerCompletions(Registry to) {
        to.add("init_completion", this::initCompletion);
        to.add(
                "reinit_completion",
                call -> {
                    completions.at(call).completion.reinit();
                    return 0;
                });
        to.add("complete", completes(Completion::complete));
        to.add("complete_all", completes(Completion::completeAll));
        to.add("wait_for_completion", waits(Completion::waitFor));
        to.add("wait_for_completion_interruptible", waits(Completion::waitForInterruptible));
        to.add("wait_for_completion_killable", waits(Completion::waitForKillable));
        to.add("wait_for_completion_timeout", waitsUpTo(Completion::waitForTimeout));
        to.add(
                "wait_for_completion_interruptible_timeout",
                waitsUpTo(Completion::waitForInterruptibleTimeout));
        to.add(
                "wait_for_completion_killable_timeout",
                waitsUpTo(Completion::waitForKillableTimeout));
        to.add(
                "try_wait_for_completion",
                call -> await(call, (completion, _) -> completion.tryWait() ? 1 : 0));
        to.add("completion_done", call -> completions.at(call).completion.isDone() ? 1 : 0);
    }

    private long initCompletion(Call call) {
        var made =
                new CCompletion(
                        new Completion(sched), completions.nameIn(call), call.arg(2), call.site());
        completions.put(call, made);
        if (call.isArg(1)) {
            host.watchStack(call.arg(0), () -> made.gone = true);
        }
        return 0;
    }

    private Handler completes(Consumer<Completion> how) {
        return call -> {
            CCompletion known = completions.find(call.arg(0));
            boolean introduced = call.isArg(1);
            if (known == null) {
                return COMPLETED_UNKNOWN;
            }
            boolean declaredAnew = !introduced && call.arg(2) == known.nameAddress;
            if (known.gone && !declaredAnew) {
                reportGone(known, "on a stack that its function has left");
                return COMPLETED_GONE;
            }
            MemoryChecks.Held memory = checks.objectAt(call.arg(0));
            if (memory != null && memory.isFreed()) {
                reportGone(known, "in memory that was freed");
                return COMPLETED_GONE;
            }
            if (!introduced) {
                return COMPLETED_UNKNOWN;
            }
            how.accept(known.completion);
            call.out(0, known.completion.done());
            return COMPLETED;
        };
    }

    private void reportGone(CCompletion known, String where) {
        findings.report(FindingId.COMPLETION_GONE, "the completion %s is %s", known.name, where)
                .site(Role.ALLOCATED, known.madeAt)
                .add();
    }

    private Handler waits(Consumer<Completion> how) {
        return call ->
                await(
                        call,
                        (completion, _) -> {
                            how.accept(completion);
                            return 0;
                        });
    }

    private Handler waitsUpTo(ToLongBiFunction<Completion, Long> how) {
        return call -> await(call, how);
    }

    /** Answers what it was after the wait, too, where a signal ended it. */
    private long await(Call call, ToLongBiFunction<Completion, Long> how) {
        Completion completion = completions.at(call).completion;
        try {
            return how.applyAsLong(completion, call.arg(1));
        } finally {
            call.out(0, completion.done());
        }
    }

    // Wait queues.

    private void registerQueues(Registry to) {
        to.add(
                "init_waitqueue_head",
                call -> {
                    queues.introduce(call);
                    return 0;
                });
        to.add("add_wait_queue", this::addToQueue);
        to.add("remove_wait_queue", this::remove);
        to.add("prepare_to_wait", this::prepare);
        to.add("prepare_to_wait_event", this::prepareEvent);
        to.add("finish_wait", this::finish);
        to.add(
                "wait_timed_out",
                _ -> {
                    sched.calls().waitedInVain();
                    return 0;
                });
        to.add("wait_woken", this::waitWoken);
        to.add("note_woken", this::noteWoken);
        to.add("waitqueue_active", asks(queue -> queue.isActive() ? 1 : 0));
        to.add("wake_up", this::wakeUp);
    }

    private Handler asks(ToLongFunction<WaitQueue> question) {
        return call -> question.applyAsLong(queues.at(call));
    }

    private WaitEntry entry(Call call, KernelTask task) {
        long address = call.arg(1);
        WaitEntry known = entries.get(address);
        if (known != null && known.isQueued()) {
            return known;
        }
        long caller = call.arg(3);
        WaitEntry made =
                switch (call.intArg(2)) {
                    case WAKES_AND_LEAVES -> WaitEntry.of(task);
                    case WAKES_AND_STAYS -> WaitEntry.staying(task);
                    default ->
                            WaitEntry.calling(
                                    () -> host.run(caller, address, TASK_INTERRUPTIBLE) != 0);
                };
        entries.put(address, made);
        return made;
    }

    private long addToQueue(Call call) {
        KernelTask named = call.arg(4) < 0 ? null : sched.taskOf(call.intArg(4));
        WaitEntry entry = entry(call, named == null ? sched.current() : named);
        if (call.isArg(5)) {
            queues.at(call).addLast(entry);
        } else {
            queues.at(call).addFirst(entry);
        }
        return 0;
    }

    private long remove(Call call) {
        WaitEntry entry = entries.remove(call.arg(1));
        WaitQueue queue = entry == null ? null : entry.queue();
        if (entry != null && queue != null) {
            queue.remove(entry);
        }
        woken.remove(call.arg(1));
        return 0;
    }

    private long prepare(Call call) {
        WaitQueue queue = queues.at(call);
        boolean first = !queue.isActive();
        queue.prepare(
                entry(call, sched.current()), SchedServices.state(call.intArg(4)), call.isArg(5));
        return first ? 1 : 0;
    }

    private long prepareEvent(Call call) {
        WaitEntry entry = entry(call, sched.current());
        TaskState state = SchedServices.state(call.intArg(4));
        if (queues.at(call).prepareEvent(entry, state, call.isArg(5))) {
            return 0;
        }
        return -Errno.ERESTARTSYS.number();
    }

    private long finish(Call call) {
        sched.setCurrentState(TaskState.RUNNING);
        return remove(call);
    }

    private long waitWoken(Call call) {
        long left = call.arg(2);
        if (!woken.remove(call.arg(0))) {
            sched.setCurrentState(SchedServices.state(call.intArg(1)));
            left = sched.scheduleTimeout(left);
        }
        woken.remove(call.arg(0));
        return left;
    }

    private long noteWoken(Call call) {
        woken.add(call.arg(0));
        return 0;
    }

    /** A count of 0 wakes all. */
    private long wakeUp(Call call) {
        WaitQueue queue = queues.at(call);
        boolean interruptibleOnly = call.intArg(1) == TASK_INTERRUPTIBLE;
        int count = call.intArg(2) == 0 ? Integer.MAX_VALUE : call.intArg(2);
        queue.wakeUp(count, interruptibleOnly);
        return 0;
    }

    @Override
    public void unloaded(CModule module) {
        completions.removeOf(module);
        queues.removeOf(module);
    }
}
