package dmakit.kernel.clk;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.log.Log;

/** One consumer's hold on a clock. */
@Linux(file = "drivers/clk/clk.c", symbol = "clk")
public final class Clk {
    /** The clock itself, which several consumers may have. */
    static final class Source {
        final String name;
        final boolean fixed;
        long rate;
        int prepareCount;
        int enableCount;

        Source(String name, boolean fixed, long rate) {
            this.name = name;
            this.fixed = fixed;
            this.rate = rate;
        }
    }

    private final Log log;
    private final Source source;
    private int prepared;
    private int enabled;

    Clk(Log log, Source source) {
        this.log = log;
        this.source = source;
    }

    /** What the tree calls it. */
    public String name() {
        return source.name;
    }

    /** How often this consumer prepared it and did not take that back. */
    public int prepareCount() {
        return prepared;
    }

    /** How often this consumer enabled it and did not take that back. */
    public int enableCount() {
        return enabled;
    }

    /** Whether any consumer has it running. */
    public boolean isRunning() {
        return source.enableCount > 0;
    }

    /** Makes it ready to be enabled; counts. */
    @Linux(file = "drivers/clk/clk.c", symbol = "clk_prepare")
    public void prepare() {
        prepared++;
        source.prepareCount++;
    }

    /** Undoes one {@link #prepare}; one too many is a warning. */
    @Linux(file = "drivers/clk/clk.c", symbol = "clk_unprepare")
    public void unprepare() {
        if (source.prepareCount == 0) {
            log.warn("%s already unprepared", source.name);
            return;
        }
        source.prepareCount--;
        prepared--;
    }

    /**
     * Lets it run; counts.
     *
     * @throws KernelException ESHUTDOWN when nobody prepared it
     */
    @Linux(file = "drivers/clk/clk.c", symbol = "clk_enable")
    public void enable() {
        if (source.prepareCount == 0) {
            log.warn("Enabling unprepared %s", source.name);
            throw new KernelException(Errno.ESHUTDOWN, "%s is not prepared", source.name);
        }
        enabled++;
        source.enableCount++;
    }

    /** Undoes one {@link #enable}; one too many is a warning. */
    @Linux(file = "drivers/clk/clk.c", symbol = "clk_disable")
    public void disable() {
        if (source.enableCount == 0) {
            log.warn("%s already disabled", source.name);
            return;
        }
        source.enableCount--;
        enabled--;
    }

    /** Cycles per second. */
    @Linux(file = "drivers/clk/clk.c", symbol = "clk_get_rate")
    public long rate() {
        return source.rate;
    }

    /** The rate that {@link #rate(long)} would set. */
    @Linux(file = "drivers/clk/clk.c", symbol = "clk_round_rate")
    public long round(long wanted) {
        return source.fixed ? source.rate : wanted;
    }

    /** Changes the rate, unless the clock is a fixed one, which stays as it is. */
    @Linux(file = "drivers/clk/clk.c", symbol = "clk_set_rate")
    public void rate(long wanted) {
        source.rate = round(wanted);
    }
}
