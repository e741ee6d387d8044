package dmakit.devicetree.topology;

import dmakit.devicetree.address.AddressRange;
import dmakit.devicetree.address.ReservedRegion.Use;
import dmakit.devicetree.dma.Coherence;
import dmakit.devicetree.dma.DmaWindow;
import dmakit.devicetree.topology.DmaTopology.Access;
import dmakit.devicetree.topology.DmaTopology.Bus;
import dmakit.devicetree.topology.DmaTopology.Consumer;
import dmakit.devicetree.topology.DmaTopology.Controller;
import dmakit.devicetree.topology.DmaTopology.Request;
import dmakit.devicetree.topology.DmaTopology.Reserved;
import java.util.List;
import java.util.StringJoiner;

/** A topology as text for a terminal. */
public final class TopologyText {

    private final StringBuilder out = new StringBuilder();

    private TopologyText() {}

    /** The whole topology; every line ends with a line feed. */
    public static String of(DmaTopology topology) {
        return new TopologyText().write(topology);
    }

    private String write(DmaTopology topology) {
        line("%s", topology.model().isEmpty() ? "(no model)" : topology.model());
        if (!topology.compatible().isEmpty()) {
            line("  %s", String.join(", ", topology.compatible()));
        }
        line("");
        line("Memory");
        if (topology.memory().isEmpty()) {
            line("  none in the tree: the boot loader fills it in");
        }
        topology.memory().forEach(bank -> line("  %s  %s", bank, size(bank.size())));
        if (!topology.memReserves().isEmpty() || !topology.reserved().isEmpty()) {
            line("");
            line("Reserved");
            topology.memReserves()
                    .forEach(range -> line("  %s  %s  memreserve", range, size(range.size())));
            topology.reserved().forEach(this::reserved);
        }
        if (!topology.buses().isEmpty()) {
            line("");
            line("Buses with DMA windows (%d)", topology.buses().size());
            topology.buses().forEach(this::bus);
        }
        line("");
        line("DMA controllers (%d)", topology.controllers().size());
        topology.controllers().forEach(this::controller);
        line("");
        line("Consumers (%d)", topology.consumers().size());
        topology.consumers().forEach(this::consumer);
        line("");
        line("Mistakes (%d)", topology.mistakes().size());
        for (Mistake mistake : topology.mistakes()) {
            line("  %s  %s  (%s)", mistake.kind().id(), mistake.path(), mistake.origin());
            line("      %s", mistake.message());
        }
        return out.toString();
    }

    private void reserved(Reserved region) {
        StringJoiner words = new StringJoiner(" ");
        words.add(
                switch (region.use()) {
                    case CMA -> "CMA area";
                    case COHERENT_POOL -> "coherent pool";
                    case RESTRICTED_POOL -> "restricted pool";
                    case OTHER -> "reserved";
                });
        if (region.isDefault()) {
            words.add("(default)");
        }
        if (region.noMap()) {
            words.add("no-map");
        }
        if (region.reusable() && region.use() != Use.CMA) {
            words.add("reusable");
        }
        if (region.ranges().isEmpty()) {
            String where =
                    region.allocRanges().isEmpty() ? "anywhere" : "in " + region.allocRanges();
            line("  %s  %s  %s  %s", where, size(region.size()), words, region.path());
        }
        for (AddressRange range : region.ranges()) {
            line("  %s  %s  %s  %s", range, size(range.size()), words, region.path());
        }
    }

    private void bus(Bus bus) {
        heading(bus.path(), bus.compatible(), bus.enabled());
        windows(bus.windows());
    }

    private void windows(List<DmaWindow> windows) {
        windows.forEach(window -> line("      window %s  %s", window, size(window.size())));
    }

    private void controller(Controller controller) {
        heading(controller.path(), controller.compatible(), controller.enabled());
        StringJoiner counts = new StringJoiner(", ");
        controller.channels().ifPresent(count -> counts.add(count + " channels"));
        if (!controller.channelMask().isEmpty()) {
            counts.add("mask " + mask(controller.channelMask()));
        }
        controller.requests().ifPresent(count -> counts.add(count + " requests"));
        controller
                .cells()
                .ifPresent(count ->
                        counts.add(count + (count == 1 ? " cell" : " cells") + " per request"));
        if (counts.length() > 0) {
            line("      %s", counts);
        }
        controller.masters().forEach(master -> line("      routes to %s", master));
        access(controller.access());
    }

    /** The words from the highest channels down, as one number. */
    private static String mask(List<Integer> words) {
        StringBuilder mask = new StringBuilder("0x");
        for (int i = words.size() - 1; i >= 0; i--) {
            mask.append(String.format(mask.length() == 2 ? "%x" : "%08x", words.get(i)));
        }
        return mask.toString();
    }

    private void consumer(Consumer consumer) {
        heading(consumer.path(), consumer.compatible(), consumer.enabled());
        for (Request request : consumer.requests()) {
            line(
                    "      dma %s = %s <%s>",
                    request.name().orElse("(no name)"),
                    request.controller(),
                    cells(request.cells()));
        }
        access(consumer.access());
        consumer.memoryRegions().forEach(region -> line("      memory %s", region));
    }

    private void heading(String path, List<String> compatible, boolean enabled) {
        String what = compatible.isEmpty() ? "" : "  " + compatible.getFirst();
        line("  %s%s%s", path, what, enabled ? "" : "  (disabled)");
    }

    private void access(Access access) {
        windows(access.windows());
        if (access.windowSource().isEmpty()) {
            line("      window: bus addresses are CPU addresses");
        } else if (access.windows().isEmpty()) {
            line("      window: none");
        }
        line("      %s", coherence(access.coherence()));
        access.streams()
                .forEach(stream ->
                        line("      iommu %s <%s>", stream.iommu(), cells(stream.cells())));
        access.streamRanges()
                .forEach(range ->
                        line(
                                "      iommu %s for requester ids 0x%x, %d of them, as 0x%x",
                                range.iommu(),
                                range.ridBase(),
                                Integer.toUnsignedLong(range.length()),
                                range.streamBase()));
    }

    private static String coherence(Coherence coherence) {
        return switch (coherence) {
            case COHERENT -> "coherent";
            case NONCOHERENT -> "not coherent";
            case UNSTATED -> "not coherent (nothing stated)";
        };
    }

    /** Cells as tree source writes them, without the brackets. */
    static String cells(List<Integer> cells) {
        StringJoiner joined = new StringJoiner(" ");
        for (int cell : cells) {
            joined.add(cell >= 0 && cell < 10 ? Integer.toString(cell) : "0x%x".formatted(cell));
        }
        return joined.toString();
    }

    /** A size in the largest unit that divides it. */
    static String size(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        int unit = 0;
        long count = bytes;
        while (unit < units.length - 1 && count != 0 && count % 1024 == 0) {
            count = count >>> 10;
            unit++;
        }
        return Long.toUnsignedString(count) + " " + units[unit];
    }

    private void line(String format, Object... values) {
        out.append(values.length == 0 ? format : format.formatted(values)).append('\n');
    }
}
