package dmakit.cmodule.service;

import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Handles;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.amba.AmbaBus;
import dmakit.kernel.amba.AmbaDriver;
import dmakit.kernel.amba.AmbaId;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.PlatformDevice;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Cells of AMBA, and their drivers in C. */
final class AmbaServices implements ServiceGroup {
    private static final int DRIVER_COUNT_MAX = 4096;
    private static final int ID_COUNT_MAX = 4096;

    private final CSystem system;
    private final Kernel kernel;
    private final AmbaBus bus;
    private final Handles<Driver> drivers = new Handles<>("amba drivers", DRIVER_COUNT_MAX);
    private final Holdings holdings;

    AmbaServices(CSystem system) {
        this.system = system;
        kernel = system.kernel();
        bus = kernel.amba();
        holdings = new Holdings(system);
    }

    @Override
    public void register(Registry to) {
        to.add("amba_describe", this::describe);
        to.add("amba_periphid", call -> Integer.toUnsignedLong(bus.periphId(cell(call))));
        to.add("amba_driver_new", this::newDriver);
        to.add("amba_driver_id", this::addId);
        to.add("amba_driver_add", this::addDriver);
        to.add("amba_driver_del", this::deleteDriver);
    }

    /** A driver whose functions are C's. */
    private static final class Driver implements AmbaDriver {
        private final CSystem system;
        private final String name;
        private final long address;
        private final long probe;
        private final long remove;
        private final long site;
        private final List<AmbaId> ids = new ArrayList<>();
        private boolean gone;

        Driver(CSystem system, Call call) {
            this.system = system;
            name = call.text();
            address = call.arg(0);
            probe = call.arg(1);
            remove = call.arg(2);
            site = call.site();
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public List<AmbaId> ids() {
            return Collections.unmodifiableList(ids);
        }

        @Override
        public void probe(PlatformDevice cell, int index) {
            int answer = (int) system.host().run(probe, address, number(cell), index);
            if (answer != 0) {
                throw new KernelException(
                        Errno.ofNumber(Math.abs(answer)), "probe answered %d", answer);
            }
        }

        @Override
        public void remove(PlatformDevice cell) {
            if (!gone && !system.hasEnded()) {
                system.host().run(remove, address, number(cell));
            }
        }

        private long number(PlatformDevice cell) {
            return system.devices().number(cell.device());
        }
    }

    private PlatformDevice cell(Call call) {
        Device device = system.device(call.arg(0));
        return bus.devices().stream()
                .filter(found -> found.device().equals(device))
                .findFirst()
                .orElseThrow(
                        () -> new KernelException(Errno.ENODEV, "%s is not added", device.name()));
    }

    /** Fills numbers with the first and last byte of registers, then lines, 0 behind the last. */
    private long describe(Call call) {
        PlatformDevice cell = cell(call);
        ByteBuffer says = ByteBuffer.wrap(call.data()).order(ByteOrder.LITTLE_ENDIAN);
        boolean hasRegisters = !cell.memory().isEmpty();
        says.putLong(hasRegisters ? cell.memory(0).start() : 0);
        says.putLong(hasRegisters ? cell.memory(0).last() : 0);
        for (int i = 0; i < cell.irqCount() && says.hasRemaining(); i++) {
            says.putLong(cell.irq(i));
        }
        return 0;
    }

    /** Its name; its struct, functions for probe and remove. */
    private long newDriver(Call call) {
        return drivers.number(new Driver(system, call));
    }

    /** Number, identification, mask. */
    private long addId(Call call) {
        Driver driver = drivers.get(call.arg(0));
        if (driver.ids.size() < ID_COUNT_MAX) {
            driver.ids.add(new AmbaId(call.intArg(1), call.intArg(2)));
        }
        return 0;
    }

    private long addDriver(Call call) {
        Driver driver = drivers.get(call.arg(0));
        try {
            bus.register(driver);
        } catch (KernelException e) {
            drivers.free(call.arg(0));
            throw e;
        }
        holdings.add(
                driver,
                FindingId.LEAK_DEVICE,
                "amba driver \"%s\"".formatted(driver.name),
                "",
                driver.site,
                () -> drop(driver));
        return 0;
    }

    private long deleteDriver(Call call) {
        Driver driver = drivers.get(call.arg(0));
        holdings.remove(driver);
        bus.unregister(driver);
        drivers.free(call.arg(0));
        return 0;
    }

    private void drop(Driver driver) {
        driver.gone = true;
        holdings.inTask(() -> bus.unregister(driver));
        drivers.free(drivers.number(driver));
    }

    @Override
    public void unloaded(CModule module) {
        holdings.leftBehind(module);
    }
}
