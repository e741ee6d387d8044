package dmakit.kernel.reserved;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.MemReserve;
import dmakit.devicetree.Node;
import dmakit.devicetree.Property;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.KernelParameters;
import dmakit.kernel.KernelParameters.Parsed;
import dmakit.kernel.Linux;
import dmakit.kernel.cma.Cma;
import dmakit.kernel.coherent.CoherentMemory;
import dmakit.kernel.device.Device;
import dmakit.kernel.log.Log;
import dmakit.kernel.mm.Memblock;
import dmakit.kernel.swiotlb.Swiotlb;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The regions of {@code /reserved-memory}, and what {@code memmap=} keeps away.
 *
 * <p>Order of calls: {@link #reserve}, {@link #setUp}, {@link #start}; then drivers.
 */
public final class ReservedMemory {
    /** Regions that can be used; what more there are stays reserved only. */
    @Linux(file = "include/linux/of_reserved_mem.h", symbol = "MAX_RESERVED_REGIONS")
    public static final int REGION_COUNT_MAX = 64;

    private static final String FILE = "drivers/of/of_reserved_mem.c";
    private static final String MEMORY_REGION = "memory-region";

    private final DeviceTree tree;
    private final Log kernelLog;
    private final Log log;
    private final Memblock memblock;
    private final RegionPlacer placer;
    private final CoherentRegions coherentRegions;
    private final RestrictedRegions restrictedRegions;
    private final List<RegionKind> kinds;
    private final List<Node> dynamic = new ArrayList<>();
    private final List<Region> fixed = new ArrayList<>();
    private final List<Known> regions = new ArrayList<>();
    private final List<Assignment> assignments = new ArrayList<>();

    /** A region and what devices get of it, or null for nothing. */
    private record Known(Region region, RegionKind.@Nullable Use use) {}

    private record Assignment(Device device, Known known) {}

    /** Nothing is reserved yet. */
    public ReservedMemory(DeviceTree tree, Log log, Memblock memblock, Cma cma) {
        this.tree = tree;
        this.memblock = memblock;
        kernelLog = log;
        this.log = log.prefixed("OF: reserved mem: ");
        placer = new RegionPlacer(tree, this.log, memblock);
        coherentRegions = new CoherentRegions(log);
        restrictedRegions = new RestrictedRegions(log);
        kinds = List.of(coherentRegions, new CmaRegions(log, cma), restrictedRegions);
    }

    // At boot.

    /**
     * Reserves everything that has a place: the tree's reservation block, static regions, and what
     * {@code memmap=nn$ss} takes out.
     */
    @Linux(file = FILE, symbol = "fdt_scan_reserved_mem")
    public void reserve(KernelParameters parameters) {
        for (String list : parameters.values("memmap")) {
            for (String range : list.split(",", -1)) {
                takeOut(range);
            }
        }
        for (MemReserve range : tree.memReserves()) {
            memblock.reserve(Memblock.RESERVED, range.address(), range.size());
        }
        Optional<Node> parent = tree.root().child("reserved-memory");
        if (parent.isEmpty()) {
            log.info("Reserved memory: No reserved-memory node in the DT");
        } else if (!placer.understands(parent.get())) {
            log.err("Reserved memory: unsupported node format, ignoring");
        } else {
            parent.get().children().stream().filter(Node::isAvailable).forEach(this::reserve);
        }
    }

    private void reserve(Node node) {
        if (node.has("reg")) {
            placer.reserve(node).ifPresent(fixed::add);
        } else if (node.has("size")) {
            dynamic.add(node);
        }
    }

    /** Other forms than {@code nn$ss} describe what firmware knows better. */
    @Linux(file = "arch/x86/kernel/e820.c", symbol = "parse_memmap_one")
    private void takeOut(String range) {
        Parsed size = KernelParameters.memparse(range).orElse(new Parsed(0, ""));
        if (!size.rest().startsWith("$")) {
            return;
        }
        KernelParameters.memparse(size.rest().substring(1))
                .ifPresent(start -> memblock.takeOut("Reserved", start.value(), size.value()));
    }

    /** Places dynamic regions; then makes of all regions what their kind is for. */
    @Linux(file = FILE, symbol = "fdt_init_reserved_mem_node")
    public void setUp() {
        for (Node node : dynamic) {
            List<Region> others = new ArrayList<>(fixed);
            regions.forEach(known -> others.add(known.region()));
            placer.place(node, others).ifPresent(this::setUp);
        }
        for (Region region : fixed) {
            placer.warnOfMore(region.node());
            setUp(region);
        }
        checkForOverlap();
    }

    private void setUp(Region region) {
        if (regions.size() == REGION_COUNT_MAX) {
            log.err("not enough space for all defined regions.");
            return;
        }
        KernelException refusal = null;
        RegionKind.Use use = null;
        for (RegionKind kind : kinds) {
            if (use == null && region.node().isCompatibleWith(kind.compatible())) {
                try {
                    use = kind.setUp(region);
                    log.info(
                            "initialized node %s, compatible id %s",
                            region.name(), kind.compatible());
                } catch (KernelException e) {
                    refusal = e;
                }
            }
        }
        regions.add(new Known(region, use));
        if (use == null && refusal != null) {
            log.info("node %s compatible matching fail", region.name());
            memblock.release(region.base(), region.size());
            return;
        }
        log.info(
                "0x%016x..0x%016x (%d KiB) %s %s %s",
                region.base(),
                region.end() - 1,
                region.size() >>> 10,
                region.isNoMap() ? "nomap" : "map",
                region.isReusable() ? "reusable" : "non-reusable",
                region.name());
    }

    @Linux(file = FILE, symbol = "__rmem_check_for_overlap")
    private void checkForOverlap() {
        List<Region> sorted = new ArrayList<>();
        regions.forEach(known -> sorted.add(known.region()));
        sorted.sort(Comparator.comparing(Region::base, Long::compareUnsigned));
        for (int i = 1; i < sorted.size(); i++) {
            Region below = sorted.get(i - 1);
            Region above = sorted.get(i);
            if (Long.compareUnsigned(below.end(), above.base()) > 0) {
                log.err("OVERLAP DETECTED!\n%s overlaps with %s", below, above);
            }
        }
    }

    /** Memory can be mapped and bounced from now on. */
    public void start(CoherentMemory coherent, Swiotlb swiotlb) {
        coherentRegions.start(coherent);
        restrictedRegions.start(swiotlb);
    }

    // For drivers.

    /** The region a node describes, if it was reserved. */
    @Linux(file = FILE, symbol = "of_reserved_mem_lookup")
    public Optional<Region> lookup(Node node) {
        return known(node).map(Known::region);
    }

    private Optional<Known> known(Node node) {
        return regions.stream().filter(known -> known.region().node().equals(node)).findFirst();
    }

    /**
     * Gives a device the first region its node names.
     *
     * @throws KernelException as {@link #attachByIndex}
     */
    @Linux(file = "include/linux/of_reserved_mem.h", symbol = "of_reserved_mem_device_init")
    public void attach(Device device) {
        attachByIndex(device, device.ofNode(), 0);
    }

    /**
     * Gives a device a region that a node names; nothing happens when that one is disabled.
     *
     * @param node with {@code memory-region}
     * @param index in that list
     * @throws KernelException ENODEV when the list has no such entry; EINVAL without a node, and
     *     when nothing was made of the region; EBUSY when the device has a coherent pool already;
     *     ENOMEM
     */
    @Linux(file = FILE, symbol = "of_reserved_mem_device_init_by_idx")
    public void attachByIndex(Device device, @Nullable Node node, int index) {
        if (node == null) {
            throw new KernelException(Errno.EINVAL, "%s has no node", device);
        }
        Node target = target(node, index);
        if (target == null) {
            throw new KernelException(
                    Errno.ENODEV, "%s has no memory-region %d", node.path(), index);
        }
        if (!target.isAvailable()) {
            return;
        }
        Known known = known(target).orElse(null);
        RegionKind.Use use = known == null ? null : known.use();
        if (known == null || use == null) {
            throw new KernelException(Errno.EINVAL, "%s is no memory for devices", target.path());
        }
        use.attach(device);
        Assignment made = new Assignment(device, known);
        if (!assignments.contains(made)) {
            assignments.add(made);
        }
        kernelLog.devInfo(device, "assigned reserved memory node %s", known.region().name());
    }

    private @Nullable Node target(Node node, int index) {
        Property list = node.property(MEMORY_REGION).filter(Property::isCells).orElse(null);
        if (list == null || index < 0 || index >= list.cellCount()) {
            return null;
        }
        return tree.byPhandle(list.cell(index)).orElse(null);
    }

    /**
     * As {@link #attachByIndex}, by a name in {@code memory-region-names}.
     *
     * @throws KernelException ENODEV also for a name that is not there
     */
    @Linux(file = FILE, symbol = "of_reserved_mem_device_init_by_name")
    public void attachByName(Device device, @Nullable Node node, String name) {
        int index = node == null ? -1 : node.strings("memory-region-names").indexOf(name);
        attachByIndex(device, node, index);
    }

    /**
     * Gives a device its restricted pool, if it has one: the only kind that no driver asks for.
     *
     * @param node of the bus, where the device's own names none
     */
    @Linux(file = "drivers/of/device.c", symbol = "of_dma_set_restricted_buffer")
    public void attachRestricted(Device device, Node node) {
        Node own = device.ofNode();
        OptionalInt index = own == null ? OptionalInt.empty() : restricted(own);
        Node from = index.isPresent() && own != null ? own : node;
        if (index.isEmpty()) {
            index = restricted(node);
        }
        if (index.isEmpty()) {
            return;
        }
        try {
            attachByIndex(device, from, index.getAsInt());
        } catch (KernelException e) {
            kernelLog.devWarn(device, "failed to initialise \"restricted-dma-pool\" memory node");
        }
    }

    private OptionalInt restricted(Node node) {
        Property list = node.property(MEMORY_REGION).filter(Property::isCells).orElse(null);
        int count = list == null ? 0 : list.cellCount();
        for (int index = 0; index < count; index++) {
            Node target = target(node, index);
            if (target != null
                    && target.isAvailable()
                    && target.isCompatibleWith(RestrictedRegions.COMPATIBLE)) {
                return OptionalInt.of(index);
            }
        }
        return OptionalInt.empty();
    }

    /** Takes everything away that a device was given. */
    @Linux(file = FILE, symbol = "of_reserved_mem_device_release")
    public void release(Device device) {
        for (Assignment assignment : List.copyOf(assignments)) {
            RegionKind.Use use = assignment.known().use();
            if (assignment.device().equals(device) && use != null) {
                assignments.remove(assignment);
                use.detach(device);
            }
        }
    }
}
