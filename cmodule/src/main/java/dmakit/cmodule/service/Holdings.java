package dmakit.cmodule.service;

import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.kernel.check.FindingId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What modules hold, and where they took it: what is left when one goes is a leak. */
final class Holdings {
    private record Holding(
            FindingId id, String what, String device, long site, Runnable giveBack) {}

    private final CSystem system;
    private final Map<Object, Holding> held = new LinkedHashMap<>();

    Holdings(CSystem system) {
        this.system = system;
    }

    /**
     * Notes that something is held.
     *
     * @param key equal for the same thing
     * @param id what it is called when it is left behind
     * @param what it is, to go before "is still held"
     * @param device it belongs to, or empty
     * @param site where it was taken
     * @param giveBack undoes it, for a module that is gone
     */
    void add(Object key, FindingId id, String what, String device, long site, Runnable giveBack) {
        held.put(key, new Holding(id, what, device, site, giveBack));
    }

    /** Notes that something was given back. */
    void remove(Object key) {
        held.remove(key);
    }

    /** Does something in a task: a module may be unloaded outside of any. */
    void inTask(Runnable body) {
        if (system.kernel().machine().scheduler().current() == null) {
            system.kernel().run("rmmod", body);
        } else {
            body.run();
        }
    }

    /** Reports and gives back what a module left, the latest first. */
    void leftBehind(CModule module) {
        List<Object> left = new ArrayList<>();
        held.forEach((key, holding) -> {
            if (system.isOf(module, holding.site())) {
                left.add(key);
            }
        });
        for (Object key : left.reversed()) {
            Holding holding = held.remove(key);
            if (holding != null) {
                system.findings()
                        .report(holding.id(), "%s is still held after unload", holding.what())
                        .at(holding.site())
                        .device(holding.device())
                        .add();
                holding.giveBack().run();
            }
        }
    }
}
