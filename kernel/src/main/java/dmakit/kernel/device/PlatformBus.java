package dmakit.kernel.device;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.DeviceTreeException;
import dmakit.devicetree.Node;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.log.Log;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The platform bus: devices from the device tree, drivers, and who drives what.
 *
 * <p>Devices are asked in the order in which they were added, drivers in the order in which they
 * registered.
 */
@Linux(file = "drivers/base/platform.c", symbol = "platform_bus_type")
public final class PlatformBus {
    /** The bus's name. */
    public static final String NAME = "platform";

    /**
     * The bus of those devices whose nodes are cells of AMBA. They are made and bound here as all
     * others; drivers in Java name their nodes.
     */
    @Linux(file = "drivers/amba/bus.c", symbol = "amba_bustype.name")
    public static final String AMBA = "amba";

    /** Devices one bus may have. */
    public static final int DEVICE_COUNT_MAX = 65_536;

    private static final List<String> BUS_COMPATIBLES =
            List.of("simple-bus", "simple-mfd", "isa", "arm,amba-bus");
    private static final String CELL = "arm,primecell";
    private static final String NO_DEVICE = "operating-points-v2";

    private final Log log;
    private final DriverCore core;
    private final Map<String, PlatformDevice> devices = new LinkedHashMap<>();
    private final Map<String, PlatformDriver> drivers = new LinkedHashMap<>();

    /** Creates a bus without devices and drivers. */
    public PlatformBus(Log log, DriverCore core) {
        this.log = log;
        this.core = core;
    }

    /** All devices, in the order in which they were added. */
    public List<PlatformDevice> devices() {
        return List.copyOf(devices.values());
    }

    /** The device of a name. */
    public Optional<PlatformDevice> device(String name) {
        return Optional.ofNullable(devices.get(name));
    }

    /** The device of a node. */
    @Linux(file = "drivers/of/platform.c", symbol = "of_find_device_by_node")
    public Optional<PlatformDevice> device(Node node) {
        return devices.values().stream()
                .filter(device -> device.device().ofNode() == node)
                .findFirst();
    }

    /** All drivers, in the order in which they registered. */
    public List<PlatformDriver> drivers() {
        return List.copyOf(drivers.values());
    }

    // Devices.

    /** The bus that a node's device is on. */
    @Linux(file = "drivers/of/platform.c", symbol = "of_platform_bus_create")
    static String busOf(Node node) {
        return node.isCompatibleWith(CELL) ? AMBA : NAME;
    }

    /**
     * Adds a device for each enabled node with {@code compatible} that sits at the root or on a
     * simple bus. A node that cannot be read is left out, with a line in the log.
     *
     * @param resolver knows the machine's lines
     */
    @Linux(file = "drivers/of/platform.c", symbol = "of_platform_default_populate")
    public void populate(DeviceTree tree, IrqResolver resolver) {
        populate(tree, tree.root(), null, resolver);
    }

    /**
     * Adds the device of a node that came after the tree was finished.
     *
     * @throws dmakit.devicetree.DeviceTreeException when it cannot be read
     * @throws KernelException as {@link #add}
     */
    @Linux(file = "drivers/of/platform.c", symbol = "of_platform_device_create")
    public PlatformDevice create(
            DeviceTree tree, Node node, @Nullable Device parent, IrqResolver resolver) {
        PlatformDevice made = PlatformDevice.of(tree, node, parent, resolver, log);
        add(made);
        return made;
    }

    /**
     * Adds devices for the enabled children of a node, as {@link #populate(DeviceTree,
     * IrqResolver)} does for the root's; those that are there stay.
     */
    @Linux(file = "drivers/of/platform.c", symbol = "of_platform_populate")
    public void populate(DeviceTree tree, IrqResolver resolver, Node bus, @Nullable Device parent) {
        populate(tree, bus, parent, resolver);
    }

    private void populate(
            DeviceTree tree, Node bus, @Nullable Device parent, IrqResolver resolver) {
        for (Node node : bus.children()) {
            if (!node.isAvailable()
                    || !node.has("compatible")
                    || node.isCompatibleWith(NO_DEVICE)
                    || device(node).isPresent()) {
                continue;
            }
            Device device = parent;
            try {
                PlatformDevice added = PlatformDevice.of(tree, node, parent, resolver, log);
                add(added);
                device = added.device();
            } catch (DeviceTreeException e) {
                log.err("OF: %s", String.valueOf(e.getMessage()));
            }
            if (BUS_COMPATIBLES.stream().anyMatch(node::isCompatibleWith)) {
                populate(tree, node, device, resolver);
            }
        }
    }

    /**
     * Adds a device and lets the drivers try it.
     *
     * @throws KernelException EEXIST when its name is taken
     */
    @Linux(file = "drivers/base/platform.c", symbol = "platform_device_add")
    public void add(PlatformDevice device) {
        if (devices.size() >= DEVICE_COUNT_MAX) {
            throw new KernelException(
                    Errno.ENOMEM, "more than %d platform devices", DEVICE_COUNT_MAX);
        }
        if (devices.putIfAbsent(device.name(), device) != null) {
            throw new KernelException(Errno.EEXIST, "device %s exists", device.name());
        }
        core.devices().add(device.device());
        attach(device);
    }

    /** Takes a device away; its driver leaves it first. */
    @Linux(file = "drivers/base/platform.c", symbol = "platform_device_del")
    public void remove(PlatformDevice device) {
        unbind(device);
        core.forget(device.device());
        if (devices.remove(device.name(), device)) {
            core.devices().remove(device.device());
        }
    }

    /** Offers a device to the drivers, until one takes it. */
    @Linux(file = "drivers/base/dd.c", symbol = "device_attach")
    public void attach(PlatformDevice device) {
        for (PlatformDriver driver : List.copyOf(drivers.values())) {
            if (device.driver() != null) {
                return;
            }
            if (match(device, driver).isPresent()) {
                probe(device, driver);
            }
        }
    }

    // Drivers.

    /**
     * Registers a driver and offers it every device that fits and has none.
     *
     * @throws KernelException EBUSY when a driver of that name is registered
     */
    @Linux(file = "drivers/base/platform.c", symbol = "platform_driver_register")
    public void register(PlatformDriver driver) {
        if (drivers.putIfAbsent(driver.name(), driver) != null) {
            log.err("Error: Driver '%s' is already registered, aborting...", driver.name());
            throw new KernelException(Errno.EBUSY, "driver %s is registered", driver.name());
        }
        core.devices().driverAdded(driver.bus(), driver.name());
        for (PlatformDevice device : List.copyOf(devices.values())) {
            if (device.driver() == null && match(device, driver).isPresent()) {
                probe(device, driver);
            }
        }
    }

    /** Takes a driver away; it leaves its devices first, the latest first. */
    @Linux(file = "drivers/base/platform.c", symbol = "platform_driver_unregister")
    @SuppressWarnings("ReferenceEquality") // this driver, and not one that is like it
    public void unregister(PlatformDriver driver) {
        for (PlatformDevice device : List.copyOf(devices.values()).reversed()) {
            if (device.driver() == driver) {
                unbind(device);
            }
        }
        if (drivers.remove(driver.name(), driver)) {
            core.devices().driverRemoved(driver.bus(), driver.name());
        }
    }

    /**
     * The kind of device that a driver takes this one for: the first of the device's {@code
     * compatible} names that the driver knows.
     */
    @Linux(file = "drivers/of/base.c", symbol = "of_match_node")
    public static Optional<OfMatch> match(PlatformDevice device, PlatformDriver driver) {
        Node node = device.device().ofNode();
        if (node != null) {
            for (String compatible : node.compatible()) {
                for (OfMatch match : driver.ofMatch()) {
                    if (match.compatible().equals(compatible)) {
                        return Optional.of(match);
                    }
                }
            }
        }
        if (driver.identifies(device)) {
            return Optional.of(new OfMatch(device.kind()));
        }
        List<String> names = driver.idNames().isEmpty() ? List.of(driver.name()) : driver.idNames();
        return names.contains(device.kind())
                ? Optional.of(new OfMatch(device.kind()))
                : Optional.empty();
    }

    private void probe(PlatformDevice device, PlatformDriver driver) {
        device.bind(driver, match(device, driver).map(OfMatch::data).orElse(null));
        boolean taken =
                core.probe(
                        device.device(),
                        driver.name(),
                        () -> driver.probe(device),
                        () -> attach(device));
        if (!taken) {
            device.bind(null, null);
        }
    }

    /** Lets the driver leave a device; one without a driver stays so. */
    @Linux(file = "drivers/base/dd.c", symbol = "device_release_driver")
    public void unbind(PlatformDevice device) {
        PlatformDriver driver = device.driver();
        if (driver == null) {
            return;
        }
        driver.remove(device);
        try {
            core.cleanUp(device.device());
        } finally {
            device.bind(null, null);
        }
    }

    /** The drivers that have devices, with their devices' names. */
    public Map<String, List<String>> bindings() {
        Map<String, List<String>> bindings = new LinkedHashMap<>();
        for (PlatformDevice device : devices.values()) {
            PlatformDriver driver = device.driver();
            if (driver != null) {
                bindings.computeIfAbsent(driver.name(), _ -> new ArrayList<>()).add(device.name());
            }
        }
        return bindings;
    }
}
