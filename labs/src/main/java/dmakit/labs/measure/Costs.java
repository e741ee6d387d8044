package dmakit.labs.measure;

import dmakit.labs.AccountText;
import dmakit.machine.cpu.CostTable;

/** What tells readers where the times of the CPU come from. */
public final class Costs {
    private Costs() {}

    /** The costs that matter here, in two lines. */
    public static String text(CostTable costs) {
        return """
        Times are simulated. What CPU code costs is a table of a Cortex-A53's size, not a measurement:
        register load %s, store %s; cache maintenance %s a line; into an interrupt %s; to another task %s.
        """
                .formatted(
                        AccountText.duration(costs.registerRead()),
                        AccountText.duration(costs.registerWrite()),
                        AccountText.duration(costs.cleanLine()),
                        AccountText.duration(costs.interruptEntry()),
                        AccountText.duration(costs.taskSwitch()));
    }
}
