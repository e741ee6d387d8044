package dmakit.kernel.boot;

import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.Devices;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.dmaengine.EngineObserver;
import dmakit.kernel.fs.Directory;
import dmakit.kernel.fs.Node;
import dmakit.kernel.fs.Sysfs;
import dmakit.kernel.log.Log;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/** {@code /sys/class/dma}, and {@code dmaengine} in debugfs. */
@Linux(file = "drivers/dma/dmaengine.c", symbol = "dma_devclass")
final class DmaEngineFiles implements EngineObserver {
    /** The class of channels, and its folder in {@code /sys/class}. */
    static final String CLASS = "dma";

    private static final String FILE = "drivers/dma/dmaengine.c";
    private static final String SLAVE = "slave";
    private static final int READABLE = 0444;

    private final Sysfs sysfs;
    private final Devices devices;
    private final Log log;
    private final Directory debug;
    private final Map<Channel, Device> shown = new LinkedHashMap<>();

    private DmaEngineFiles(Sysfs sysfs, Devices devices, Log log, Directory debug) {
        this.sysfs = sysfs;
        this.devices = devices;
        this.log = log;
        this.debug = debug;
    }

    /** Makes the folders, and shows channels from now on. The class is there already. */
    static void make(Kernel kernel) {
        DmaEngine engine = kernel.dmaEngine();
        Directory debug = kernel.fileSystem().debug().makeDirectory("dmaengine");
        debug.makeText("summary", READABLE, engine::summary);
        engine.observe(new DmaEngineFiles(kernel.sysfs(), kernel.devices(), kernel.log(), debug));
    }

    @Override
    @Linux(file = FILE, symbol = "__dma_async_device_channel_register")
    @Linux(file = FILE, symbol = "bytes_transferred_show")
    @Linux(file = FILE, symbol = "in_use_show")
    @Linux(file = FILE, symbol = "memcpy_count_show")
    public void added(Channel channel) {
        var device = new Device(channel.name(), CLASS, channel.device().dev(), null);
        devices.add(device);
        shown.put(channel, device);
        Directory directory = sysfs.directory(device);
        number(directory, "bytes_transferred", channel::copiedBytes);
        number(directory, "in_use", channel::clientCount);
        number(directory, "memcpy_count", channel::copyCount);
    }

    private static void number(Directory directory, String name, LongSupplier value) {
        directory.makeLine(name, READABLE, () -> Long.toString(value.getAsLong()));
    }

    @Override
    public void removed(Channel channel) {
        Device device = shown.remove(channel);
        if (device != null) {
            devices.remove(device);
        }
    }

    @Override
    @Linux(file = FILE, symbol = "dmaengine_debug_register")
    public void registered(DmaDevice provider) {
        String name = provider.dev().name();
        if (debug.find(name).isEmpty()) {
            debug.makeDirectory(name);
        }
    }

    @Override
    @Linux(file = FILE, symbol = "dmaengine_debug_unregister")
    public void leaving(DmaDevice provider) {
        remove(debug, provider.dev().name());
    }

    @Override
    public void linked(Channel channel, Device client, String slaveName) {
        Optional<Directory> of = find(channel);
        Optional<Directory> to = sysfs.find(client);
        link(client, of, SLAVE, to);
        link(client, to, linkName(slaveName), of);
    }

    private void link(
            Device client, Optional<Directory> in, String name, Optional<Directory> target) {
        if (in.isPresent() && target.isPresent() && in.get().find(name).isEmpty()) {
            in.get().makeLink(name, target.get());
        } else {
            log.devWarn(client, "Cannot create DMA %s symlink", name);
        }
    }

    @Override
    public void unlinked(Channel channel, Device client, String slaveName) {
        find(channel).ifPresent(directory -> remove(directory, SLAVE));
        sysfs.find(client).ifPresent(directory -> remove(directory, linkName(slaveName)));
    }

    private static String linkName(String slaveName) {
        return "dma:" + slaveName;
    }

    private Optional<Directory> find(Channel channel) {
        return Optional.ofNullable(shown.get(channel)).flatMap(sysfs::find);
    }

    private static void remove(Directory directory, String name) {
        Optional<Node> found = directory.find(name);
        found.ifPresent(directory::remove);
    }
}
