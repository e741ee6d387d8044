package dmakit.cmodule.service;

import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.device.StandIns.Numbers;
import dmakit.kernel.pci.PciBus;
import dmakit.kernel.pci.PciDevice;
import dmakit.kernel.pci.PciDriver;
import dmakit.kernel.pci.PciId;
import dmakit.kernel.pci.PciRegion;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** PCI functions and drivers of C code. */
final class PciServices implements ServiceGroup {
    private static final int ID_COUNT_MAX = 65_536;
    private static final int BAR_COUNT = 6;

    /** Given to a function that is asked for by its class alone. */
    private static final int VENDOR_OF_NOBODY = 0xdead;

    private static final int WORD_BYTES = 2;

    private record Claim(PciDevice function, int bar) {}

    private final CSystem system;
    private final Kernel kernel;
    private final PciBus bus;
    private final BusDrivers<Driver> drivers;
    private final Holdings holdings;

    PciServices(CSystem system) {
        this.system = system;
        kernel = system.kernel();
        bus = kernel.pci();
        holdings = new Holdings(system);
        drivers = new BusDrivers<>("PCI", holdings, bus::unregister);
    }

    @Override
    public void register(Registry to) {
        to.add("pci_describe", this::describe);
        to.add("pci_driver_new", this::newDriver);
        to.add("pci_driver_id", this::addId);
        to.add("pci_driver_add", this::addDriver);
        to.add("pci_driver_del", drivers::delete);
        to.add("pci_enable", call -> nothing(() -> function(call).enable()));
        to.add("pci_reenable", call -> nothing(() -> function(call).reenable()));
        to.add("pci_disable", call -> nothing(() -> function(call).disable()));
        to.add("pci_master", call -> nothing(() -> function(call).busMaster(call.isArg(1))));
        to.add(
                "pci_mwi",
                call -> nothing(() -> function(call).memoryWriteInvalidate(call.isArg(1))));
        to.add("pci_intx", call -> nothing(() -> function(call).intx(call.isArg(1))));
        to.add("pci_power", call -> nothing(() -> function(call).setPowerState(call.intArg(1))));
        to.add("pci_save_state", call -> nothing(() -> function(call).saveState()));
        to.add("pci_restore_state", call -> nothing(() -> function(call).restoreState()));
        to.add("pci_request_region", this::requestRegion);
        to.add("pci_release_region", this::releaseRegion);
        to.add("pci_read_config", this::readConfig);
        to.add("pci_write_config", this::writeConfig);
        to.add("pci_capability", this::capability);
        to.add("pci_irq", call -> function(call).interrupts().irq());
        to.add("pci_vector", call -> function(call).interrupts().irq(call.intArg(1)));
        to.add("pci_interrupt_mode", call -> function(call).interrupts().mode().ordinal());
        to.add("pci_alloc_vectors", this::allocVectors);
        to.add("pci_free_vectors", call -> nothing(() -> function(call).interrupts().free()));
        to.add("pci_enable_messages", this::enableMessages);
        to.add("pci_message_count", this::messageCount);
    }

    private static long nothing(Runnable body) {
        body.run();
        return 0;
    }

    private PciDevice function(Call call) {
        return bus.device(system.device(call.arg(0)))
                .orElseThrow(
                        () -> new KernelException(Errno.ENODEV, "device %d is gone", call.arg(0)));
    }

    /** Fills numbers in the order that {@code pci.c} gives. */
    private long describe(Call call) {
        PciDevice function = function(call);
        ByteBuffer says = ByteBuffer.wrap(call.data()).order(ByteOrder.LITTLE_ENDIAN);
        says.putLong(function.vendor()).putLong(function.deviceId());
        says.putLong(function.subsystemVendor()).putLong(function.subsystemId());
        says.putLong(function.classCode()).putLong(function.revision());
        says.putLong(function.slotAndFunction());
        says.putLong(function.interrupts().irq());
        says.putLong(function.interrupts().pinIrq() == 0 ? 0 : 1);
        says.putLong(Integer.parseInt(function.name().substring(0, 4), 16));
        for (int i = 0; i < BAR_COUNT; i++) {
            PciRegion region = function.region(i).orElse(null);
            says.putLong(region == null ? 0 : region.start().orElse(0));
            says.putLong(region == null ? 0 : region.last());
            says.putLong(region == null ? 0 : Integer.toUnsignedLong(region.flags()));
        }
        return 0;
    }

    // Drivers.

    private static final class Driver extends BusDriver implements PciDriver {
        private final List<PciId> ids = new ArrayList<>();

        Driver(CSystem system, Call call) {
            super(system, call, call.arg(1), call.arg(2));
        }

        @Override
        public List<PciId> ids() {
            return Collections.unmodifiableList(ids);
        }

        @Override
        public void probe(PciDevice function, PciId id) {
            int answer = runProbe(function.device(), ids.indexOf(id));
            if (answer < 0) {
                throw refusal(answer);
            }
        }

        @Override
        public void remove(PciDevice function) {
            runRemove(function.device(), 0);
        }
    }

    /** Its name; its struct, functions for probe, remove and shutdown. */
    private long newDriver(Call call) {
        return drivers.number(new Driver(system, call));
    }

    /** Number, vendor, device, both of the subsystem, class, mask of the class. */
    private long addId(Call call) {
        Driver driver = drivers.get(call);
        if (driver.ids.size() < ID_COUNT_MAX) {
            driver.ids.add(
                    new PciId(
                            call.intArg(1),
                            call.intArg(2),
                            call.intArg(3),
                            call.intArg(4),
                            call.intArg(5),
                            call.intArg(6),
                            driver.ids.size()));
        }
        return 0;
    }

    private long addDriver(Call call) {
        return drivers.add(
                call,
                driver -> {
                    standIn(driver);
                    bus.register(driver);
                });
    }

    /** A function that the driver is for, where the board has none. */
    private void standIn(Driver driver) {
        boolean fits =
                bus.devices().stream().anyMatch(found -> PciBus.match(found, driver).isPresent());
        if (fits || driver.ids.isEmpty()) {
            return;
        }
        PciId id = driver.ids.getFirst();
        Numbers numbers =
                new Numbers(
                        id.vendor() == PciId.ANY ? VENDOR_OF_NOBODY : id.vendor() & 0xffff,
                        id.device() == PciId.ANY ? 0 : id.device() & 0xffff,
                        id.subvendor() == PciId.ANY ? 0 : id.subvendor() & 0xffff,
                        id.subdevice() == PciId.ANY ? 0 : id.subdevice() & 0xffff,
                        id.classCode() & id.classMask() & 0xff_ffff);
        if (!bus.isPresent()) {
            kernel.log()
                    .warn(
                            "dmakit: no PCI bus on this board for %04x:%04x; board pc has one",
                            numbers.vendor(), numbers.device());
        } else if (kernel.standIns().pci(numbers)) {
            kernel.log()
                    .notice(
                            "dmakit: no PCI function %04x:%04x on this board: added one whose"
                                    + " registers only remember",
                            numbers.vendor(), numbers.device());
            bus.rescan();
        }
    }

    // Regions.

    private long requestRegion(Call call) {
        PciDevice function = function(call);
        int bar = call.intArg(1);
        function.requestRegion(bar, call.text());
        if (function.isRequested(bar)) {
            holdings.add(
                    new Claim(function, bar),
                    FindingId.LEAK_REGION,
                    "BAR %d of %s \"%s\"".formatted(bar, function.name(), call.text()),
                    function.name(),
                    call.site(),
                    () -> function.releaseRegion(bar));
        }
        return 0;
    }

    private long releaseRegion(Call call) {
        PciDevice function = function(call);
        holdings.remove(new Claim(function, call.intArg(1)));
        try {
            function.releaseRegion(call.intArg(1));
        } catch (IllegalArgumentException e) {
            kernel.log().warn("%s", String.valueOf(e.getMessage()));
        }
        return 0;
    }

    // Configuration space.

    private long readConfig(Call call) {
        PciDevice function = function(call);
        int where = call.intArg(1);
        int value =
                switch (call.intArg(2)) {
                    case 1 -> function.read8(where);
                    case WORD_BYTES -> function.read16(where);
                    default -> function.read32(where);
                };
        call.out(0, Integer.toUnsignedLong(value));
        return 0;
    }

    private long writeConfig(Call call) {
        PciDevice function = function(call);
        int where = call.intArg(1);
        int value = call.intArg(3);
        switch (call.intArg(2)) {
            case 1 -> function.write8(where, value);
            case WORD_BYTES -> function.write16(where, value);
            default -> function.write32(where, value);
        }
        return 0;
    }

    private long capability(Call call) {
        PciDevice function = function(call);
        int after = call.intArg(2);
        return after == 0
                ? function.findCapability(call.intArg(1))
                : function.findNextCapability(after, call.intArg(1));
    }

    // Interrupts.

    private long allocVectors(Call call) {
        return function(call).interrupts().allocate(call.intArg(1), call.intArg(2), call.intArg(3));
    }

    /** Function, whether from a table, least and most. */
    private long enableMessages(Call call) {
        PciDevice function = function(call);
        return call.isArg(1)
                ? function.interrupts().enableMsix(call.intArg(2), call.intArg(3))
                : function.interrupts().enableMsi(call.intArg(2), call.intArg(3));
    }

    private long messageCount(Call call) {
        PciDevice function = function(call);
        return call.isArg(1) ? function.interrupts().msixCount() : function.interrupts().msiCount();
    }

    @Override
    public void unloaded(CModule module) {
        holdings.leftBehind(module);
    }
}
