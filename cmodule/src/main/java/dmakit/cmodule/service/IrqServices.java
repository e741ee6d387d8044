package dmakit.cmodule.service;

import dmakit.cmodule.CHost;
import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Role;
import dmakit.kernel.device.Devres;
import dmakit.kernel.irq.IrqHandler;
import dmakit.kernel.irq.IrqReturn;
import dmakit.kernel.irq.Irqs;
import dmakit.kernel.irq.Tasklet;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Interrupts and tasklets. */
final class IrqServices implements ServiceGroup {
    private static final IrqReturn[] ANSWERS = IrqReturn.values();
    private static final int ANSWER_COUNT = ANSWERS.length;

    private final CSystem system;
    private final CHost host;
    private final Irqs irqs;
    private final List<Request> requests = new ArrayList<>();
    private final Known<CTasklet> tasklets;

    /** A line that C code asked for; the kernel knows it by its identity. */
    private static final class Request {
        final int irq;
        final long devId;
        final String name;
        final long madeAt;
        Devres.@Nullable Entry managed;

        Request(int irq, long devId, String name, long madeAt) {
            this.irq = irq;
            this.devId = devId;
            this.name = name;
            this.madeAt = madeAt;
        }
    }

    /** A tasklet of C code. */
    private final class CTasklet {
        final Tasklet tasklet;
        long function;
        long argument;

        CTasklet(String name) {
            tasklet =
                    new Tasklet(
                            system.kernel().softirqs(), name, () -> host.run(function, argument));
        }
    }

    IrqServices(CSystem system) {
        this.system = system;
        host = system.host();
        irqs = system.kernel().irqs();
        tasklets = new Known<>(system, "tasklet", CTasklet::new);
    }

    @Override
    public void register(Registry to) {
        to.add(
                "request_threaded_irq",
                call -> {
                    request(call);
                    return 0;
                });
        to.add("devm_request_threaded_irq", this::requestManaged);
        to.add("free_irq", this::free);
        to.add("devm_free_irq", this::freeManaged);
        to.add("enable_irq", call -> onLine(call, irqs::enable));
        to.add("disable_irq", call -> onLine(call, irqs::disable));
        to.add("disable_irq_nosync", call -> onLine(call, irqs::disableNoSync));
        to.add("synchronize_irq", call -> onLine(call, irqs::synchronize));
        to.add("tasklet_init", this::initTasklet);
        to.add("tasklet_schedule", this::schedule);
        to.add("tasklet_kill", this::kill);
        to.add(
                "tasklet_disable",
                call -> {
                    tasklet(call).tasklet.disable();
                    return 0;
                });
        to.add("tasklet_enable", this::enableTasklet);
    }

    // Interrupts.

    private Request request(Call call) {
        var request = new Request(call.intArg(0), call.arg(4), call.text(), call.site());
        irqs.requestThreaded(
                request.irq,
                handler(call.arg(1), request.devId),
                handler(call.arg(2), request.devId),
                (int) call.arg(3),
                request.name,
                (call.arg(4) == 0 && (call.arg(3) & SHARED) != 0) ? null : request);
        requests.add(request);
        return request;
    }

    private static final long SHARED = dmakit.kernel.irq.IrqFlags.SHARED;

    private @Nullable IrqHandler handler(long function, long devId) {
        if (function == 0) {
            return null;
        }
        return (irq, _) -> {
            int answer = (int) host.run(function, irq, devId);
            // note_interrupt(): an answer that is none counts as not handled.
            return answer < 0 || answer >= ANSWER_COUNT ? IrqReturn.NONE : ANSWERS[answer];
        };
    }

    private long requestManaged(Call call) {
        Request request = request(call);
        request.managed =
                system.device(call.arg(5))
                        .devres()
                        .add(
                                "irq " + request.irq,
                                () -> {
                                    requests.remove(request);
                                    irqs.free(request.irq, request);
                                });
        return 0;
    }

    private @Nullable Request find(Call call) {
        for (Request request : requests) {
            if (request.irq == call.intArg(0) && request.devId == call.arg(1)) {
                return request;
            }
        }
        return null;
    }

    private long free(Call call) {
        Request request = find(call);
        irqs.free(call.intArg(0), request == null ? call : request);
        requests.remove(request);
        return 0;
    }

    private long freeManaged(Call call) {
        Request request = find(call);
        Devres.Entry managed = request == null ? null : request.managed;
        if (managed == null || !system.device(call.arg(2)).devres().release(managed)) {
            system.kernel().sched().contexts().warn("devm_free_irq", "");
        }
        return 0;
    }

    /** Something that is done with a line. */
    private interface LineAction {
        void accept(int irq);
    }

    private static long onLine(Call call, LineAction action) {
        try {
            action.accept(call.intArg(0));
        } catch (IllegalArgumentException e) {
            throw new KernelException(Errno.EINVAL, "%s", String.valueOf(e.getMessage()));
        }
        return 0;
    }

    // Tasklets.

    private CTasklet tasklet(Call call) {
        CTasklet known = tasklets.find(call.arg(0));
        if (known == null) {
            known = tasklets.introduce(call);
            if (call.intArg(3) > 0) {
                known.tasklet.disable();
            }
        }
        known.function = call.arg(1);
        known.argument = call.arg(2);
        return known;
    }

    private long initTasklet(Call call) {
        CTasklet before = tasklets.remove(call.arg(0));
        if (before != null && before.tasklet.isScheduled()) {
            before.tasklet.takeBack();
        }
        return 0;
    }

    private long schedule(Call call) {
        Tasklet tasklet = tasklet(call).tasklet;
        if (call.isArg(4)) {
            tasklet.scheduleHigh();
        } else {
            tasklet.schedule();
        }
        return 0;
    }

    private long kill(Call call) {
        CTasklet known = tasklets.find(call.arg(0));
        if (known != null) {
            known.tasklet.kill();
        }
        return 0;
    }

    private long enableTasklet(Call call) {
        Tasklet tasklet = tasklet(call).tasklet;
        if (tasklet.isDisabled()) {
            tasklet.enable();
        } else {
            system.findings()
                    .report(
                            FindingId.ATOMIC_IMBALANCE,
                            "%s is enabled more often than disabled",
                            tasklet)
                    .add();
        }
        return 0;
    }

    @Override
    public void unloaded(CModule module) {
        for (Known.Entry<CTasklet> entry : tasklets.removeOf(module)) {
            Tasklet tasklet = entry.object().tasklet;
            if (tasklet.isScheduled() || tasklet.isRunning()) {
                system.findings()
                        .report(
                                FindingId.OOPS,
                                "%s still waits to run when its module goes: its function is gone",
                                tasklet)
                        .at(entry.site())
                        .add();
                tasklet.takeBack();
            }
        }
        for (Request request : List.copyOf(requests)) {
            if (request.madeAt != 0 && system.moduleOf(request.madeAt) == module) {
                system.findings()
                        .report(
                                FindingId.LEAK_IRQ,
                                "irq %d of %s is still requested when its module goes",
                                request.irq,
                                request.name)
                        .at(request.madeAt)
                        .site(Role.ALLOCATED, request.madeAt)
                        .add();
                irqs.abandon(request.irq, request);
                requests.remove(request);
            }
        }
    }
}
