package dmakit.kernel.pci;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.kernel.Calls;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.DriverCore;
import dmakit.kernel.device.IrqResolver;
import dmakit.kernel.log.Log;
import dmakit.kernel.mm.IoMemory;
import dmakit.kernel.mm.Resources;
import dmakit.machine.cpu.Cpu;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The PCI bus: functions behind all host bridges, drivers, and who drives what.
 *
 * <p>Functions are asked in the order of their slots, drivers in the order in which they
 * registered.
 */
@Linux(file = "drivers/pci/pci-driver.c", symbol = "pci_bus_type")
public final class PciBus {
    /** The bus's name. */
    public static final String NAME = "pci";

    private final Cpu cpu;
    private final Calls calls;
    private final Log log;
    private final IoMemory io;
    private final Resources resources;
    private final DriverCore core;
    private final DeviceTree tree;
    private final IrqResolver lines;
    private final List<PciHostBridge> hosts = new ArrayList<>();
    private final Map<String, PciDriver> drivers = new LinkedHashMap<>();

    /**
     * Creates a bus without host bridges and drivers.
     *
     * @param lines knows the machine's lines
     */
    public PciBus(
            Cpu cpu,
            Calls calls,
            Log log,
            IoMemory io,
            Resources resources,
            DriverCore core,
            DeviceTree tree,
            IrqResolver lines) {
        this.cpu = cpu;
        this.calls = calls;
        this.log = log;
        this.io = io;
        this.resources = resources;
        this.core = core;
        this.tree = tree;
        this.lines = lines;
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

    DeviceTree tree() {
        return tree;
    }

    IrqResolver lines() {
        return lines;
    }

    /** All functions, by host bridge and slot. */
    public List<PciDevice> devices() {
        return hosts.stream().flatMap(host -> host.functions().stream()).toList();
    }

    /** The function of a name. */
    public Optional<PciDevice> device(String name) {
        return devices().stream().filter(function -> function.name().equals(name)).findFirst();
    }

    /** The function that a device is. */
    @Linux(file = "include/linux/pci.h", symbol = "to_pci_dev")
    public Optional<PciDevice> device(Device device) {
        return device(device.name()).filter(function -> function.device() == device);
    }

    /** All drivers, in the order in which they registered. */
    public List<PciDriver> drivers() {
        return List.copyOf(drivers.values());
    }

    // Functions.

    /** Adds a host bridge and all that sits behind it. */
    @Linux(file = "drivers/pci/probe.c", symbol = "pci_host_probe")
    void addHost(Device device, Node node, long config, List<PciWindow> windows) {
        PciHostBridge host = new PciHostBridge(this, device, node, hosts.size(), config, windows);
        log.devInfo(device, "PCI host bridge to bus %04x:00", host.domain());
        for (PciWindow window : windows) {
            resources.reserve(
                    window.cpuStart(), window.size(), "PCI Bus %04x:00".formatted(host.domain()));
            log.info("pci_bus %04x:00: root bus resource %s", host.domain(), window);
        }
        hosts.add(host);
        core.devices().add(host.bridge());
        scan(host);
    }

    /** Looks for functions that came since the last look, and offers them to the drivers. */
    @Linux(file = "drivers/pci/probe.c", symbol = "pci_rescan_bus")
    public void rescan() {
        hosts.forEach(this::scan);
    }

    private void scan(PciHostBridge host) {
        List<PciDevice> found = host.scan();
        found.forEach(function -> core.devices().add(function.device()));
        found.forEach(this::attach);
    }

    /** A host bridge goes, and all behind it; drivers leave first. */
    @Linux(file = "drivers/pci/remove.c", symbol = "pci_stop_root_bus")
    @SuppressWarnings("ReferenceEquality") // this very device
    void removeHost(Device device) {
        for (PciHostBridge host : List.copyOf(hosts)) {
            if (host.parent() == device) {
                for (PciDevice function : host.functions().reversed()) {
                    unbind(function);
                    core.devices().remove(function.device());
                }
                core.devices().remove(host.bridge());
                host.release();
                hosts.remove(host);
            }
        }
    }

    /** Whether there is a host bridge at all. */
    public boolean isPresent() {
        return !hosts.isEmpty();
    }

    /** Offers a function to the drivers, until one takes it. */
    @Linux(file = "drivers/base/dd.c", symbol = "device_attach")
    public void attach(PciDevice function) {
        for (PciDriver driver : List.copyOf(drivers.values())) {
            if (function.driver() == null) {
                match(function, driver).ifPresent(id -> probe(function, driver, id));
            }
        }
    }

    // Drivers.

    /**
     * Registers a driver and offers it every function that fits and has none.
     *
     * @throws KernelException EBUSY when a driver of that name is registered
     */
    @Linux(file = "drivers/pci/pci-driver.c", symbol = "__pci_register_driver")
    public void register(PciDriver driver) {
        calls.enter();
        if (drivers.putIfAbsent(driver.name(), driver) != null) {
            log.err("Error: Driver '%s' is already registered, aborting...", driver.name());
            throw new KernelException(Errno.EBUSY, "driver %s is registered", driver.name());
        }
        core.devices().driverAdded(NAME, driver.name());
        for (PciDevice function : devices()) {
            if (function.driver() == null) {
                match(function, driver).ifPresent(id -> probe(function, driver, id));
            }
        }
    }

    /** Takes a driver away; it leaves its functions first, the latest first. */
    @Linux(file = "drivers/pci/pci-driver.c", symbol = "pci_unregister_driver")
    @SuppressWarnings("ReferenceEquality") // this driver, and not one that is like it
    public void unregister(PciDriver driver) {
        calls.enter();
        for (PciDevice function : devices().reversed()) {
            if (function.driver() == driver) {
                unbind(function);
            }
        }
        if (drivers.remove(driver.name(), driver)) {
            core.devices().driverRemoved(NAME, driver.name());
        }
    }

    /** The kind of function that a driver takes this one for. */
    @Linux(file = "drivers/pci/pci-driver.c", symbol = "pci_match_id")
    public static Optional<PciId> match(PciDevice function, PciDriver driver) {
        return driver.ids().stream().filter(id -> id.fits(function)).findFirst();
    }

    @Linux(file = "drivers/pci/pci-driver.c", symbol = "pci_device_probe")
    private void probe(PciDevice function, PciDriver driver, PciId id) {
        function.bind(driver);
        boolean taken =
                core.probe(
                        function.device(),
                        driver.name(),
                        () -> {
                            function.interrupts().assignPin();
                            driver.probe(function, id);
                        },
                        () -> attach(function));
        if (!taken) {
            function.bind(null);
        }
    }

    /** Lets the driver leave a function; one without a driver stays so. */
    @Linux(file = "drivers/pci/pci-driver.c", symbol = "pci_device_remove")
    public void unbind(PciDevice function) {
        PciDriver driver = function.driver();
        if (driver == null) {
            return;
        }
        driver.remove(function);
        try {
            core.cleanUp(function.device());
        } finally {
            function.bind(null);
        }
    }
}
