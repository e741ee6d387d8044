package dmakit.kernel.device;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.devicetree.Property;
import dmakit.devicetree.address.AddressRange;
import dmakit.devicetree.address.Reg;
import dmakit.devicetree.interrupt.InterruptSpec;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.log.Log;
import dmakit.kernel.mm.IoMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A device on the platform bus: registers at fixed addresses, interrupts, a node in the tree. */
@Linux(file = "include/linux/platform_device.h", symbol = "platform_device")
public final class PlatformDevice {
    private static final String FILE = "drivers/base/platform.c";

    /** Space, address, size. */
    private static final int ISA_REG_CELLS = 3;

    private final Device device;
    private final String kind;
    private final List<Resource> memory;
    private final List<Ports> ports;
    private final List<InterruptSpec> interrupts;
    private final IrqResolver resolver;
    private final Function<Node, List<InterruptSpec>> interruptsOf;
    private final Log log;
    private @Nullable PlatformDriver driver;
    private @Nullable Object matchData;

    /**
     * Registers or memory of a device.
     *
     * @param name from {@code reg-names}, or empty
     * @param range CPU physical addresses
     */
    public record Resource(Optional<String> name, AddressRange range) {}

    /**
     * I/O ports of a device on an ISA bus.
     *
     * @param first number of the first port
     * @param count at least 1
     */
    public record Ports(int first, int count) {}

    private PlatformDevice(
            Device device,
            String kind,
            List<Resource> memory,
            List<Ports> ports,
            List<InterruptSpec> interrupts,
            IrqResolver resolver,
            Function<Node, List<InterruptSpec>> interruptsOf,
            Log log) {
        this.device = device;
        this.kind = kind;
        this.memory = List.copyOf(memory);
        this.ports = List.copyOf(ports);
        this.interrupts = List.copyOf(interrupts);
        this.resolver = resolver;
        this.interruptsOf = interruptsOf;
        this.log = log;
    }

    /**
     * A device without a node, for drivers that bring their own.
     *
     * @param name also what a driver's name is compared with
     */
    public static PlatformDevice withoutNode(String name, @Nullable Device parent, Log log) {
        return madeByDriver(new Device(name, PlatformBus.NAME, parent, null), name, log);
    }

    /**
     * A device that a driver brings; what it has is the driver's business.
     *
     * @param kind what a driver's name is compared with
     */
    public static PlatformDevice madeByDriver(Device device, String kind, Log log) {
        return new PlatformDevice(
                device,
                kind,
                List.of(),
                List.of(),
                List.of(),
                interrupt -> {
                    throw new KernelException(Errno.ENXIO, "%s has no interrupts", device.name());
                },
                _ -> List.of(),
                log);
    }

    static PlatformDevice of(
            DeviceTree tree, Node node, @Nullable Device parent, IrqResolver resolver, Log log) {
        List<Resource> memory = new ArrayList<>();
        for (Reg reg : Reg.of(node)) {
            reg.phys().ifPresent(range -> memory.add(new Resource(reg.name(), range)));
        }
        Device device = new Device(DeviceNames.of(node), PlatformBus.busOf(node), parent, node);
        return new PlatformDevice(
                device,
                device.name(),
                memory,
                portsOf(node),
                InterruptSpec.of(tree, node),
                resolver,
                of -> InterruptSpec.of(tree, of),
                log);
    }

    /** Entries of {@code reg} on an ISA bus that name ports; ISA binding to IEEE 1275, 4.1. */
    @Linux(file = "drivers/of/address.c", symbol = "of_bus_isa_get_flags")
    private static List<Ports> portsOf(Node node) {
        Property reg = node.property("reg").orElse(null);
        boolean isa = node.parent().filter(bus -> bus.isCompatibleWith("isa")).isPresent();
        List<Ports> found = new ArrayList<>();
        if (!isa || reg == null || !reg.isCells()) {
            return found;
        }
        for (int at = 0; at + ISA_REG_CELLS <= reg.cellCount(); at += ISA_REG_CELLS) {
            if ((reg.cell(at) & 1) != 0 && reg.cell(at + 2) > 0) {
                found.add(new Ports(reg.cell(at + 1), reg.cell(at + 2)));
            }
        }
        return found;
    }

    /** The device itself. */
    public Device device() {
        return device;
    }

    /**
     * The node it is made of.
     *
     * @throws KernelException EINVAL when it has none
     */
    public Node node() {
        Node node = device.ofNode();
        if (node == null) {
            throw new KernelException(Errno.EINVAL, "%s has no node", device.name());
        }
        return node;
    }

    /** The device's name. */
    public String name() {
        return device.name();
    }

    /** What a driver's name is compared with where it has no node that fits. */
    @Linux(file = "include/linux/platform_device.h", symbol = "platform_device.name")
    public String kind() {
        return kind;
    }

    /** The bound driver. */
    public @Nullable PlatformDriver driver() {
        return driver;
    }

    void bind(@Nullable PlatformDriver to, @Nullable Object data) {
        driver = to;
        matchData = data;
    }

    /** What the driver keeps for this kind of device, from its match table. */
    @Linux(file = "drivers/of/device.c", symbol = "of_device_get_match_data")
    public @Nullable Object matchData() {
        return matchData;
    }

    /** Registers and memory, in the order of {@code reg}. */
    public List<Resource> memory() {
        return memory;
    }

    /** I/O ports, in the order of {@code reg}. */
    public List<Ports> ports() {
        return ports;
    }

    /**
     * Registers or memory by position.
     *
     * @param index from 0
     * @throws KernelException EINVAL when there are not so many
     */
    @Linux(file = FILE, symbol = "platform_get_resource")
    public AddressRange memory(int index) {
        if (index < 0 || index >= memory.size()) {
            throw new KernelException(
                    Errno.EINVAL,
                    "%s has %d memory resources, not one at %d",
                    name(),
                    memory.size(),
                    index);
        }
        return memory.get(index).range();
    }

    /**
     * Registers or memory by name.
     *
     * @throws KernelException EINVAL when none is called so
     */
    @Linux(file = FILE, symbol = "platform_get_resource_byname")
    public AddressRange memory(String name) {
        for (Resource resource : memory) {
            if (resource.name().isPresent() && resource.name().get().equals(name)) {
                return resource.range();
            }
        }
        throw new KernelException(
                Errno.EINVAL, "%s has no memory resource \"%s\"", device.name(), name);
    }

    /**
     * Maps registers by position until the driver leaves.
     *
     * @param wantedBytes how many the driver needs at least
     * @return their virtual address
     * @throws KernelException EINVAL when there are not so many resources or bytes; what {@link
     *     IoMemory#ioremap} refuses with otherwise
     */
    @Linux(file = FILE, symbol = "devm_platform_ioremap_resource")
    public long ioremap(IoMemory io, int index, long wantedBytes) {
        AddressRange range = memory(index);
        if (range.size() < wantedBytes) {
            throw new KernelException(
                    Errno.EINVAL,
                    "%s has 0x%x bytes of registers, wanted 0x%x",
                    name(),
                    range.size(),
                    wantedBytes);
        }
        return ioremap(io, range);
    }

    /**
     * Maps registers until the driver leaves.
     *
     * @return their virtual address
     * @throws KernelException what {@link IoMemory#ioremap} refuses with
     */
    @Linux(file = "lib/devres.c", symbol = "devm_ioremap_resource")
    public long ioremap(IoMemory io, AddressRange range) {
        long va = io.ioremap(range.start(), range.size());
        device.devres().add("ioremap", () -> io.iounmap(va));
        return va;
    }

    /** Number of interrupts. */
    @Linux(file = FILE, symbol = "platform_irq_count")
    public int irqCount() {
        return interrupts.size();
    }

    /** Names of the interrupts, empty where one has none. */
    public List<String> irqNames() {
        return interrupts.stream().map(irq -> irq.name().orElse("")).toList();
    }

    /**
     * The line of an interrupt, by position.
     *
     * @param index from 0
     * @throws KernelException ENXIO when there are not so many, with a line in the log;
     *     EPROBE_DEFER while the controller has no driver
     */
    @Linux(file = FILE, symbol = "platform_get_irq")
    public int irq(int index) {
        if (index < 0 || index >= interrupts.size()) {
            log.devErr(device, "error -ENXIO: IRQ index %d not found", index);
            throw new KernelException(
                    Errno.ENXIO,
                    "%s has %d interrupts, not one at %d",
                    name(),
                    interrupts.size(),
                    index);
        }
        return resolver.lineOf(interrupts.get(index));
    }

    /**
     * The line of an interrupt of a node inside the device's own.
     *
     * @param index from 0
     * @throws KernelException ENXIO when there are not so many; EPROBE_DEFER while the controller
     *     has no driver
     */
    @Linux(file = "drivers/of/irq.c", symbol = "of_irq_get")
    public int irqOf(Node child, int index) {
        List<InterruptSpec> found = interruptsOf.apply(child);
        if (index < 0 || index >= found.size()) {
            throw new KernelException(
                    Errno.ENXIO,
                    "%s has %d interrupts, not one at %d",
                    child.path(),
                    found.size(),
                    index);
        }
        return resolver.lineOf(found.get(index));
    }

    /**
     * The line of an interrupt, by name, where there is one.
     *
     * @throws KernelException EPROBE_DEFER while the controller has no driver
     */
    @Linux(file = FILE, symbol = "platform_get_irq_byname_optional")
    public Optional<Integer> irqOptional(String name) {
        for (InterruptSpec interrupt : interrupts) {
            if (interrupt.name().isPresent() && interrupt.name().get().equals(name)) {
                return Optional.of(resolver.lineOf(interrupt));
            }
        }
        return Optional.empty();
    }

    /**
     * The line of an interrupt, by name.
     *
     * @throws KernelException ENXIO when none is called so, with a line in the log; EPROBE_DEFER
     *     while the controller has no driver
     */
    @Linux(file = FILE, symbol = "platform_get_irq_byname")
    public int irq(String name) {
        return irqOptional(name)
                .orElseThrow(() -> {
                    log.devErr(device, "error -ENXIO: IRQ %s not found", name);
                    return new KernelException(
                            Errno.ENXIO, "%s has no interrupt \"%s\"", name(), name);
                });
    }

    @Override
    public String toString() {
        return device.toString();
    }
}
