package dmakit.kernel.boot;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.chardev.CharDevices;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * What the files of {@code /proc}, {@code /sys} and {@code /dev} show of a kernel. They are made
 * when they are looked at; only names and texts, nothing to write to.
 */
@Linux(file = "fs/kernfs/dir.c", symbol = "kernfs_root")
public final class KernelFiles {
    private static final int MISC_MAJOR = 10;

    private final Kernel kernel;

    KernelFiles(Kernel kernel) {
        this.kernel = kernel;
    }

    /**
     * The text of a file; of a link, where it leads.
     *
     * @throws KernelException ENOENT when there is none
     */
    public String read(String path) {
        Supplier<String> file = files().get(path);
        if (file == null) {
            throw new KernelException(Errno.ENOENT, "%s: no such file", path);
        }
        return file.get();
    }

    /** Whether there is such a file or folder. */
    public boolean exists(String path) {
        NavigableMap<String, Supplier<String>> files = files();
        return files.containsKey(path) || !list(files, path).isEmpty();
    }

    /**
     * The names in a folder, in order.
     *
     * @throws KernelException ENOENT when there is no such folder
     */
    public List<String> list(String path) {
        List<String> names = list(files(), path);
        if (names.isEmpty()) {
            throw new KernelException(Errno.ENOENT, "%s: no such directory", path);
        }
        return names;
    }

    private static List<String> list(NavigableMap<String, Supplier<String>> files, String path) {
        String folder = path.endsWith("/") ? path : path + "/";
        TreeSet<String> names = new TreeSet<>();
        for (String file : files.tailMap(folder, false).keySet()) {
            if (!file.startsWith(folder)) {
                break;
            }
            int end = file.indexOf('/', folder.length());
            names.add(file.substring(folder.length(), end < 0 ? file.length() : end));
        }
        return List.copyOf(names);
    }

    private NavigableMap<String, Supplier<String>> files() {
        NavigableMap<String, Supplier<String>> files = new TreeMap<>();
        files.put("/proc/cmdline", () -> kernel.commandLine() + "\n");
        files.put("/proc/devices", () -> kernel.charDevices().procDevices());
        files.put("/proc/interrupts", () -> kernel.irqs().procInterrupts());
        files.put("/proc/iomem", () -> kernel.mm().resources().iomem());
        files.put("/proc/misc", () -> kernel.misc().procMisc());
        files.put("/sys/kernel/debug/devices_deferred", this::deferred);
        for (CharDevices.Node node : kernel.charDevices().nodes()) {
            String number = node.number() + "\n";
            files.put(node.path(), () -> number);
            if (node.number().major() == MISC_MAJOR) {
                String name = node.path().substring(node.path().lastIndexOf('/') + 1);
                files.put("/sys/class/misc/" + name + "/dev", () -> number);
            }
        }
        kernel.platform().devices().forEach(device -> addDevice(files, device));
        for (PlatformDriver driver : kernel.platform().drivers()) {
            files.put("/sys/bus/platform/drivers/" + driver.name() + "/uevent", () -> "");
        }
        return files;
    }

    private static void addDevice(
            NavigableMap<String, Supplier<String>> files, PlatformDevice device) {
        String folder = "/sys/bus/platform/devices/" + device.name();
        files.put(folder + "/uevent", () -> uevent(device));
        PlatformDriver driver = device.driver();
        if (driver != null) {
            files.put(folder + "/driver", () -> "../../../bus/platform/drivers/" + driver.name());
            files.put(
                    "/sys/bus/platform/drivers/" + driver.name() + "/" + device.name(),
                    () -> "../../../../devices/platform/" + device.name());
        }
    }

    private static String uevent(PlatformDevice device) {
        StringBuilder text = new StringBuilder();
        PlatformDriver driver = device.driver();
        if (driver != null) {
            text.append("DRIVER=").append(driver.name()).append('\n');
        }
        var node = device.device().ofNode();
        if (node != null) {
            text.append("OF_NAME=").append(node.baseName()).append('\n');
            text.append("OF_FULLNAME=").append(node.path()).append('\n');
            List<String> compatible = node.compatible();
            for (int i = 0; i < compatible.size(); i++) {
                text.append("OF_COMPATIBLE_" + i + "=" + compatible.get(i) + "\n");
            }
            text.append("OF_COMPATIBLE_N=").append(compatible.size()).append('\n');
        }
        return text.toString();
    }

    private String deferred() {
        StringBuilder text = new StringBuilder();
        kernel.platform()
                .deferred()
                .forEach((device, reason) ->
                        text.append(device.name()).append('\t').append(reason).append('\n'));
        return text.toString();
    }
}
