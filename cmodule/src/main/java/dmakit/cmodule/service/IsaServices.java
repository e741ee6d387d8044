package dmakit.cmodule.service;

import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Handles;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.device.Device;
import dmakit.kernel.isa.IsaBus;
import dmakit.kernel.isa.IsaDma;
import dmakit.kernel.isa.IsaDriver;
import dmakit.machine.cpu.Cpu;

/** The ISA bus: ports, DMA channels, drivers of C code. */
final class IsaServices implements ServiceGroup {
    private static final int DRIVER_COUNT_MAX = 4096;
    private static final int PORT_MASK = 0xffff;

    private record Channel(int number) {}

    private final CSystem system;
    private final Cpu cpu;
    private final IsaDma dma;
    private final IsaBus bus;
    private final Handles<Driver> drivers = new Handles<>("ISA drivers", DRIVER_COUNT_MAX);
    private final Holdings holdings;

    IsaServices(CSystem system) {
        this.system = system;
        cpu = system.kernel().machine().cpu();
        dma = system.kernel().isaDma();
        bus = system.kernel().isa();
        holdings = new Holdings(system);
    }

    @Override
    public void register(Registry to) {
        to.add("port_read", this::read);
        to.add("port_write", this::write);
        to.add("isa_dma_request", this::request);
        to.add("isa_dma_free", this::free);
        to.add("isa_dma_lock", _ -> dma.claimLock() ? 1 : 0);
        to.add("isa_dma_unlock", call -> nothing(() -> dma.releaseLock(call.arg(0) != 0)));
        to.add("isa_dma_enable", call -> onChannel(call, () -> dma.enable(call.intArg(0))));
        to.add("isa_dma_disable", call -> onChannel(call, () -> dma.disable(call.intArg(0))));
        to.add(
                "isa_dma_clear_ff",
                call -> onChannel(call, () -> dma.clearFlipFlop(call.intArg(0))));
        to.add(
                "isa_dma_mode",
                call -> onChannel(call, () -> dma.setMode(call.intArg(0), call.intArg(1))));
        to.add(
                "isa_dma_page",
                call -> onChannel(call, () -> dma.setPage(call.intArg(0), call.intArg(1))));
        to.add(
                "isa_dma_addr",
                call -> onChannel(call, () -> dma.setAddress(call.intArg(0), call.arg(1))));
        to.add(
                "isa_dma_count",
                call -> onChannel(call, () -> dma.setCount(call.intArg(0), call.intArg(1))));
        to.add(
                "isa_dma_residue",
                call -> isChannel(call.intArg(0)) ? dma.residue(call.intArg(0)) : 0);
        to.add("isa_driver_new", call -> drivers.number(new Driver(system, call)));
        to.add("isa_driver_add", this::addDriver);
        to.add("isa_driver_del", this::deleteDriver);
    }

    private static long nothing(Runnable body) {
        body.run();
        return 0;
    }

    /** Port, bytes; the value goes beside the result. */
    private long read(Call call) {
        call.out(0, cpu.in(call.intArg(0) & PORT_MASK, call.intArg(1)));
        return 0;
    }

    /** Port, bytes, value. */
    private long write(Call call) {
        cpu.storeBarrier();
        cpu.out(call.intArg(0) & PORT_MASK, call.intArg(1), call.arg(2));
        return 0;
    }

    // DMA channels.

    private static boolean isChannel(int number) {
        return number >= 0 && number < IsaDma.CHANNEL_COUNT;
    }

    /** Of a number that is no channel Linux would write some other port; here nothing happens. */
    private static long onChannel(Call call, Runnable body) {
        if (isChannel(call.intArg(0))) {
            body.run();
        }
        return 0;
    }

    /** Who wants it; the channel. */
    private long request(Call call) {
        int number = call.intArg(0);
        dma.request(number, call.text());
        holdings.add(
                new Channel(number),
                FindingId.CHANNEL_LEAK,
                "DMA channel %d \"%s\"".formatted(number, call.text()),
                "",
                call.site(),
                () -> dma.free(number));
        return 0;
    }

    private long free(Call call) {
        holdings.remove(new Channel(call.intArg(0)));
        dma.free(call.intArg(0));
        return 0;
    }

    // Drivers.

    /** A driver whose functions are C's. */
    private static final class Driver implements IsaDriver {
        private final CSystem system;
        private final String name;
        private final long address;
        private final long match;
        private final long probe;
        private final long remove;
        private final long site;
        private boolean gone;

        Driver(CSystem system, Call call) {
            this.system = system;
            name = call.text();
            address = call.arg(0);
            match = call.arg(1);
            probe = call.arg(2);
            remove = call.arg(3);
            site = call.site();
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public boolean match(Device device, int id) {
            return system.host().run(match, address, number(device), id) != 0;
        }

        @Override
        public void probe(Device device, int id) {
            int answer = (int) system.host().run(probe, address, number(device), id);
            if (answer != 0) {
                throw new KernelException(
                        Errno.ofNumber(Math.abs(answer)), "probe answered %d", answer);
            }
        }

        @Override
        public void remove(Device device, int id) {
            if (!gone && !system.hasEnded()) {
                system.host().run(remove, address, number(device), id);
            }
        }

        private long number(Device device) {
            return system.devices().number(device);
        }
    }

    /** Number, how many cards. */
    private long addDriver(Call call) {
        Driver driver = drivers.get(call.arg(0));
        try {
            bus.register(driver, call.intArg(1));
        } catch (KernelException e) {
            drivers.free(call.arg(0));
            throw e;
        }
        holdings.add(
                driver,
                FindingId.LEAK_DEVICE,
                "ISA driver \"%s\"".formatted(driver.name),
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
