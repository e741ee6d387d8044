package dmakit.cmodule.service;

import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.check.Findings;
import dmakit.kernel.log.Level;
import dmakit.kernel.log.Log;

/** The kernel log, and the names of functions in it. */
final class LogServices implements ServiceGroup {
    private static final Level[] LEVELS = Level.values();

    /** Characters of a name; what is beyond is cut off. */
    private static final int NAME_LENGTH_MAX = 120;

    private final Log log;
    private final Findings findings;
    private final CSystem system;

    LogServices(CSystem system) {
        this.system = system;
        log = system.kernel().log();
        findings = system.kernel().findings();
    }

    @Override
    public void register(Registry to) {
        to.add("printk", this::printk);
        to.add("symbol_name", this::symbolName);
    }

    private long printk(Call call) {
        log.printk(LEVELS[call.intArg(0)], call.text());
        return 0;
    }

    /** The function at a site, as {@code %pS} has it, but for offset and size. */
    private long symbolName(Call call) {
        long site = call.arg(0);
        String function = findings.lineOf(site).function();
        if (function.isEmpty()) {
            return 0;
        }
        String name = function + " [" + system.moduleOf(site).name() + "]";
        call.answer(name.substring(0, Math.min(name.length(), NAME_LENGTH_MAX)));
        return 1;
    }
}
