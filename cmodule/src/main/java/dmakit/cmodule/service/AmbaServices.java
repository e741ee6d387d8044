package dmakit.cmodule.service;

import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.amba.AmbaBus;
import dmakit.kernel.amba.AmbaDriver;
import dmakit.kernel.amba.AmbaId;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.PlatformDevice;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Cells of AMBA, and their drivers in C. */
final class AmbaServices implements ServiceGroup {
    private static final int ID_COUNT_MAX = 4096;

    private final CSystem system;
    private final Kernel kernel;
    private final AmbaBus bus;
    private final BusDrivers<Driver> drivers;
    private final Holdings holdings;

    AmbaServices(CSystem system) {
        this.system = system;
        kernel = system.kernel();
        bus = kernel.amba();
        holdings = new Holdings(system);
        drivers = new BusDrivers<>("amba", holdings, bus::unregister);
    }

    @Override
    public void register(Registry to) {
        to.add("amba_describe", this::describe);
        to.add("amba_periphid", call -> Integer.toUnsignedLong(bus.periphId(cell(call))));
        to.add("amba_driver_new", this::newDriver);
        to.add("amba_driver_id", this::addId);
        to.add("amba_driver_add", this::addDriver);
        to.add("amba_driver_del", drivers::delete);
    }

    private static final class Driver extends BusDriver implements AmbaDriver {
        private final List<AmbaId> ids = new ArrayList<>();

        Driver(CSystem system, Call call) {
            super(system, call, call.arg(1), call.arg(2));
        }

        @Override
        public List<AmbaId> ids() {
            return Collections.unmodifiableList(ids);
        }

        @Override
        public void probe(PlatformDevice cell, int index) {
            int answer = runProbe(cell.device(), index);
            if (answer != 0) {
                throw refusal(answer);
            }
        }

        @Override
        public void remove(PlatformDevice cell) {
            runRemove(cell.device(), 0);
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
        Driver driver = drivers.get(call);
        if (driver.ids.size() < ID_COUNT_MAX) {
            driver.ids.add(new AmbaId(call.intArg(1), call.intArg(2)));
        }
        return 0;
    }

    private long addDriver(Call call) {
        return drivers.add(call, bus::register);
    }

    @Override
    public void unloaded(CModule module) {
        holdings.leftBehind(module);
    }
}
