package dmakit.kernel.clk;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.devicetree.PhandleArgs;
import dmakit.devicetree.PhandleList;
import dmakit.devicetree.Property;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.log.Log;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The clocks of a device tree. */
public final class Clocks {
    /** The rate of a clock of which the tree says none, in hertz. */
    public static final long RATE_UNKNOWN = 100_000_000;

    private final DeviceTree tree;
    private final Log log;
    private final Map<String, Clk.Source> sources = new TreeMap<>();

    /** Creates the clocks of one tree; none runs. */
    public Clocks(DeviceTree tree, Log log) {
        this.tree = tree;
        this.log = log;
    }

    /**
     * A clock of a consumer, by its place in {@code clocks}.
     *
     * @throws KernelException ENOENT when there are not so many, EINVAL when the list is broken
     */
    @Linux(file = "drivers/clk/clk.c", symbol = "of_clk_get")
    public Clk get(Node consumer, int index) {
        Property list = consumer.property("clocks").orElse(null);
        if (list == null) {
            throw new KernelException(Errno.ENOENT, "%s has no clocks", consumer.path());
        }
        List<PhandleList.Entry> entries = PhandleList.parse(tree, list, "#clock-cells");
        if (index < 0 || index >= entries.size()) {
            throw new KernelException(Errno.ENOENT, "%s has no clock %d", consumer.path(), index);
        }
        if (entries.get(index) instanceof PhandleList.Found found) {
            return new Clk(log, source(found.value(), consumer, index));
        }
        throw new KernelException(Errno.EINVAL, "%s: clock %d is broken", consumer.path(), index);
    }

    private Clk.Source source(PhandleArgs clock, Node consumer, int index) {
        Node provider = clock.node();
        String name =
                clock.args().isEmpty()
                        ? provider.baseName()
                        : provider.baseName() + "-" + clock.arg(0);
        String key = provider.path() + " " + clock.args();
        return sources.computeIfAbsent(
                key, _ -> newSource(provider, name, assignedRate(consumer, index)));
    }

    private Clk.Source newSource(Node provider, String name, long assigned) {
        boolean fixed = provider.isCompatibleWith("fixed-clock");
        long stated = Integer.toUnsignedLong(provider.u32("clock-frequency").orElse(0));
        if (fixed && stated != 0) {
            return new Clk.Source(name, true, stated);
        }
        if (assigned == 0) {
            log.info("clk: the tree has no rate for %s: %d Hz assumed", name, RATE_UNKNOWN);
        }
        return new Clk.Source(name, false, assigned == 0 ? RATE_UNKNOWN : assigned);
    }

    private static long assignedRate(Node consumer, int index) {
        Property rates = consumer.property("assigned-clock-rates").orElse(null);
        return rates != null && rates.isCells() && index < rates.cellCount()
                ? Integer.toUnsignedLong(rates.cell(index))
                : 0;
    }
}
