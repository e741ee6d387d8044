package dmakit.devicetree.topology;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.DeviceTreeException;
import dmakit.devicetree.Node;
import dmakit.devicetree.PhandleArgs;
import dmakit.devicetree.PhandleList;
import dmakit.devicetree.Property;
import dmakit.devicetree.address.AddressRange;
import dmakit.devicetree.address.MemoryMap;
import dmakit.devicetree.dma.Coherence;
import dmakit.devicetree.dma.DmaController;
import dmakit.devicetree.dma.DmaParents;
import dmakit.devicetree.dma.DmaReach;
import dmakit.devicetree.interrupt.InterruptSpec;
import dmakit.devicetree.topology.DmaTopology.Access;
import dmakit.devicetree.topology.DmaTopology.Bus;
import dmakit.devicetree.topology.DmaTopology.Consumer;
import dmakit.devicetree.topology.DmaTopology.Controller;
import dmakit.devicetree.topology.DmaTopology.Request;
import dmakit.devicetree.topology.DmaTopology.Reserved;
import dmakit.devicetree.topology.DmaTopology.Stream;
import dmakit.devicetree.topology.DmaTopology.StreamRange;
import dmakit.devicetree.topology.Mistake.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Walks a tree once and puts a {@link DmaTopology} together. */
final class TopologyReader {

    private static final int MAP_ENTRY_CELLS = 4;

    private final DeviceTree tree;
    private final Mistakes mistakes = new Mistakes();
    private final DmaParents parents;
    private final Map<Node, Optional<DmaReach>> reaches = new LinkedHashMap<>();
    private final List<AddressRange> memory = new ArrayList<>();

    /** First user of each request: controller path and cells to consumer. */
    private final Map<String, Node> requestUsers = new LinkedHashMap<>();

    TopologyReader(DeviceTree tree) {
        this.tree = tree;
        this.parents = new DmaParents(tree);
    }

    DmaTopology read() {
        readMemory();
        new TreeChecks(tree, mistakes).run();
        List<Reserved> reserved = new ReservedChecks(tree, memory, mistakes).run();
        List<Controller> controllers = new ArrayList<>();
        List<Consumer> consumers = new ArrayList<>();
        List<Bus> buses = new ArrayList<>();
        for (Node node : tree.nodes()) {
            if (node.property("dma-ranges").filter(ranges -> !ranges.isEmpty()).isPresent()) {
                buses.add(
                        new Bus(
                                node.path(),
                                strings(node, "compatible"),
                                node.isReachable(),
                                reach(node).map(DmaReach::windows).orElse(List.of())));
            }
            if (node.has("#dma-cells")) {
                controllers.add(controller(node));
            } else if (isConsumer(node)) {
                consumers.add(consumer(node));
            }
        }
        return new DmaTopology(
                strings(tree.root(), "model").stream().findFirst().orElse(""),
                strings(tree.root(), "compatible"),
                memory,
                tree.memReserves().stream()
                        .map(reserve -> new AddressRange(reserve.address(), reserve.size()))
                        .toList(),
                reserved,
                buses,
                controllers,
                consumers,
                mistakes.sorted());
    }

    private void readMemory() {
        for (Node node : MemoryMap.memoryNodes(tree)) {
            try {
                memory.addAll(MemoryMap.bankRanges(node));
            } catch (DeviceTreeException e) {
                mistakes.add(Kind.WRONG_CELL_COUNT, node, e.problem());
            }
        }
        memory.sort(Comparator.comparingLong(bank -> bank.start() + Long.MIN_VALUE));
    }

    private static boolean isConsumer(Node node) {
        return node.has("dmas")
                || node.has("dma-names")
                || node.has("iommus")
                || node.has("iommu-map")
                || node.has("memory-region");
    }

    static List<String> strings(Node node, String name) {
        return node.property(name)
                .filter(Property::isStrings)
                .map(Property::strings)
                .orElse(List.of());
    }

    private Controller controller(Node node) {
        DmaController controller = DmaController.of(tree, node);
        node.property("dma-masters")
                .ifPresent(list -> mistakes.good(list, PhandleList.parse(tree, list, 0)));
        checkChannelMask(node, controller);
        if (node.isReachable()) {
            try {
                InterruptSpec.of(tree, node);
            } catch (DeviceTreeException e) {
                mistakes.add(Kind.BROKEN_INTERRUPT, node, e.problem());
            }
        }
        return new Controller(
                node.path(),
                strings(node, "compatible"),
                node.isReachable(),
                controller.cells(),
                controller.channels(),
                controller.requests(),
                controller.channelMask(),
                controller.masters().stream().map(Node::path).toList(),
                access(node));
    }

    private void checkChannelMask(Node node, DmaController controller) {
        int words = controller.channelMask().size();
        if (words == 0 || controller.channels().isEmpty()) {
            return;
        }
        int channels = controller.channels().getAsInt();
        for (int word = words - 1; word >= 0; word--) {
            int bits = controller.channelMask().get(word);
            if (bits != 0) {
                int highest = word * 32 + 31 - Integer.numberOfLeadingZeros(bits);
                if (channels >= 0 && highest >= channels) {
                    mistakes.add(
                            Kind.CHANNEL_MASK_BEYOND_CHANNELS,
                            node,
                            "dma-channel-mask has channel %d, dma-channels says %d"
                                    .formatted(highest, channels));
                }
                return;
            }
        }
    }

    private Consumer consumer(Node node) {
        return new Consumer(
                node.path(),
                strings(node, "compatible"),
                node.isReachable(),
                requests(node),
                access(node),
                memoryRegions(node));
    }

    private List<Request> requests(Node node) {
        Property dmas = node.property("dmas").orElse(null);
        Property names = node.property("dma-names").orElse(null);
        if (dmas == null) {
            if (names != null && node.isReachable()) {
                mistakes.add(
                        Kind.DMA_NAMES_MISMATCH,
                        names,
                        "has %d names, but there is no dmas"
                                .formatted(strings(node, "dma-names").size()));
            }
            return List.of();
        }
        List<PhandleList.Entry> entries = PhandleList.parse(tree, dmas, "#dma-cells");
        List<PhandleList.Found> good = mistakes.good(dmas, entries);
        List<String> nameList = strings(node, "dma-names");
        if (names == null && node.isReachable()) {
            mistakes.add(
                    Kind.DMA_NAMES_MISSING,
                    dmas,
                    "has %d entries, but there is no dma-names by which a driver could ask for one"
                            .formatted(entries.size()));
        }
        boolean allRead = entries.stream().allMatch(TopologyReader::isReadable);
        if (names != null && allRead && entries.size() != nameList.size() && node.isReachable()) {
            mistakes.add(
                    Kind.DMA_NAMES_MISMATCH,
                    dmas,
                    "has %d entries, dma-names has %d".formatted(entries.size(), nameList.size()));
        }
        List<Request> requests = new ArrayList<>();
        for (PhandleList.Found found : good) {
            PhandleArgs target = found.value();
            int index = target.index();
            requests.add(
                    new Request(
                            index < nameList.size()
                                    ? Optional.of(nameList.get(index))
                                    : Optional.empty(),
                            target.node().path(),
                            target.args()));
            checkUsedOnce(node, dmas, target);
        }
        return requests;
    }

    private static boolean isReadable(PhandleList.Entry entry) {
        return entry instanceof PhandleList.Found || entry instanceof PhandleList.Hole;
    }

    private void checkUsedOnce(Node node, Property dmas, PhandleArgs target) {
        if (!node.isReachable() || target.args().isEmpty()) {
            return;
        }
        String request = target.node().path() + " " + target.args();
        Node first = requestUsers.putIfAbsent(request, node);
        if (first != null && first != node) {
            mistakes.add(
                    Kind.REQUEST_USED_TWICE,
                    dmas,
                    "uses request <%s> of %s, which %s uses already"
                            .formatted(
                                    TopologyText.cells(target.args()),
                                    target.node().path(),
                                    first.path()));
        }
    }

    private List<String> memoryRegions(Node node) {
        Property list = node.property("memory-region").orElse(null);
        return list == null
                ? List.of()
                : mistakes.good(list, PhandleList.parse(tree, list, 0)).stream()
                        .map(found -> found.value().node().path())
                        .toList();
    }

    private Access access(Node node) {
        List<Stream> streams = streams(node);
        DmaReach reach = parents.of(node).flatMap(bus -> reach(bus)).orElse(DmaReach.IDENTITY);
        checkReach(node, reach, streams.isEmpty());
        return new Access(
                reach.windows(),
                reach.source().map(Node::path),
                reach.busLimit(),
                Coherence.of(parents, node),
                streams,
                streamRanges(node));
    }

    /** The reach behind a bus; empty when its ranges cannot be read, which is a mistake once. */
    private Optional<DmaReach> reach(Node bus) {
        Optional<DmaReach> known = reaches.get(bus);
        if (known == null) {
            known = Optional.empty();
            try {
                known = Optional.of(DmaReach.ofBus(parents, bus));
            } catch (DeviceTreeException e) {
                mistakes.add(Kind.WRONG_CELL_COUNT, bus, e.problem());
            }
            reaches.put(bus, known);
        }
        return known;
    }

    private void checkReach(Node node, DmaReach reach, boolean untranslated) {
        if (reach.source().isEmpty() || !node.isReachable()) {
            return;
        }
        String source = reach.source().get().path();
        if (reach.windows().isEmpty()) {
            mistakes.add(
                    Kind.WINDOW_NOT_TRANSLATED,
                    node,
                    "no entry of dma-ranges of %s leads to a CPU address".formatted(source));
        } else if (untranslated && !memory.isEmpty() && reachesNone(reach)) {
            mistakes.add(
                    Kind.WINDOW_REACHES_NO_MEMORY,
                    node,
                    "dma-ranges of %s gives %s, RAM is %s"
                            .formatted(source, reach.windows(), memory));
        }
    }

    private boolean reachesNone(DmaReach reach) {
        return reach.windows().stream()
                .noneMatch(window ->
                        window.cpu().wraps() || memory.stream().anyMatch(window.cpu()::overlaps));
    }

    private List<Stream> streams(Node node) {
        Property iommus = node.property("iommus").orElse(null);
        return iommus == null
                ? List.of()
                : mistakes.good(iommus, PhandleList.parse(tree, iommus, "#iommu-cells")).stream()
                        .map(found -> new Stream(found.value().node().path(), found.value().args()))
                        .toList();
    }

    private List<StreamRange> streamRanges(Node node) {
        Property map = node.property("iommu-map").orElse(null);
        if (map == null) {
            return List.of();
        }
        if (!map.isCells() || map.cellCount() % MAP_ENTRY_CELLS != 0) {
            mistakes.add(
                    Kind.WRONG_CELL_COUNT,
                    map,
                    "has %d bytes, wanted entries of 16".formatted(map.sizeBytes()));
            return List.of();
        }
        List<StreamRange> ranges = new ArrayList<>();
        for (int at = 0; at < map.cellCount(); at += MAP_ENTRY_CELLS) {
            Optional<Node> iommu = tree.byPhandle(map.cell(at + 1));
            if (iommu.isEmpty()) {
                mistakes.add(
                        Kind.DANGLING_PHANDLE,
                        map,
                        "refers to phandle 0x%x, which no node has".formatted(map.cell(at + 1)));
            } else {
                ranges.add(
                        new StreamRange(
                                iommu.get().path(),
                                map.cell(at),
                                map.cell(at + 2),
                                map.cell(at + 3)));
            }
        }
        return ranges;
    }
}
