package dmakit.cmodule.service;

import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Handles;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.devicetree.PhandleArgs;
import dmakit.devicetree.PhandleList;
import dmakit.devicetree.Property;
import dmakit.devicetree.address.AddressRange;
import dmakit.devicetree.address.BusLayout.BusAddress;
import dmakit.devicetree.address.Reg;
import dmakit.devicetree.address.Translation;
import dmakit.devicetree.dma.Coherence;
import dmakit.devicetree.interrupt.InterruptSpec;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.reserved.Region;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The device tree; C code has each node by its number, 0 for none. */
final class OfServices implements ServiceGroup {
    private static final int NODE_COUNT_MAX = 1 << 20;

    /** Cells of a reference that fit beside the node and their count. */
    private static final int ARGS_MAX = 6;

    /** {@code of.c} knows the same order. */
    private enum Find {
        NAME,
        PATH,
        PHANDLE,
        COMPATIBLE,
        NEXT,
        CHILD,
        SIBLING
    }

    private final CSystem system;
    private final Kernel kernel;
    private final DeviceTree tree;
    private final Handles<Node> nodes = new Handles<>("nodes", NODE_COUNT_MAX);

    OfServices(CSystem system) {
        this.system = system;
        kernel = system.kernel();
        tree = kernel.deviceTree();
    }

    @Override
    public void register(Registry to) {
        to.add("of_describe", this::describe);
        to.add("of_find", this::find);
        to.add("of_alias_id", this::aliasId);
        to.add("of_property", this::property);
        to.add("of_parse_phandle", this::parsePhandle);
        to.add("of_count_phandle", this::countPhandle);
        to.add("of_address", this::address);
        to.add("of_translate", this::translate);
        to.add("of_irq", this::irq);
        to.add("of_dma_configure", this::configureDma);
        to.add("of_dma_is_coherent", this::isCoherent);
        to.add("of_reserved_mem_device_init", this::takeRegion);
        to.add("of_reserved_mem_device_init_by_name", this::takeRegionByName);
        to.add("of_reserved_mem_device_release", this::releaseRegions);
        to.add("of_reserved_mem_lookup", this::region);
        to.add("of_device", this::device);
        to.add("of_populate", this::populate);
        to.add("of_depopulate", this::depopulate);
        to.add("of_create", this::create);
    }

    /** The node of a number. */
    Node node(long number) {
        return nodes.get(number);
    }

    /** The number of a node; 0 for null. */
    long number(@Nullable Node node) {
        return node == null ? 0 : nodes.number(node);
    }

    private long number(Optional<Node> node) {
        return number(node.orElse(null));
    }

    /** Answers "name\nname@address", phandle and parent. */
    private long describe(Call call) {
        Node node = node(call.arg(0));
        boolean root = node.parent().isEmpty();
        call.answer(root ? "/\n/" : node.baseName() + "\n" + node.name());
        call.out(0, Integer.toUnsignedLong(node.phandle().orElse(0)));
        call.out(1, number(node.parent()));
        return 0;
    }

    /** Those of the tree, and those that came later with a device. */
    private List<Node> all() {
        List<Node> all = new ArrayList<>(tree.nodes());
        for (PlatformDevice device : kernel.platform().devices()) {
            Node node = device.device().ofNode();
            if (node != null && !all.contains(node)) {
                all.add(node);
            }
        }
        return all;
    }

    /** How, from which node, a number; and a text. */
    private long find(Call call) {
        Find how = Find.values()[call.intArg(0)];
        Node from = nodes.find(call.arg(1));
        String text = call.text();
        return switch (how) {
            case PATH -> number(tree.node(text));
            case PHANDLE -> number(tree.byPhandle(call.intArg(2)));
            case NAME -> number(after(from, node -> node.baseName().equals(text)));
            case COMPATIBLE -> number(after(from, node -> compatible(node).contains(text)));
            case NEXT -> number(after(from, _ -> true));
            case CHILD -> from == null ? 0 : number(from.children().stream().findFirst());
            case SIBLING -> from == null ? 0 : number(sibling(from));
        };
    }

    private static List<String> compatible(Node node) {
        return node.property("compatible")
                .filter(Property::isStrings)
                .map(Property::strings)
                .orElse(List.of());
    }

    private Optional<Node> after(@Nullable Node from, java.util.function.Predicate<Node> wanted) {
        List<Node> all = all();
        int start = from == null ? 0 : all.indexOf(from) + 1;
        return all.subList(start, all.size()).stream().filter(wanted).findFirst();
    }

    private static Optional<Node> sibling(Node node) {
        List<Node> siblings =
                node.parent().map(parent -> List.copyOf(parent.children())).orElse(List.of());
        int next = siblings.indexOf(node) + 1;
        return next > 0 && next < siblings.size()
                ? Optional.of(siblings.get(next))
                : Optional.empty();
    }

    private long aliasId(Call call) {
        String path = node(call.arg(0)).path();
        for (Map.Entry<String, String> alias : tree.aliases().entrySet()) {
            String name = alias.getKey();
            if (alias.getValue().equals(path)
                    && name.startsWith(call.text())
                    && name.substring(call.text().length()).matches("[0-9]{1,9}")) {
                return Long.parseLong(name.substring(call.text().length()));
            }
        }
        throw new KernelException(Errno.ENODEV, "%s has no alias %s", path, call.text());
    }

    /** A name; node: answers the length and as many bytes as there is room for. */
    private long property(Call call) {
        Property property = node(call.arg(0)).property(call.text()).orElse(null);
        if (property == null) {
            throw new KernelException(Errno.EINVAL, "no property %s", call.text());
        }
        byte[] bytes = property.bytes();
        byte[] into = call.data();
        System.arraycopy(bytes, 0, into, 0, Math.min(bytes.length, into.length));
        return bytes.length;
    }

    // References.

    private List<PhandleList.Entry> entries(Call call, int fixed) {
        Property list = node(call.arg(0)).property(call.text(0)).orElse(null);
        if (list == null) {
            throw new KernelException(Errno.ENOENT, "no property %s", call.text(0));
        }
        return call.text(1).isEmpty()
                ? PhandleList.parse(tree, list, fixed)
                : PhandleList.parse(tree, list, call.text(1));
    }

    /** Name of the list, name of the cells or nothing; node, index, count of cells. */
    private long parsePhandle(Call call) {
        int index = call.intArg(1);
        List<PhandleList.Entry> entries = entries(call, call.intArg(2));
        if (index < 0) {
            throw new KernelException(Errno.EINVAL, "index %d", index);
        }
        if (index >= entries.size() || entries.get(index) instanceof PhandleList.Hole) {
            throw new KernelException(Errno.ENOENT, "%s has no %d", call.text(0), index);
        }
        if (!(entries.get(index) instanceof PhandleList.Found found)) {
            throw new KernelException(Errno.EINVAL, "%s: %d is broken", call.text(0), index);
        }
        PhandleArgs target = found.value();
        int count = Math.min(target.args().size(), ARGS_MAX);
        call.out(0, count);
        for (int i = 0; i < count; i++) {
            call.out(1 + i, Integer.toUnsignedLong(target.arg(i)));
        }
        return number(target.node());
    }

    private long countPhandle(Call call) {
        return entries(call, 0).size();
    }

    // Addresses and interrupts.

    /** Node, index: answers first and last address. */
    private long address(Call call) {
        List<Reg> regs = Reg.of(node(call.arg(0)));
        int index = call.intArg(1);
        AddressRange range =
                index < 0 || index >= regs.size() ? null : regs.get(index).phys().orElse(null);
        if (range == null) {
            throw new KernelException(Errno.EINVAL, "no address %d", index);
        }
        call.out(0, range.start());
        call.out(1, range.last());
        return 0;
    }

    private long translate(Call call) {
        return node(call.arg(0))
                .parent()
                .map(bus -> Translation.CPU.toCpu(bus, new BusAddress(0, call.arg(1))).orElse(-1))
                .orElse(-1L);
    }

    private long irq(Call call) {
        List<InterruptSpec> specs = InterruptSpec.of(tree, node(call.arg(0)));
        int index = call.intArg(1);
        if (index < 0 || index >= specs.size()) {
            throw new KernelException(Errno.EINVAL, "no interrupt %d", index);
        }
        return kernel.lines().lineOf(specs.get(index));
    }

    /** Device, node or 0, whether it has to. */
    private long configureDma(Call call) {
        Device device = system.device(call.arg(0));
        kernel.driverCore().configureDma(device, nodes.find(call.arg(1)));
        return 0;
    }

    private long isCoherent(Call call) {
        Node node = nodes.find(call.arg(0));
        return node != null && Coherence.of(tree, node) == Coherence.COHERENT ? 1 : 0;
    }

    // Memory set aside.

    private long takeRegion(Call call) {
        kernel.reservedMemory()
                .attachByIndex(system.device(call.arg(0)), nodes.find(call.arg(1)), call.intArg(2));
        return 0;
    }

    private long takeRegionByName(Call call) {
        kernel.reservedMemory()
                .attachByName(system.device(call.arg(0)), nodes.find(call.arg(1)), call.text());
        return 0;
    }

    private long releaseRegions(Call call) {
        kernel.reservedMemory().release(system.device(call.arg(0)));
        return 0;
    }

    private long region(Call call) {
        Node node = nodes.find(call.arg(0));
        Region region = node == null ? null : kernel.reservedMemory().lookup(node).orElse(null);
        if (region == null) {
            return 0;
        }
        call.out(0, region.base());
        call.out(1, region.size());
        return 1;
    }

    // Devices of nodes.

    private long device(Call call) {
        Node node = nodes.find(call.arg(0));
        return node == null
                ? 0
                : kernel.platform()
                        .device(node)
                        .map(found -> (long) system.devices().number(found.device()))
                        .orElse(0L);
    }

    private @Nullable Device parent(long number) {
        return number == 0 ? null : system.device(number);
    }

    private long populate(Call call) {
        Node bus = call.arg(0) == 0 ? tree.root() : node(call.arg(0));
        kernel.platform().populate(tree, kernel.lines(), bus, parent(call.arg(1)));
        return 0;
    }

    private long depopulate(Call call) {
        Device parent = system.device(call.arg(0));
        for (PlatformDevice child : kernel.platform().devices().reversed()) {
            if (parent.equals(child.device().parent()) && child.device().ofNode() != null) {
                kernel.platform().remove(child);
            }
        }
        return 0;
    }

    private long create(Call call) {
        PlatformDevice made =
                kernel.platform()
                        .create(tree, node(call.arg(0)), parent(call.arg(1)), kernel.lines());
        return system.devices().number(made.device());
    }
}
