package dmakit.cmodule.service;

import dmakit.cmodule.CHost;
import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Handles;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Role;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sync.Timers;
import dmakit.kernel.work.DelayedWork;
import dmakit.kernel.work.Work;
import dmakit.kernel.work.WorkQueue;
import java.util.ArrayList;
import java.util.List;

/** Work queues. Work without and with a delay have one address, so every work may be delayed. */
final class WorkServices implements ServiceGroup {
    /** Queues of modules at a time. */
    static final int QUEUE_COUNT_MAX = 4_096;

    /** Numbers below are those of the queues for everybody, as in C. */
    private static final int SYSTEM_COUNT = 5;

    private static final int ORDERED = 1 << 17;
    private static final int PENDING = 1;
    private static final int RUNNING = 2;

    private final CSystem system;
    private final CHost host;
    private final Sched sched;
    private final Timers timers;
    private final Known<CWork> works;
    private final Handles<Queue> queues = new Handles<>("work queues", QUEUE_COUNT_MAX);
    private final List<Queue> ofModules = new ArrayList<>();
    private final List<WorkQueue> ofSystem = new ArrayList<>();

    /** A queue that a module made. */
    private record Queue(WorkQueue queue, String name, long madeAt) {}

    /** A work of C code. */
    private final class CWork {
        final Work work;
        final DelayedWork delayed;
        long function;
        long address;
        int disabledCount;

        CWork(String name) {
            work = new Work(name, () -> host.run(function, address));
            delayed = new DelayedWork(system.kernel().systemQueue(), timers, work);
        }
    }

    WorkServices(CSystem system) {
        this.system = system;
        host = system.host();
        sched = system.kernel().sched();
        timers = system.kernel().timers();
        works = new Known<>(system, "work", CWork::new);
        ofSystem.add(system.kernel().systemQueue());
        for (String name : List.of("events_highpri", "events_long", "events_unbound", "bh")) {
            ofSystem.add(new WorkQueue(sched, name, WorkQueue.ACTIVE_DEFAULT));
        }
    }

    @Override
    public void register(Registry to) {
        to.add("alloc_workqueue", this::allocate);
        to.add("destroy_workqueue", this::destroy);
        to.add("flush_workqueue", this::flushQueue);
        to.add("drain_workqueue", this::drain);
        to.add("init_work", this::init);
        to.add("queue_work", this::queue);
        to.add("queue_delayed_work", this::queueDelayed);
        to.add("mod_delayed_work", this::modify);
        to.add("flush_work", call -> found(call) && work(call).flushWork() ? 1 : 0);
        to.add("flush_delayed_work", call -> found(call) && work(call).flush() ? 1 : 0);
        to.add("cancel_work", call -> found(call) && work(call).cancel() ? 1 : 0);
        to.add("cancel_work_sync", call -> found(call) && work(call).cancelSync() ? 1 : 0);
        to.add("disable_work_sync", this::disable);
        to.add("enable_work", this::enable);
        to.add("work_busy", this::busy);
    }

    private boolean found(Call call) {
        return works.find(call.arg(0)) != null;
    }

    private DelayedWork work(Call call) {
        return works.at(call).delayed;
    }

    private WorkQueue queueOf(long number) {
        if (number < SYSTEM_COUNT) {
            return ofSystem.get((int) number);
        }
        return queues.get(number - SYSTEM_COUNT + 1).queue();
    }

    private long allocate(Call call) {
        int asked = call.intArg(1);
        int activeMax = asked == 0 ? WorkQueue.ACTIVE_DEFAULT : asked;
        if (activeMax < 0) {
            throw new KernelException(Errno.EINVAL, "a work queue of %d at a time", activeMax);
        }
        boolean ordered = (call.intArg(0) & ORDERED) != 0;
        int limit = ordered ? 1 : Math.min(activeMax, WorkQueue.ACTIVE_MAX);
        var made = new Queue(new WorkQueue(sched, call.text(), limit), call.text(), call.site());
        ofModules.add(made);
        return queues.number(made) + SYSTEM_COUNT - 1L;
    }

    private long destroy(Call call) {
        long number = call.arg(0) - SYSTEM_COUNT + 1;
        Queue queue = queues.get(number);
        queue.queue().destroy();
        queues.free(number);
        ofModules.remove(queue);
        return 0;
    }

    private long flushQueue(Call call) {
        queueOf(call.arg(0)).flush();
        return 0;
    }

    private long drain(Call call) {
        queueOf(call.arg(0)).drain();
        return 0;
    }

    private long init(Call call) {
        CWork before = works.remove(call.arg(0));
        if (before != null && before.delayed.isPending()) {
            system.findings()
                    .report(FindingId.OOPS, "%s is initialised while it waits to run", before.work)
                    .add();
            before.delayed.cancel();
        }
        return 0;
    }

    private CWork asked(Call call) {
        CWork work = works.at(call);
        work.address = call.arg(0);
        work.function = call.arg(1);
        return work;
    }

    private long queue(Call call) {
        CWork work = asked(call);
        boolean may = work.disabledCount == 0 && !work.delayed.isPending();
        return may && queueOf(call.arg(2)).queue(work.work) ? 1 : 0;
    }

    private long queueDelayed(Call call) {
        CWork work = asked(call);
        boolean may = work.disabledCount == 0;
        return may && work.delayed.schedule(queueOf(call.arg(2)), call.arg(3)) ? 1 : 0;
    }

    private long modify(Call call) {
        CWork work = asked(call);
        boolean may = work.disabledCount == 0;
        return may && work.delayed.modify(queueOf(call.arg(2)), call.arg(3)) ? 1 : 0;
    }

    private long disable(Call call) {
        CWork work = asked(call);
        work.disabledCount = Math.addExact(work.disabledCount, 1);
        return work.delayed.cancelSync() ? 1 : 0;
    }

    private long enable(Call call) {
        CWork work = works.at(call);
        if (work.disabledCount == 0) {
            sched.contexts().warn("enable_work", "workqueue: work disable count underflowed");
            return 0;
        }
        work.disabledCount--;
        return work.disabledCount == 0 ? 1 : 0;
    }

    private long busy(Call call) {
        CWork work = works.find(call.arg(0));
        if (work == null) {
            return 0;
        }
        int pending = work.delayed.isPending() ? PENDING : 0;
        return pending | (work.work.isRunning() ? RUNNING : 0);
    }

    @Override
    public void unloaded(CModule module) {
        for (Known.Entry<CWork> entry : works.removeOf(module)) {
            CWork work = entry.object();
            if (work.delayed.isPending() || work.work.isRunning()) {
                system.findings()
                        .report(
                                FindingId.OOPS,
                                "%s still %s when its module goes: its function is gone",
                                work.work,
                                work.work.isRunning() ? "runs" : "waits to run")
                        .at(entry.site())
                        .add();
                work.delayed.cancel();
            }
        }
        for (Queue queue : List.copyOf(ofModules)) {
            if (queue.madeAt() != 0 && system.moduleOf(queue.madeAt()) == module) {
                system.findings()
                        .report(
                                FindingId.LEAK_MEMORY,
                                "work queue %s was not destroyed",
                                queue.name())
                        .at(queue.madeAt())
                        .site(Role.ALLOCATED, queue.madeAt())
                        .add();
                ofModules.remove(queue);
                queues.free(queues.number(queue));
            }
        }
    }
}
