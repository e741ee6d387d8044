package dmakit.cmodule.service;

import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.device.Device;
import dmakit.kernel.isa.IsaBus;
import dmakit.kernel.isa.IsaDma;
import dmakit.kernel.isa.IsaDriver;
import dmakit.machine.cpu.Cpu;

/** The ISA bus: ports, DMA channels, drivers of C code. */
final class IsaServices implements ServiceGroup {
    private static final int PORT_MASK = 0xffff;

    private record Channel(int number) {}

    private final CSystem system;
    private final Cpu cpu;
    private final IsaDma dma;
    private final IsaBus bus;
    private final BusDrivers<Driver> drivers;
    private final Holdings holdings;

    IsaServices(CSystem system) {
        this.system = system;
        cpu = system.kernel().machine().cpu();
        dma = system.kernel().isaDma();
        bus = system.kernel().isa();
        holdings = new Holdings(system);
        drivers = new BusDrivers<>("ISA", holdings, bus::unregister);
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
        to.add("isa_driver_del", drivers::delete);
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

    private static final class Driver extends BusDriver implements IsaDriver {
        private final long match;

        /** Its name; its struct, functions for match, probe and remove. */
        Driver(CSystem system, Call call) {
            super(system, call, call.arg(2), call.arg(3));
            match = call.arg(1);
        }

        @Override
        public boolean match(Device device, int id) {
            return run(match, device, id) != 0;
        }

        @Override
        public void probe(Device device, int id) {
            int answer = runProbe(device, id);
            if (answer != 0) {
                throw refusal(answer);
            }
        }

        @Override
        public void remove(Device device, int id) {
            runRemove(device, id);
        }
    }

    /** Number, how many cards. */
    private long addDriver(Call call) {
        return drivers.add(call, driver -> bus.register(driver, call.intArg(1)));
    }

    @Override
    public void unloaded(CModule module) {
        holdings.leftBehind(module);
    }
}
