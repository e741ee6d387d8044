package dmakit.cmodule.service;

import dmakit.cmodule.CHost;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.Devres;
import dmakit.kernel.device.PlatformBus;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.RuntimePower;
import dmakit.kernel.pci.PciBus;
import dmakit.kernel.pci.PciDevice;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What every device has: its description, managed resources, runtime power. */
final class DeviceServices implements ServiceGroup {
    /** {@code device.c} knows the same order. */
    private enum Kind {
        PLAIN,
        PLATFORM,
        PCI,
        AMBA
    }

    /** {@code power.c} knows the same order. */
    private enum Power {
        ENABLE,
        DISABLE,
        GET,
        GET_NORESUME,
        GET_IF_IN_USE,
        PUT,
        PUT_NOIDLE,
        SUSPEND,
        RESUME,
        IDLE,
        SET_ACTIVE,
        SET_SUSPENDED,
        IS_ENABLED,
        IS_SUSPENDED,
        IS_ACTIVE,
        FORCE_SUSPEND,
        FORCE_RESUME
    }

    private static final int CALLBACK_RESUME = 0;
    private static final int CALLBACK_SUSPEND = 1;
    private static final int CALLBACK_IDLE = 2;

    private final CSystem system;
    private final Kernel kernel;
    private final CHost host;
    private final OfServices nodes;
    private final Map<Long, Devres.Entry> managed = new HashMap<>();

    DeviceServices(CSystem system, OfServices nodes) {
        this.system = system;
        this.nodes = nodes;
        kernel = system.kernel();
        host = system.host();
    }

    @Override
    public void register(Registry to) {
        to.add("device_describe", this::describe);
        to.add("device_masks", this::setMasks);
        to.add("device_free", this::free);
        to.add("device_next", this::next);
        to.add("device_attach", this::attach);
        to.add("device_release_driver", this::releaseDriver);
        to.add("bus_register", this::registerBus);
        to.add("bus_unregister", _ -> 0);
        to.add("devres_note", this::noteManaged);
        to.add("devres_forget", this::forgetManaged);
        to.add("runtime_power", this::runtimePower);
    }

    /** Fills numbers with kind, parent, node and both masks; the text is "name\nsubsystem". */
    private long describe(Call call) {
        Device device = system.device(call.arg(0));
        Device parent = device.parent();
        ByteBuffer says = ByteBuffer.wrap(call.data()).order(ByteOrder.LITTLE_ENDIAN);
        says.putLong(kindOf(device).ordinal());
        says.putLong(parent == null ? 0 : system.devices().number(parent));
        says.putLong(nodes.number(device.ofNode()));
        says.putLong(device.dma().dmaMask());
        says.putLong(device.dma().coherentDmaMask());
        call.answer(device.name() + "\n" + device.subsystem());
        return 0;
    }

    private static Kind kindOf(Device device) {
        return switch (device.subsystem()) {
            case PlatformBus.NAME -> Kind.PLATFORM;
            case PciBus.NAME -> Kind.PCI;
            case PlatformBus.AMBA -> Kind.AMBA;
            default -> Kind.PLAIN;
        };
    }

    private long setMasks(Call call) {
        Device device = system.device(call.arg(0));
        device.dma().dmaMask(call.arg(1));
        device.dma().coherentDmaMask(call.arg(2));
        return 0;
    }

    private long free(Call call) {
        system.devices().free(call.arg(0));
        return 0;
    }

    /** The device behind one on a bus, by its name; 0 behind the last. */
    private long next(Call call) {
        List<Device> all = devicesOf(call.text());
        Device before = system.devices().find(call.arg(0));
        int at = before == null ? 0 : all.indexOf(before) + 1;
        return at < all.size() ? system.devices().number(all.get(at)) : 0;
    }

    private List<Device> devicesOf(String bus) {
        return switch (bus) {
            case PlatformBus.NAME, PlatformBus.AMBA ->
                    kernel.platform().devices().stream()
                            .map(PlatformDevice::device)
                            .filter(device -> device.subsystem().equals(bus))
                            .toList();
            case PciBus.NAME -> kernel.pci().devices().stream().map(PciDevice::device).toList();
            default -> List.of();
        };
    }

    private long attach(Call call) {
        Device device = system.device(call.arg(0));
        kernel.platform().device(device.name()).ifPresent(kernel.platform()::attach);
        kernel.pci().device(device).ifPresent(kernel.pci()::attach);
        return 0;
    }

    private long releaseDriver(Call call) {
        Device device = system.device(call.arg(0));
        kernel.platform().device(device.name()).ifPresent(kernel.platform()::unbind);
        kernel.pci().device(device).ifPresent(kernel.pci()::unbind);
        return 0;
    }

    private long registerBus(Call call) {
        kernel.sysfs().bus(call.text());
        return 0;
    }

    // Managed resources: C code knows what they are, the order is kept here.

    /** Device, resource, function that releases it. */
    private long noteManaged(Call call) {
        long resource = call.arg(1);
        long release = call.arg(2);
        managed.put(
                resource,
                system.device(call.arg(0))
                        .devres()
                        .add(
                                "resource of a C driver",
                                () -> {
                                    managed.remove(resource);
                                    if (!system.hasEnded()) {
                                        host.run(release, resource);
                                    }
                                }));
        return 0;
    }

    private long forgetManaged(Call call) {
        Devres.Entry entry = managed.remove(call.arg(1));
        if (entry != null) {
            system.device(call.arg(0)).devres().remove(entry);
        }
        return 0;
    }

    // Runtime power.

    private record Driver(CHost host, long dev, long function) implements RuntimePower.Callbacks {
        private int run(int which) {
            return (int) host.run(function, dev, which);
        }

        @Override
        public int resume() {
            return run(CALLBACK_RESUME);
        }

        @Override
        public int suspend() {
            return run(CALLBACK_SUSPEND);
        }

        @Override
        public int idle() {
            return run(CALLBACK_IDLE);
        }
    }

    /** Device, its struct, the function that runs callbacks, what is asked. */
    private long runtimePower(Call call) {
        RuntimePower power = system.device(call.arg(0)).power();
        Driver driver = new Driver(host, call.arg(1), call.arg(2));
        return switch (Power.values()[call.intArg(3)]) {
            case ENABLE -> {
                power.enable();
                yield 0;
            }
            case DISABLE -> {
                power.disable();
                yield 0;
            }
            case GET -> power.get(driver);
            case GET_NORESUME -> {
                power.getNoResume();
                yield 0;
            }
            case GET_IF_IN_USE -> power.getIfInUse();
            case PUT -> power.put(driver);
            case PUT_NOIDLE -> {
                power.putNoIdle();
                yield 0;
            }
            case SUSPEND -> power.suspend(driver);
            case RESUME -> power.resume(driver);
            case IDLE -> power.idle(driver);
            case SET_ACTIVE -> power.setStatus(true);
            case SET_SUSPENDED -> power.setStatus(false);
            case IS_ENABLED -> power.isEnabled() ? 1 : 0;
            case IS_SUSPENDED -> power.isSuspended() ? 1 : 0;
            case IS_ACTIVE -> power.isActive() ? 1 : 0;
            case FORCE_SUSPEND -> power.forceSuspend(driver);
            case FORCE_RESUME -> power.forceResume(driver);
        };
    }
}
