package dmakit.cmodule.service;

import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.devicetree.Node;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.amba.AmbaBus;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformBus;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Platform devices and drivers of C code. */
final class PlatformServices implements ServiceGroup {
    private static final int MATCH_COUNT_MAX = 4096;
    private static final long IORESOURCE_IO = 0x100;
    private static final long IORESOURCE_MEM = 0x200;
    private static final long IORESOURCE_IRQ = 0x400;
    private static final int ROW_BYTES = 3 * Long.BYTES;

    private final CSystem system;
    private final Kernel kernel;
    private final PlatformBus bus;
    private final OfServices nodes;
    private final BusDrivers<Driver> drivers;
    private final Holdings holdings;

    /** Made, and not added yet. */
    private final Map<Device, PlatformDevice> made = new LinkedHashMap<>();

    private int autoId;

    PlatformServices(CSystem system, OfServices nodes) {
        this.system = system;
        this.nodes = nodes;
        kernel = system.kernel();
        bus = kernel.platform();
        holdings = new Holdings(system);
        drivers = new BusDrivers<>("platform", holdings, bus::unregister);
    }

    @Override
    public void register(Registry to) {
        to.add("platform_describe", this::describe);
        to.add("platform_driver_new", this::newDriver);
        to.add("platform_driver_of", this::addCompatible);
        to.add("platform_driver_id", this::addId);
        to.add("platform_driver_add", this::addDriver);
        to.add("platform_driver_del", drivers::delete);
        to.add("platform_driver_device_count", call -> devicesOf(driver(call)).size());
        to.add("platform_device_auto_id", _ -> autoId++);
        to.add("platform_device_alloc", this::allocDevice);
        to.add("platform_device_new", this::newDevice);
        to.add("platform_device_add", this::addDevice);
        to.add("platform_device_del", this::deleteDevice);
        to.add("platform_device_free", this::freeDevice);
    }

    private static final class Driver extends BusDriver implements PlatformDriver {
        private final List<OfMatch> matches = new ArrayList<>();
        private final List<String> ids = new ArrayList<>();

        Driver(CSystem system, Call call) {
            super(system, call, call.arg(1), call.arg(2));
        }

        @Override
        public List<OfMatch> ofMatch() {
            return Collections.unmodifiableList(matches);
        }

        @Override
        public List<String> idNames() {
            return Collections.unmodifiableList(ids);
        }

        @Override
        public void probe(PlatformDevice device) {
            if (AmbaBus.isCell(device)) {
                system().kernel()
                        .log()
                        .notice(
                                "dmakit: %s is on the AMBA bus: platform drivers do not get it",
                                device.name());
                throw new KernelException(Errno.ENODEV, "%s is a cell of AMBA", device.name());
            }
            int answer = runProbe(device.device(), 0);
            if (answer != 0) {
                throw refusal(answer);
            }
        }

        @Override
        public void remove(PlatformDevice device) {
            runRemove(device.device(), 0);
        }
    }

    private Driver driver(Call call) {
        return drivers.get(call);
    }

    private PlatformDevice device(Call call) {
        Device device = system.device(call.arg(0));
        return bus.devices().stream()
                .filter(found -> found.device().equals(device))
                .findFirst()
                .orElseThrow(
                        () -> new KernelException(Errno.ENODEV, "%s is not added", device.name()));
    }

    // Devices of the tree.

    /** Fills rows of start, end and flags: memory, ports, then interrupts; answers how many. */
    private long describe(Call call) {
        PlatformDevice device = device(call);
        ByteBuffer rows = ByteBuffer.wrap(call.data()).order(ByteOrder.LITTLE_ENDIAN);
        StringBuilder names = new StringBuilder();
        for (PlatformDevice.Resource memory : device.memory()) {
            if (rows.remaining() >= ROW_BYTES) {
                put(rows, memory.range().start(), memory.range().last(), IORESOURCE_MEM);
                names.append(memory.name().orElse("")).append('\n');
            }
        }
        for (PlatformDevice.Ports ports : device.ports()) {
            if (rows.remaining() >= ROW_BYTES) {
                put(rows, ports.first(), ports.first() + ports.count() - 1, IORESOURCE_IO);
                names.append('\n');
            }
        }
        List<String> irqNames = device.irqNames();
        for (int i = 0; i < irqNames.size() && rows.remaining() >= ROW_BYTES; i++) {
            int irq = device.irq(i);
            put(rows, irq, irq, IORESOURCE_IRQ);
            names.append(irqNames.get(i)).append('\n');
        }
        call.answer(names.toString());
        return rows.position() / ROW_BYTES;
    }

    private static void put(ByteBuffer rows, long start, long end, long flags) {
        rows.putLong(start).putLong(end).putLong(flags);
    }

    // Drivers.

    /** Its name; its struct, functions for probe, remove and shutdown. */
    private long newDriver(Call call) {
        return drivers.number(new Driver(system, call));
    }

    private long addCompatible(Call call) {
        Driver driver = driver(call);
        if (driver.matches.size() < MATCH_COUNT_MAX) {
            driver.matches.add(new OfMatch(call.text()));
        }
        return 0;
    }

    private long addId(Call call) {
        Driver driver = driver(call);
        if (driver.ids.size() < MATCH_COUNT_MAX) {
            driver.ids.add(call.text());
        }
        return 0;
    }

    /** Number, whether a device has to be there at once. */
    private long addDriver(Call call) {
        if (call.isArg(1)) {
            standIn(driver(call));
        }
        return drivers.add(call, bus::register);
    }

    private List<PlatformDevice> devicesOf(Driver driver) {
        return bus.devices().stream().filter(found -> driver.equals(found.driver())).toList();
    }

    /**
     * A module is up. Drivers whose devices the board lacks get one each: only now, since a module
     * may make its devices after its drivers.
     */
    @Override
    public void initialised(CModule module) {
        for (PlatformDriver registered : bus.drivers()) {
            if (registered instanceof Driver driver && system.isOf(module, driver.site())) {
                standIn(driver);
            }
        }
    }

    private void standIn(Driver driver) {
        boolean fits =
                bus.devices().stream()
                        .anyMatch(found -> PlatformBus.match(found, driver).isPresent());
        if (fits || driver.matches.isEmpty()) {
            return;
        }
        String compatible = driver.matches.getFirst().compatible();
        Optional<Node> node = kernel.standIns().platform(compatible);
        if (node.isEmpty()) {
            kernel.log()
                    .warn(
                            "dmakit: no device \"%s\" on this board, and no room for one",
                            compatible);
            return;
        }
        kernel.log()
                .notice(
                        "dmakit: no device \"%s\" on this board: added %s, registers that only"
                                + " remember",
                        compatible, node.get().path());
        bus.create(kernel.deviceTree(), node.get(), parentOf(node.get()), kernel.lines());
    }

    private @Nullable Device parentOf(Node node) {
        return node.parent().flatMap(bus::device).map(PlatformDevice::device).orElse(null);
    }

    // Devices that modules make.

    /** A name; the struct's address. */
    private long allocDevice(Call call) {
        long struct = call.arg(0);
        holdings.add(
                struct,
                FindingId.LEAK_DEVICE,
                "platform device \"%s\"".formatted(call.text()),
                "",
                call.site(),
                () -> {});
        return 0;
    }

    private long freeDevice(Call call) {
        holdings.remove(call.arg(0));
        return 0;
    }

    /**
     * Its name, what drivers are compared with; parent, node, the struct's address, the function
     * that forgets the struct of a number.
     */
    private long newDevice(Call call) {
        Device parent = call.arg(0) == 0 ? null : system.device(call.arg(0));
        Node node = call.arg(1) == 0 ? null : nodes.node(call.arg(1));
        String name = call.text(0);
        if (bus.device(name).isPresent()) {
            throw new KernelException(Errno.EEXIST, "device %s exists", name);
        }
        Device device = new Device(name, PlatformBus.NAME, parent, node);
        made.put(device, PlatformDevice.madeByDriver(device, call.text(1), kernel.log()));
        holdings.remove(call.arg(2));
        long dropped = call.arg(3);
        holdings.add(
                device,
                FindingId.LEAK_DEVICE,
                "platform device \"%s\"".formatted(name),
                name,
                call.site(),
                () -> holdings.inTask(() -> drop(device, dropped)));
        return system.devices().number(device);
    }

    private void drop(Device device, long dropped) {
        bus.device(device.name()).ifPresent(bus::remove);
        long number = system.devices().number(device);
        if (!system.hasEnded()) {
            system.host().run(dropped, number);
        }
        system.devices().free(number);
    }

    /** Number of a device that was made. */
    private long addDevice(Call call) {
        PlatformDevice device = made.remove(system.device(call.arg(0)));
        if (device == null) {
            throw new KernelException(Errno.EINVAL, "device %d is there", call.arg(0));
        }
        bus.add(device);
        return 0;
    }

    private long deleteDevice(Call call) {
        PlatformDevice device = device(call);
        holdings.remove(device.device());
        bus.remove(device);
        return 0;
    }

    @Override
    public void unloaded(CModule module) {
        holdings.leftBehind(module);
    }
}
