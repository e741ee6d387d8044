package dmakit.cmodule.service;

import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Handles;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.chardev.CharDevices;
import dmakit.kernel.chardev.DeviceNumber;
import dmakit.kernel.chardev.File;
import dmakit.kernel.chardev.UserProcess;
import dmakit.kernel.fs.Directory;
import dmakit.kernel.fs.FileSystem;
import dmakit.kernel.fs.Node;
import dmakit.kernel.mm.Vma;
import dmakit.kernel.sync.WaitQueue;
import dmakit.machine.cpu.MemoryType;
import dmakit.machine.memory.Ram;
import java.util.LinkedHashMap;
import java.util.Map;

/** Character devices, open files, areas of processes, and nodes of the file system. */
final class FsServices implements ServiceGroup {
    /** Nodes C code may hold; as many as a file system may have. */
    private static final int NODE_COUNT_MAX = 1 << 20;

    private static final int LG2_MINORS = 20;
    private static final int LG2_PAGE = 12;
    private static final long CDEV = 0;
    private static final long ENTRY = 2;
    private static final int S_IFCHR = 0020000;
    private static final int S_IFREG = 0100000;
    private static final int DEFAULT_MODE = 0600;
    private static final long PROT_NONCACHED = 0x10;
    private static final long PROT_WRITECOMBINE = 0x20;
    private static final long PROT_DEVICE = 0x40;

    private record Cdev(DeviceNumber first) {}

    private final CSystem system;
    private final CFiles files;
    private final CharDevices devices;
    private final FileSystem fileSystem;
    private final Handles<Node> nodes = new Handles<>("nodes", NODE_COUNT_MAX);
    private final Map<Long, Cdev> cdevs = new LinkedHashMap<>();
    private final Held<DeviceNumber> regions;
    private final Held<Long> heldCdevs;
    private final Held<Node> heldNodes;
    private final WaitQueues waitQueues;

    FsServices(CSystem system, CFiles files, WaitQueues waitQueues) {
        this.system = system;
        this.files = files;
        this.waitQueues = waitQueues;
        devices = system.kernel().charDevices();
        fileSystem = system.kernel().fileSystem();
        regions = new Held<>(system);
        heldCdevs = new Held<>(system);
        heldNodes = new Held<>(system);
        // In the order of files.h.
        Directory sys = fileSystem.sys();
        nodes.number(fileSystem.proc());
        nodes.number(fileSystem.debug());
        nodes.number(sys);
        nodes.number(sys.directory("kernel"));
        nodes.number(sys.directory("firmware"));
        nodes.number(sys.directory("fs"));
    }

    @Override
    public void register(Registry to) {
        to.add("alloc_chrdev_region", this::allocRegion);
        to.add("register_chrdev_region", this::registerRegion);
        to.add("unregister_chrdev_region", this::unregisterRegion);
        to.add("cdev_alloc", this::cdevAlloc);
        to.add("cdev_add", this::cdevAdd);
        to.add("cdev_del", this::cdevDel);
        to.add("file_describe", this::describe);
        to.add("file_moved", this::moved);
        to.add("poll_wait", this::pollWait);
        to.add("kill_fasync", this::killFasync);
        to.add("vma_describe", this::describeArea);
        to.add("vma_state", this::areaState);
        to.add("remap_pfn_range", this::remapPfnRange);
        to.add("vm_insert_page", this::insertPage);
        to.add("vmf_insert_pfn", this::insertPfn);
        to.add("zap_vma_ptes", this::zap);
        to.add("find_vma", this::findArea);
        to.add("unmap_mapping_range", this::unmapRange);
        to.add("file_get", this::getFile);
        to.add("file_put", this::putFile);
        to.add("node_make_directory", this::makeDirectory);
        to.add("node_make_file", this::makeFile);
        to.add("node_make_link", this::makeLink);
        to.add("node_find", this::findNode);
        to.add("node_remove", this::removeNode);
    }

    @Override
    public void unloaded(CModule module) {
        files.unloaded(module);
        heldNodes.unloaded(module);
        heldCdevs.unloaded(module);
        regions.unloaded(module);
    }

    /** The number by which C code knows a node. */
    int number(Node node) {
        return nodes.number(node);
    }

    /**
     * The directory of a number.
     *
     * @throws KernelException ENOENT when it is removed, ENOTDIR when it is none
     */
    Directory directory(long number) {
        Node node = nodes.find(number);
        if (node == null || node.isRemoved()) {
            throw new KernelException(Errno.ENOENT, "directory %d is removed", number);
        }
        if (node instanceof Directory directory) {
            return directory;
        }
        throw new KernelException(Errno.ENOTDIR, "%s is no directory", node);
    }

    // Character devices.

    /** The number that C code has in a {@code dev_t}. */
    static DeviceNumber device(long number) {
        long major = number >>> LG2_MINORS;
        if (major > DeviceNumber.MAJOR_MAX) {
            throw new KernelException(
                    Errno.EINVAL, "major %d, the highest is %d", major, DeviceNumber.MAJOR_MAX);
        }
        return new DeviceNumber((int) major, (int) number & DeviceNumber.MINOR_MAX);
    }

    private static long number(DeviceNumber device) {
        return (long) device.major() << LG2_MINORS | device.minor();
    }

    private long allocRegion(Call call) {
        DeviceNumber first = devices.allocRegion(call.text(), call.intArg(0), call.intArg(1));
        hold(call, first, call.intArg(1));
        return number(first);
    }

    private long registerRegion(Call call) {
        DeviceNumber first = device(call.arg(0));
        devices.registerRegion(first, call.intArg(1), call.text());
        hold(call, first, call.intArg(1));
        return 0;
    }

    private void hold(Call call, DeviceNumber first, int count) {
        regions.add(
                first,
                call,
                "the character device region \"%s\" (%s)".formatted(call.text(), first),
                () -> devices.unregisterRegion(first, count));
    }

    private long unregisterRegion(Call call) {
        DeviceNumber first = device(call.arg(0));
        regions.remove(first);
        devices.unregisterRegion(first, call.intArg(1));
        return 0;
    }

    /** One that is never added is lost as well, unless cdev_del gives it back. */
    private long cdevAlloc(Call call) {
        heldCdevs.add(call.arg(0), call, "the cdev of cdev_alloc()", () -> {});
        return 0;
    }

    private long cdevAdd(Call call) {
        long address = call.arg(0);
        DeviceNumber first = device(call.arg(1));
        devices.cdevAdd(first, call.intArg(2), files.operations(call, call.arg(3), CDEV, address));
        cdevs.put(address, new Cdev(first));
        heldCdevs.add(
                address, call, "the cdev of device %s".formatted(first), () -> delete(address));
        return 0;
    }

    private long cdevDel(Call call) {
        heldCdevs.remove(call.arg(0));
        delete(call.arg(0));
        return 0;
    }

    private void delete(long address) {
        Cdev cdev = cdevs.remove(address);
        if (cdev != null) {
            devices.cdevDel(cdev.first());
        }
    }

    // Open files.

    private long describe(Call call) {
        File file = files.file(call.arg(0));
        call.answer(file.name());
        boolean isDevice = file.number().major() != 0;
        Node node = fileSystem.find(file.name()).orElse(null);
        int mode = node == null ? DEFAULT_MODE : node.mode();
        call.out(0, number(file.number()));
        call.out(1, mode | (isDevice ? S_IFCHR : S_IFREG));
        call.out(2, node == null ? call.arg(0) : node.inode());
        return 0;
    }

    private long moved(Call call) {
        files.file(call.arg(0)).position(call.arg(1));
        return 0;
    }

    private long pollWait(Call call) {
        WaitQueue queue = waitQueues.at(call.arg(1));
        if (queue != null) {
            files.poll(call.arg(0)).waitOn(queue);
        }
        return 0;
    }

    private long killFasync(Call call) {
        UserProcess owner = files.file(call.arg(0)).owner();
        if (owner != null) {
            owner.signal(call.intArg(1));
        }
        return 0;
    }

    // Areas of processes.

    private long describeArea(Call call) {
        Vma vma = files.area(call.arg(0));
        call.out(0, vma.start());
        call.out(1, vma.end());
        call.out(2, vma.pageOffset());
        call.out(3, vma.flags());
        return 0;
    }

    private long areaState(Call call) {
        files.areaIsThere(call.arg(0), call.arg(1), call.arg(2));
        return 0;
    }

    /** Registers are never cached, whatever the protection says, as on x86. */
    private MemoryType type(long phys, long protection) {
        if (system.kernel().machine().ram().offsetOf(phys) == Ram.NOT_RAM) {
            return MemoryType.DEVICE;
        }
        if ((protection & (PROT_NONCACHED | PROT_DEVICE)) != 0) {
            return MemoryType.DEVICE;
        }
        return (protection & PROT_WRITECOMBINE) != 0
                ? MemoryType.WRITE_COMBINE
                : MemoryType.WRITE_BACK;
    }

    private long remapPfnRange(Call call) {
        long pfn = call.arg(2);
        system.kernel()
                .mm()
                .virtual()
                .remapPfnRange(
                        files.area(call.arg(0)),
                        call.arg(1),
                        pfn,
                        call.arg(3),
                        type(pfn << LG2_PAGE, call.arg(4)));
        return 0;
    }

    private long insertPage(Call call) {
        system.kernel()
                .mm()
                .virtual()
                .vmInsertPage(
                        files.area(call.arg(0)),
                        call.arg(1),
                        call.arg(2),
                        type(call.arg(2), call.arg(3)));
        return 0;
    }

    private long insertPfn(Call call) {
        long pfn = call.arg(2);
        system.kernel()
                .mm()
                .virtual()
                .vmInsertPfn(
                        files.area(call.arg(0)),
                        call.arg(1),
                        pfn,
                        type(pfn << LG2_PAGE, call.arg(3)));
        return 0;
    }

    private long zap(Call call) {
        files.area(call.arg(0)).zap(call.arg(1), call.arg(2));
        return 0;
    }

    private long findArea(Call call) {
        UserProcess process = system.kernel().processes().current();
        Vma vma = process == null ? null : process.vmaAt(call.arg(0));
        return vma == null ? 0 : files.structOf(vma);
    }

    /** Pages of a file that processes have mapped go, and are asked for again. */
    private long unmapRange(Call call) {
        File file = files.file(call.arg(0));
        long first = call.arg(1) >> LG2_PAGE;
        long last = call.arg(2) == 0 ? Long.MAX_VALUE : (call.arg(1) + call.arg(2) - 1) >> LG2_PAGE;
        for (Vma vma : system.kernel().processes().areasOf(file)) {
            long from = Math.max(first, vma.pageOffset());
            long to = Math.min(last, vma.pageOffset() + vma.pages() - 1);
            if (from <= to) {
                vma.zap(
                        vma.start() + ((from - vma.pageOffset()) << LG2_PAGE),
                        (to - from + 1) << LG2_PAGE);
            }
        }
        return 0;
    }

    private long getFile(Call call) {
        UserProcess process = system.kernel().processes().current();
        return process == null ? 0 : files.hold(process.file(call.intArg(0)));
    }

    private long putFile(Call call) {
        files.file(call.arg(0)).put();
        return 0;
    }

    // Nodes.

    /** What a name with slashes means, from a directory on: where the last part of it lies. */
    private static Directory parentOf(Directory from, String name) {
        Directory at = from;
        String[] parts = name.split("/", -1);
        for (int i = 0; i + 1 < parts.length; i++) {
            if (!(at.find(parts[i]).orElse(null) instanceof Directory next)) {
                throw new KernelException(Errno.ENOENT, "%s has no directory %s", at, parts[i]);
            }
            at = next;
        }
        return at;
    }

    private static String lastPart(String name) {
        return name.substring(name.lastIndexOf('/') + 1);
    }

    private long made(Call call, Node node, String what) {
        Directory parent = node.parent();
        // What lies in something the module made goes with that.
        if (parent == null || !heldNodes.contains(parent)) {
            heldNodes.add(node, call, what + " " + node.path(), () -> remove(node));
        }
        return nodes.number(node);
    }

    private long makeDirectory(Call call) {
        Directory parent = parentOf(directory(call.arg(0)), call.text());
        return made(call, parent.makeDirectory(lastPart(call.text())), "the directory");
    }

    private long makeFile(Call call) {
        Directory parent = parentOf(directory(call.arg(0)), call.text());
        Node file =
                parent.makeFile(
                        lastPart(call.text()),
                        call.intArg(1) & 07777,
                        call.arg(2),
                        files.operations(call, call.arg(4), ENTRY, call.arg(3)));
        return made(call, file, "the file");
    }

    private long makeLink(Call call) {
        Directory parent = parentOf(directory(call.arg(0)), call.text());
        return made(call, parent.makeLink(lastPart(call.text()), call.text(1)), "the link");
    }

    private long findNode(Call call) {
        Directory parent = parentOf(directory(call.arg(0)), call.text());
        return parent.find(lastPart(call.text()))
                .map(nodes::number)
                .orElseThrow(() ->
                        new KernelException(Errno.ENOENT, "%s has no %s", parent, call.text()));
    }

    private long removeNode(Call call) {
        Node node = nodes.find(call.arg(0));
        if (node != null) {
            heldNodes.remove(node);
            forget(node);
            remove(node);
        }
        return 0;
    }

    /** Numbers of a node that goes, and of all that lies in it, mean nothing any more. */
    void forget(Node node) {
        nodes.free(nodes.number(node));
        if (node instanceof Directory directory) {
            directory.entries().forEach(this::forget);
        }
    }

    private static void remove(Node node) {
        Directory parent = node.parent();
        if (parent != null) {
            parent.remove(node);
        }
    }
}
