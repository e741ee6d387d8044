package dmakit.kernel.boot;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.chardev.MiscDevices;
import dmakit.kernel.device.Device;
import dmakit.kernel.fs.DeviceClasses.DeviceClass;
import dmakit.kernel.fs.DeviceNode;
import dmakit.kernel.fs.Directory;
import dmakit.kernel.fs.FileSystem;
import dmakit.kernel.fs.Node;
import dmakit.kernel.fs.SymbolicLink;
import dmakit.kernel.fs.TextFile;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.kernel.mm.Zone;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The files that the kernel itself has in {@code /proc} and {@code /sys}, and a look at all files
 * without a process.
 */
@Linux(file = "fs/kernfs/dir.c", symbol = "kernfs_root")
public final class KernelFiles {
    private static final int READABLE = 0444;
    private static final long KIB = 1024;

    private final Kernel kernel;
    private final FileSystem files;
    private final Map<String, Device> miscDevices = new TreeMap<>();

    KernelFiles(Kernel kernel) {
        this.kernel = kernel;
        files = kernel.fileSystem();
        proc("cmdline", () -> kernel.commandLine() + "\n");
        proc("devices", () -> kernel.charDevices().procDevices());
        proc("dma", () -> kernel.isaDma().procText());
        proc("interrupts", () -> kernel.irqs().procInterrupts());
        proc("iomem", () -> kernel.mm().resources().iomem());
        proc("ioports", () -> kernel.ports().resources().ioports());
        proc("meminfo", this::meminfo);
        proc("misc", () -> kernel.misc().procMisc());
        proc("version", KernelFiles::version);
        files.proc().makeDirectory("driver");
        files.debug().makeText("devices_deferred", READABLE, this::deferred);
        kernel.classes().create(DmaEngineFiles.CLASS);
        DmaEngineFiles.make(kernel);
        showMiscDevices();
    }

    private void proc(String name, Supplier<String> contents) {
        files.proc().makeText(name, READABLE, contents);
    }

    private void showMiscDevices() {
        DeviceClass misc = kernel.classes().create("misc");
        kernel.misc()
                .observe(
                        new MiscDevices.Observer() {
                            @Override
                            public void added(MiscDevices.MiscDevice device) {
                                String name = device.name().replace('/', '!');
                                Device made = new Device(name, misc.name(), device.parent(), null);
                                String path = device.path().substring("/dev/".length());
                                kernel.sysfs()
                                        .deviceFile(
                                                made, device.number(), path, device.node().mode());
                                kernel.devices().add(made);
                                miscDevices.put(device.name(), made);
                            }

                            @Override
                            public void removed(MiscDevices.MiscDevice device) {
                                Device gone = miscDevices.remove(device.name());
                                if (gone != null) {
                                    kernel.devices().remove(gone);
                                }
                            }
                        });
    }

    /**
     * The device of class {@code misc} that a misc device has.
     *
     * @throws KernelException ENODEV when none is registered by that name
     */
    public Device miscDevice(String name) {
        Device device = miscDevices.get(name);
        if (device == null) {
            throw new KernelException(Errno.ENODEV, "there is no misc device %s", name);
        }
        return device;
    }

    /**
     * The text of a file; of a link, where it leads; of a device, its number.
     *
     * @throws KernelException ENOENT when there is none, EISDIR for a folder, EACCES for a file
     *     that only a process can read
     */
    public String read(String path) {
        return switch (files.resolve(path, false)) {
            case TextFile text -> new String(text.contents(), StandardCharsets.UTF_8);
            case SymbolicLink link -> link.target();
            case DeviceNode device -> device.number() + "\n";
            case Directory _ -> throw new KernelException(Errno.EISDIR, "%s is a directory", path);
        };
    }

    /** Whether there is such a file or folder. */
    public boolean exists(String path) {
        try {
            files.resolve(path);
            return true;
        } catch (KernelException e) {
            return false;
        }
    }

    /**
     * The names in a folder, in order.
     *
     * @throws KernelException ENOENT when there is none, ENOTDIR when it is no folder
     */
    public List<String> list(String path) {
        if (files.resolve(path) instanceof Directory directory) {
            return directory.entries().stream().map(Node::name).toList();
        }
        throw new KernelException(Errno.ENOTDIR, "%s is no directory", path);
    }

    private String deferred() {
        StringBuilder text = new StringBuilder();
        kernel.driverCore()
                .deferred()
                .forEach((device, reason) ->
                        text.append(device.name()).append('\t').append(reason).append('\n'));
        return text.toString();
    }

    @Linux(file = "fs/proc/meminfo.c", symbol = "meminfo_proc_show")
    private String meminfo() {
        long freePages = 0;
        for (Zone zone : Zone.values()) {
            freePages += kernel.mm().pages().freePages(zone);
        }
        long freeKib = freePages * (VirtualMemory.PAGE_BYTES / KIB);
        long totalKib = kernel.mm().pages().managedPages() * (VirtualMemory.PAGE_BYTES / KIB);
        return String.format(
                Locale.ROOT,
                """
                MemTotal:       %8d kB
                MemFree:        %8d kB
                MemAvailable:   %8d kB
                CmaTotal:       %8d kB
                CmaFree:        %8d kB
                """,
                totalKib,
                freeKib,
                freeKib,
                kernel.cma().totalPages() * (VirtualMemory.PAGE_BYTES / KIB),
                kernel.cma().freePages() * (VirtualMemory.PAGE_BYTES / KIB));
    }

    private static String version() {
        return "Linux version 6.12.0-dmakit (dmakit) #1 SMP PREEMPT\n";
    }
}
