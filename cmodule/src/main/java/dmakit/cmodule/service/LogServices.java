package dmakit.cmodule.service;

import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.log.Level;
import dmakit.kernel.log.Log;

/** The kernel log. */
final class LogServices implements ServiceGroup {
    private static final Level[] LEVELS = Level.values();

    private final Log log;

    LogServices(CSystem system) {
        log = system.kernel().log();
    }

    @Override
    public void register(Registry to) {
        to.add("printk", this::printk);
    }

    private long printk(Call call) {
        log.printk(LEVELS[call.intArg(0)], call.text());
        return 0;
    }
}
