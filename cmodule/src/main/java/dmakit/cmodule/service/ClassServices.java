package dmakit.cmodule.service;

import dmakit.cmodule.CHost;
import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Handles;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.devicetree.Node;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.chardev.MiscDevices.MiscDevice;
import dmakit.kernel.device.Device;
import dmakit.kernel.fs.DeviceClasses;
import dmakit.kernel.fs.DeviceClasses.DeviceClass;
import dmakit.kernel.fs.DeviceClasses.DeviceFile;
import dmakit.kernel.fs.Directory;
import dmakit.kernel.fs.TextFile;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Classes, the devices in them, misc devices, and what sysfs shows of C code's objects. */
final class ClassServices implements ServiceGroup {
    private static final int CLASS_COUNT_MAX = 65_536;
    private static final long MISC = 1;
    private static final int MODE_BITS = 07777;

    private final CSystem system;
    private final Kernel kernel;
    private final CHost host;
    private final CFiles files;
    private final FsServices nodes;
    private final OfServices trees;
    private final Exchanges exchanges;
    private final Handles<DeviceClass> classes = new Handles<>("classes", CLASS_COUNT_MAX);
    private final Map<Long, MiscDevice> miscDevices = new LinkedHashMap<>();
    private final Held<DeviceClass> heldClasses;
    private final Held<Device> heldDevices;
    private final Held<Long> heldMisc;
    private final Held<Directory> heldObjects;

    ClassServices(
            CSystem system, CFiles files, FsServices nodes, OfServices trees, Exchanges exchanges) {
        this.system = system;
        this.files = files;
        this.nodes = nodes;
        this.trees = trees;
        this.exchanges = exchanges;
        kernel = system.kernel();
        host = system.host();
        heldClasses = new Held<>(system);
        heldDevices = new Held<>(system);
        heldMisc = new Held<>(system);
        heldObjects = new Held<>(system);
    }

    @Override
    public void register(Registry to) {
        exchanges.register(to);
        to.add("class_create", this::createClass);
        to.add("class_destroy", this::destroyClass);
        to.add("class_directory", call -> nodes.number(classes.get(call.arg(0)).directory()));
        to.add("device_add", this::addDevice);
        to.add("device_del", this::deleteDevice);
        to.add("device_directory", this::deviceDirectory);
        to.add("driver_directory", this::driverDirectory);
        to.add("misc_register", this::registerMisc);
        to.add("misc_deregister", this::deregisterMisc);
        to.add("kobject_add", this::addObject);
        to.add("kobject_del", this::deleteObject);
        to.add("attribute_add", this::addAttribute);
        to.add("attribute_remove", this::removeAttribute);
        to.add("sysfs_link", this::link);
        to.add("sysfs_notify", this::notifyAttribute);
    }

    @Override
    public void unloaded(CModule module) {
        heldObjects.unloaded(module);
        heldMisc.unloaded(module);
        heldDevices.unloaded(module);
        heldClasses.unloaded(module);
    }

    private DeviceClasses classes() {
        return kernel.classes();
    }

    // Classes and their devices.

    private long createClass(Call call) {
        DeviceClass made = classes().create(call.text());
        heldClasses.add(made, call, "the class \"%s\"".formatted(made.name()), () -> destroy(made));
        return classes.number(made);
    }

    private long destroyClass(Call call) {
        DeviceClass gone = classes.find(call.arg(0));
        if (gone != null) {
            heldClasses.remove(gone);
            destroy(gone);
        }
        return 0;
    }

    private void destroy(DeviceClass gone) {
        classes().destroy(gone);
        classes.free(classes.number(gone));
    }

    /**
     * Name, file, subsystem; class or 0, parent or 0, node or 0, number or 0, mode of the file,
     * struct, how C code forgets it.
     */
    private long addDevice(Call call) {
        DeviceClass ofClass = classes.find(call.arg(0));
        Node ofNode = call.arg(2) == 0 ? null : trees.node(call.arg(2));
        String name = call.text().replace('/', '!');
        Device device = new Device(name, call.text(2), parent(call.arg(1)), ofNode);
        if (ofClass == null) {
            kernel.devices().add(device);
        } else {
            kernel.classes().add(ofClass, device, deviceFile(call));
        }
        heldDevices.add(device, call, "the device \"%s\"".formatted(name), () -> delete(device));
        return system.devices().number(device);
    }

    private static @Nullable DeviceFile deviceFile(Call call) {
        long number = call.arg(3);
        return number == 0
                ? null
                : new DeviceFile(
                        FsServices.device(number), call.text(1), call.intArg(4) & MODE_BITS);
    }

    private long deleteDevice(Call call) {
        Device device = system.device(call.arg(0));
        if (heldDevices.remove(device)) {
            delete(device);
        }
        return 0;
    }

    private void delete(Device device) {
        if (kernel.classes().contains(device)) {
            kernel.classes().remove(device);
        } else {
            kernel.devices().remove(device);
        }
    }

    private @Nullable Device parent(long number) {
        return number == 0 ? null : system.device(number);
    }

    private long deviceDirectory(Call call) {
        return nodes.number(kernel.sysfs().directory(system.device(call.arg(0))));
    }

    private long driverDirectory(Call call) {
        return nodes.number(kernel.sysfs().driver(call.text(), call.text(1)));
    }

    // Misc devices.

    /** Name, file; struct, minor, mode, parent or 0, the way to files. */
    private long registerMisc(Call call) {
        long struct = call.arg(0);
        MiscDevice misc =
                kernel.misc()
                        .register(
                                call.intArg(1),
                                call.text(),
                                call.text(1),
                                call.intArg(2) & MODE_BITS,
                                parent(call.arg(3)),
                                files.operations(call, call.arg(4), MISC, struct));
        miscDevices.put(struct, misc);
        heldMisc.add(
                struct,
                call,
                "the misc device \"%s\"".formatted(misc.name()),
                () -> deregister(struct));
        Device device = kernel.files().miscDevice(misc.name());
        call.out(0, misc.number().minor());
        return system.devices().number(device);
    }

    private long deregisterMisc(Call call) {
        if (!heldMisc.remove(call.arg(0))) {
            throw new KernelException(Errno.EINVAL, "the misc device is not registered");
        }
        deregister(call.arg(0));
        return 0;
    }

    private void deregister(long struct) {
        MiscDevice misc = miscDevices.remove(struct);
        if (misc != null) {
            misc.deregister();
        }
    }

    // Objects.

    private long addObject(Call call) {
        Directory parent = nodes.directory(call.arg(0));
        Directory made = parent.makeDirectory(call.text());
        if (!heldObjects.contains(parent)) {
            heldObjects.add(
                    made,
                    call,
                    "the kobject \"%s\"".formatted(call.text()),
                    () -> parent.remove(made));
        }
        return nodes.number(made);
    }

    private long deleteObject(Call call) {
        Directory gone = nodes.directory(call.arg(0));
        heldObjects.remove(gone);
        nodes.forget(gone);
        Directory parent = gone.parent();
        if (parent != null) {
            parent.remove(gone);
        }
        return 0;
    }

    /** Name; directory, mode, kind, object, attribute, the way to it. */
    private long addAttribute(Call call) {
        Directory directory = nodes.directory(call.arg(0));
        directory.makeAttribute(
                call.text(),
                call.intArg(1) & MODE_BITS,
                new CAttribute(
                        host, exchanges, call.arg(5), call.arg(2), call.arg(3), call.arg(4)));
        return 0;
    }

    private long removeAttribute(Call call) {
        Directory directory = nodes.directory(call.arg(0));
        directory.find(call.text()).ifPresent(directory::remove);
        return 0;
    }

    private long link(Call call) {
        nodes.directory(call.arg(0)).makeLink(call.text(), nodes.directory(call.arg(1)));
        return 0;
    }

    private long notifyAttribute(Call call) {
        if (nodes.directory(call.arg(0)).find(call.text()).orElse(null) instanceof TextFile file) {
            file.changed();
        }
        return 0;
    }
}
