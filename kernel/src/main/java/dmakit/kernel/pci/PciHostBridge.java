package dmakit.kernel.pci;

import dmakit.datasheet.Register;
import dmakit.datasheet.pci.ExpressRegister;
import dmakit.datasheet.pci.PciHeaderRegister;
import dmakit.datasheet.pci.PciHeaderRegister.BaseAddress;
import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.devicetree.Property;
import dmakit.devicetree.interrupt.InterruptSpec;
import dmakit.kernel.Calls;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.IrqResolver;
import dmakit.kernel.log.Log;
import dmakit.kernel.mm.IoMemory;
import dmakit.kernel.mm.Resources;
import dmakit.machine.cpu.Cpu;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A host bridge, its windows, and the functions on its bus. */
final class PciHostBridge {
    private static final int SLOT_COUNT = 32;
    private static final int SLOT_SHIFT = 3;
    private static final int NOBODY = 0xffff;
    private static final int LG2_FUNCTION_BYTES = 12;

    private final Cpu cpu;
    private final Calls calls;
    private final Log log;
    private final IoMemory io;
    private final Resources resources;
    private final DeviceTree tree;
    private final IrqResolver lines;
    private final Node node;
    private final int domain;
    private final long config;
    private final List<PciWindow> windows;
    private final Optional<MessageVectors> messages;
    private final Device parent;
    private final Device bridge;
    private final TreeMap<Integer, PciDevice> functions = new TreeMap<>();

    PciHostBridge(
            PciBus bus, Device host, Node node, int domain, long config, List<PciWindow> windows) {
        cpu = bus.cpu();
        calls = bus.calls();
        log = bus.log();
        io = bus.io();
        resources = bus.resources();
        tree = bus.tree();
        lines = bus.lines();
        this.node = node;
        this.domain = domain;
        this.config = config;
        this.windows = List.copyOf(windows);
        messages =
                node.property("msi-parent")
                        .filter(parent -> parent.sizeBytes() >= Integer.BYTES)
                        .flatMap(parent -> tree.byPhandle(parent.cell(0)))
                        .flatMap(apic -> MessageVectors.of(apic, lines));
        parent = host;
        bridge = new Device("pci%04x:00".formatted(domain), "", host, null);
    }

    Cpu cpu() {
        return cpu;
    }

    Calls calls() {
        return calls;
    }

    Log log() {
        return log;
    }

    IoMemory io() {
        return io;
    }

    Resources resources() {
        return resources;
    }

    Optional<MessageVectors> messages() {
        return messages;
    }

    /** The platform device it is. */
    Device parent() {
        return parent;
    }

    /** The device that functions hang on. */
    Device bridge() {
        return bridge;
    }

    /** Gives back what it noted in {@code /proc/iomem}. */
    void release() {
        for (PciDevice function : functions.values()) {
            for (PciRegion region : function.regions()) {
                region.start().ifPresent(at -> resources.unreserve(at, region.size()));
            }
        }
        for (PciWindow window : windows) {
            resources.unreserve(window.cpuStart(), window.size());
        }
    }

    int domain() {
        return domain;
    }

    List<PciDevice> functions() {
        return List.copyOf(functions.values());
    }

    /** The interrupt that a pin ends at; 0 where the tree has no answer. */
    @Linux(file = "drivers/pci/of.c", symbol = "of_irq_parse_and_map_pci")
    int irqOfPin(int slotAndFunction, int pin) {
        return InterruptSpec.ofPciPin(tree, node, slotAndFunction, pin)
                .map(lines::lineOf)
                .orElse(0);
    }

    /** Looks at every slot; what is new gets its addresses. */
    @Linux(file = "drivers/pci/probe.c", symbol = "pci_scan_child_bus")
    List<PciDevice> scan() {
        List<PciDevice> found = new ArrayList<>();
        for (int slot = 0; slot < SLOT_COUNT; slot++) {
            int slotAndFunction = slot << SLOT_SHIFT;
            ConfigAccess access =
                    new ConfigAccess(cpu, config + ((long) slotAndFunction << LG2_FUNCTION_BYTES));
            if (!functions.containsKey(slotAndFunction)
                    && access.read16(PciHeaderRegister.ID.offset()) != NOBODY) {
                PciDevice function = setUp(access, slotAndFunction);
                functions.put(slotAndFunction, function);
                found.add(function);
            }
        }
        assign(found);
        return found;
    }

    @Linux(file = "drivers/pci/probe.c", symbol = "pci_setup_device")
    private PciDevice setUp(ConfigAccess access, int slotAndFunction) {
        String name = "%04x:00:%02x.%d".formatted(domain, slotAndFunction >> SLOT_SHIFT, 0);
        Device device = new Device(name, PciBus.NAME, bridge, nodeOf(slotAndFunction));
        device.dma().segmentBoundaryMask(0xffff_ffffL);
        device.dma().requesterId(slotAndFunction);
        PciDevice function = new PciDevice(this, device, access, slotAndFunction);
        log.devInfo(
                device,
                "[%04x:%04x] type 00 class 0x%06x %s endpoint",
                function.vendor(),
                function.deviceId(),
                function.classCode(),
                function.findCapability(ExpressRegister.ID) == 0 ? "conventional PCI" : "PCIe");
        readBases(function, access);
        for (PciRegion region : function.regions()) {
            log.devInfo(device, "BAR %d %s", region.index(), region);
        }
        return function;
    }

    @Linux(file = "drivers/pci/of.c", symbol = "pci_set_of_node")
    private @Nullable Node nodeOf(int slotAndFunction) {
        for (Node child : node.children()) {
            Property reg = child.property("reg").orElse(null);
            if (reg != null
                    && reg.sizeBytes() >= Integer.BYTES
                    && reg.cell(0) >>> Byte.SIZE == slotAndFunction) {
                return child;
            }
        }
        return null;
    }

    /** Writes ones and looks which stay. */
    @Linux(file = "drivers/pci/probe.c", symbol = "__pci_read_base")
    private static void readBases(PciDevice function, ConfigAccess access) {
        for (int i = 0; i < PciHeaderRegister.BAR_COUNT; i++) {
            int at = PciHeaderRegister.BAR0.offset() + i * Register.BYTES;
            long mask = Integer.toUnsignedLong(sized(access, at));
            int shape = access.read32(at);
            boolean wide = BaseAddress.TYPE.get(shape) == 2;
            long sizeMask = mask & Integer.toUnsignedLong(BaseAddress.ADDRESS.mask());
            if (wide) {
                sizeMask |= (long) sized(access, at + Register.BYTES) << Integer.SIZE;
            } else if (sizeMask != 0) {
                sizeMask |= 0xffff_ffff_0000_0000L;
            }
            if (sizeMask != 0 && !BaseAddress.IO.isSet(shape)) {
                function.add(
                        new PciRegion(
                                i,
                                Long.lowestOneBit(sizeMask),
                                wide,
                                BaseAddress.PREFETCHABLE.isSet(shape),
                                OptionalLong.empty()));
            }
            i += wide ? 1 : 0;
        }
    }

    private static int sized(ConfigAccess access, int at) {
        int before = access.read32(at);
        access.write32(at, -1);
        int after = access.read32(at);
        access.write32(at, before);
        return after;
    }

    private record Wish(PciDevice function, PciRegion region) {}

    /** Largest regions first: then all fit without holes. */
    @Linux(file = "drivers/pci/setup-bus.c", symbol = "pci_assign_unassigned_resources")
    private void assign(List<PciDevice> found) {
        List<Wish> wishes = new ArrayList<>();
        for (PciDevice function : found) {
            function.regions().forEach(region -> wishes.add(new Wish(function, region)));
        }
        wishes.sort(Comparator.comparingLong((Wish wish) -> wish.region().size()).reversed());
        for (Wish wish : wishes) {
            assign(wish.function(), wish.region());
        }
    }

    private void assign(PciDevice function, PciRegion region) {
        for (PciWindow window : windowsFor(region)) {
            OptionalLong place = window.take(region.size());
            if (place.isPresent()) {
                PciRegion placed = region.at(place.getAsLong());
                long pci = window.toPci(place.getAsLong());
                int at = PciHeaderRegister.BAR0.offset() + region.index() * Register.BYTES;
                function.write32(at, (int) pci);
                if (region.wide()) {
                    function.write32(at + Register.BYTES, (int) (pci >>> Integer.SIZE));
                }
                function.assign(placed);
                resources.reserve(place.getAsLong(), region.size(), function.name());
                log.devInfo(function.device(), "BAR %d %s: assigned", region.index(), placed);
                return;
            }
        }
        log.devErr(function.device(), "BAR %d %s: can't assign; no space", region.index(), region);
    }

    private List<PciWindow> windowsFor(PciRegion region) {
        return windows.stream()
                .filter(window -> region.prefetchable() || !window.isPrefetchable())
                .filter(window -> region.wide() || window.isBelow4G())
                .sorted(
                        Comparator.comparing((PciWindow window) ->
                                        window.isPrefetchable() != region.prefetchable())
                                .thenComparing(window -> window.isBelow4G() && region.wide()))
                .toList();
    }

    @Override
    public String toString() {
        return bridge.name();
    }
}
