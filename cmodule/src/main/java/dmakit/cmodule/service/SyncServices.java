package dmakit.cmodule.service;

import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sync.Completion;
import dmakit.machine.Check;
import java.util.HashMap;
import java.util.Map;

/** Locks and waits; C code names each by its address. */
final class SyncServices implements ServiceGroup {
    /** Completions that C code may use at a time. */
    static final int COMPLETION_COUNT_MAX = 65_536;

    private final Sched sched;
    private final Map<Long, Completion> completions = new HashMap<>();

    SyncServices(CSystem system) {
        sched = system.kernel().sched();
    }

    @Override
    public void register(Registry to) {
        to.add("init_completion", this::initCompletion);
        to.add("complete", this::complete);
        to.add("wait_for_completion", this::waitFor);
        to.add("wait_for_completion_timeout", this::waitForTimeout);
    }

    /** The completion at an address of C; one that was declared, not initialised, begins here. */
    private Completion completion(long address) {
        Completion known = completions.get(address);
        return known == null ? newCompletion(address) : known;
    }

    private Completion newCompletion(long address) {
        Check.argument(
                completions.size() < COMPLETION_COUNT_MAX,
                "C modules use more than %d completions",
                COMPLETION_COUNT_MAX);
        Completion made = new Completion(sched);
        completions.put(address, made);
        return made;
    }

    private long initCompletion(Call call) {
        Completion known = completions.get(call.arg(0));
        if (known == null) {
            newCompletion(call.arg(0));
        } else {
            known.reinit();
        }
        return 0;
    }

    private long complete(Call call) {
        completion(call.arg(0)).complete();
        return 0;
    }

    private long waitFor(Call call) {
        completion(call.arg(0)).waitFor();
        return 0;
    }

    private long waitForTimeout(Call call) {
        return completion(call.arg(0)).waitForTimeout(call.arg(1));
    }
}
