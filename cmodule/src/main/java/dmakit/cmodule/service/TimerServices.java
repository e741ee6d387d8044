package dmakit.cmodule.service;

import dmakit.cmodule.CHost;
import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.sync.HrTimer;
import dmakit.kernel.sync.KernelTimer;
import dmakit.kernel.sync.Timers;
import dmakit.machine.time.Clock;

/** Timers. What a timer does comes with each call that sets it: drivers change that. */
final class TimerServices implements ServiceGroup {
    private static final long PS_PER_NS = 1_000;

    /** The states of a timer in nanoseconds, as in C. */
    private static final long QUEUED = 1;

    private static final long RUNNING = 2;

    private final CSystem system;
    private final CHost host;
    private final Timers timers;
    private final Clock clock;
    private final Known<CTimer> known;
    private final Known<CHrTimer> knownHr;

    /** A timer of C code. */
    private final class CTimer {
        final KernelTimer timer;
        long function;
        long argument;

        CTimer(String name) {
            timer = new KernelTimer(timers, name, () -> host.run(function, argument));
        }
    }

    /** A timer in nanoseconds of C code. */
    private final class CHrTimer {
        final HrTimer timer;
        long runner;
        long address;
        long offsetNs;

        CHrTimer(String name) {
            timer = new HrTimer(timers, name, this::run);
        }

        private boolean run() {
            long again = host.run(runner, address);
            if (again < 0) {
                return false;
            }
            timer.expiresNs(again - offsetNs);
            return true;
        }
    }

    TimerServices(CSystem system) {
        this.system = system;
        host = system.host();
        timers = system.kernel().timers();
        clock = system.kernel().machine().clock();
        known = new Known<>(system, "timer", CTimer::new);
        knownHr = new Known<>(system, "hrtimer", CHrTimer::new);
    }

    @Override
    public void register(Registry to) {
        to.add("timer_setup", this::setup);
        to.add("mod_timer", this::modify);
        to.add("timer_delete", this::delete);
        to.add("timer_delete_sync", this::deleteSync);
        to.add("timer_shutdown", this::shutDown);
        to.add("timer_pending", call -> isPending(call) ? 1 : 0);
        to.add("hrtimer_setup", this::setupHr);
        to.add("hrtimer_start", this::startHr);
        to.add("hrtimer_cancel", this::cancelHr);
        to.add("hrtimer_try_to_cancel", this::tryToCancelHr);
        to.add("hrtimer_forward", this::forwardHr);
        to.add("hrtimer_state", this::stateOfHr);
    }

    /** One that is set stays so: only its memory is what it was at first. */
    private long setup(Call call) {
        CTimer before = known.find(call.arg(0));
        if (before != null && before.timer.isPending()) {
            reportStillSet(before.timer.toString(), call.site());
            before.timer.delete();
        }
        known.remove(call.arg(0));
        return 0;
    }

    private void reportStillSet(String what, long site) {
        system.findings()
                .report(FindingId.OOPS, "%s is set up anew while it waits to run", what)
                .at(site)
                .add();
    }

    private CTimer timer(Call call) {
        CTimer timer = known.at(call);
        timer.function = call.arg(1);
        timer.argument = call.arg(2);
        return timer;
    }

    private long modify(Call call) {
        return timer(call).timer.modify(call.arg(3)) ? 1 : 0;
    }

    private boolean isPending(Call call) {
        CTimer timer = known.find(call.arg(0));
        return timer != null && timer.timer.isPending();
    }

    private long delete(Call call) {
        CTimer timer = known.find(call.arg(0));
        return timer != null && timer.timer.delete() ? 1 : 0;
    }

    private long deleteSync(Call call) {
        CTimer timer = known.find(call.arg(0));
        return timer != null && timer.timer.deleteSync() ? 1 : 0;
    }

    private long shutDown(Call call) {
        return timer(call).timer.shutdownSync() ? 1 : 0;
    }

    private long setupHr(Call call) {
        CHrTimer before = knownHr.remove(call.arg(0));
        if (before != null && before.timer.isQueued()) {
            reportStillSet(before.timer.toString(), call.site());
            before.timer.takeBack();
        }
        return 0;
    }

    /** Times of the wall's clock come as such, and are counted from power-on here. */
    private long startHr(Call call) {
        CHrTimer timer = knownHr.at(call);
        timer.address = call.arg(0);
        timer.runner = call.arg(1);
        timer.offsetNs = call.isArg(4) ? SchedServices.REAL_TIME_AT_POWER_ON_NS : 0;
        long now = clock.now() / PS_PER_NS;
        long at = call.isArg(3) ? now + call.arg(2) : call.arg(2) - timer.offsetNs;
        timer.timer.start(at);
        return at + timer.offsetNs;
    }

    private long cancelHr(Call call) {
        CHrTimer timer = knownHr.find(call.arg(0));
        return timer != null && timer.timer.cancel() ? 1 : 0;
    }

    private long tryToCancelHr(Call call) {
        CHrTimer timer = knownHr.find(call.arg(0));
        if (timer == null) {
            return 0;
        }
        if (timer.timer.isRunning()) {
            return -1;
        }
        return timer.timer.takeBack() ? 1 : 0;
    }

    private long forwardHr(Call call) {
        CHrTimer timer = knownHr.at(call);
        long interval = Math.max(call.arg(2), 1);
        call.out(0, interval);
        if (timer.timer.isQueued()) {
            return 0;
        }
        timer.timer.expiresNs(call.arg(3));
        return timer.timer.forward(call.arg(1), interval);
    }

    private long stateOfHr(Call call) {
        CHrTimer timer = knownHr.find(call.arg(0));
        if (timer == null) {
            return 0;
        }
        return (timer.timer.isQueued() ? QUEUED : 0) | (timer.timer.isRunning() ? RUNNING : 0);
    }

    @Override
    public void unloaded(CModule module) {
        for (Known.Entry<CTimer> entry : known.removeOf(module)) {
            KernelTimer timer = entry.object().timer;
            if (timer.isPending()) {
                reportLeft(timer.toString(), entry.site());
                timer.delete();
            }
        }
        for (Known.Entry<CHrTimer> entry : knownHr.removeOf(module)) {
            HrTimer timer = entry.object().timer;
            if (timer.isQueued()) {
                reportLeft(timer.toString(), entry.site());
                timer.takeBack();
            }
        }
    }

    private void reportLeft(String what, long setAt) {
        system.findings()
                .report(
                        FindingId.OOPS,
                        "%s is still set when its module goes: its function is gone",
                        what)
                .at(setAt)
                .add();
    }
}
