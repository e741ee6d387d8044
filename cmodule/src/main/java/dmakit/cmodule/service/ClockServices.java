package dmakit.cmodule.service;

import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Handles;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.KernelException;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.clk.Clk;

/** Clocks; C code has each by its number. */
final class ClockServices implements ServiceGroup {
    private static final int COUNT_MAX = 65_536;

    private final CSystem system;
    private final OfServices nodes;
    private final Handles<Clk> clks = new Handles<>("clocks", COUNT_MAX);
    private final Holdings holdings;

    ClockServices(CSystem system, OfServices nodes) {
        this.system = system;
        this.nodes = nodes;
        holdings = new Holdings(system);
    }

    @Override
    public void register(Registry to) {
        to.add("clk_get", this::get);
        to.add("clk_put", this::put);
        to.add("clk_count", this::count);
        to.add("clk_rate", call -> clks.get(call.arg(0)).rate());
        to.add("clk_set_rate", this::setRate);
        to.add("clk_round_rate", call -> clks.get(call.arg(0)).round(call.arg(1)));
    }

    /** Node, index. */
    private long get(Call call) {
        Clk clk = system.kernel().clocks().get(nodes.node(call.arg(0)), call.intArg(1));
        int number = clks.number(clk);
        holdings.add(
                clk,
                FindingId.LEAK_CLK,
                "clock \"%s\"".formatted(clk.name()),
                "",
                call.site(),
                () -> release(clk, number));
        return number;
    }

    private void release(Clk clk, long number) {
        while (clk.enableCount() > 0) {
            clk.disable();
        }
        while (clk.prepareCount() > 0) {
            clk.unprepare();
        }
        clks.free(number);
    }

    /** Number; a clock that goes while it runs stays on. */
    private long put(Call call) {
        Clk clk = clks.get(call.arg(0));
        holdings.remove(clk);
        if (clk.enableCount() > 0) {
            system.findings()
                    .report(
                            FindingId.LEAK_CLK,
                            "clock \"%s\" is put while it is enabled %d times",
                            clk.name(),
                            clk.enableCount())
                    .at(call.site())
                    .add();
        }
        release(clk, call.arg(0));
        return 0;
    }

    /** Number; what is added to the prepared and the enabled count, from -1 to 1. */
    private long count(Call call) {
        Clk clk = clks.get(call.arg(0));
        if (call.intArg(2) < 0) {
            clk.disable();
        }
        if (call.intArg(1) < 0) {
            clk.unprepare();
        }
        if (call.intArg(1) > 0) {
            clk.prepare();
        }
        if (call.intArg(2) > 0) {
            try {
                clk.enable();
            } catch (KernelException e) {
                if (call.intArg(1) > 0) {
                    clk.unprepare();
                }
                throw e;
            }
        }
        return 0;
    }

    private long setRate(Call call) {
        clks.get(call.arg(0)).rate(call.arg(1));
        return 0;
    }

    @Override
    public void unloaded(CModule module) {
        holdings.leftBehind(module);
    }
}
