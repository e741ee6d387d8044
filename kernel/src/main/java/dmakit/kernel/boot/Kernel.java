package dmakit.kernel.boot;

import dmakit.devicetree.DeviceTree;
import dmakit.kernel.Architecture;
import dmakit.kernel.Calls;
import dmakit.kernel.KernelException;
import dmakit.kernel.KernelParameters;
import dmakit.kernel.Linux;
import dmakit.kernel.amba.AmbaBus;
import dmakit.kernel.asynctx.AsyncTx;
import dmakit.kernel.chardev.CharDevices;
import dmakit.kernel.chardev.File;
import dmakit.kernel.chardev.MiscDevices;
import dmakit.kernel.chardev.Processes;
import dmakit.kernel.chardev.UserAccess;
import dmakit.kernel.chardev.UserProcess;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.check.Role;
import dmakit.kernel.clk.Clocks;
import dmakit.kernel.cma.Cma;
import dmakit.kernel.coherent.CoherentMemory;
import dmakit.kernel.device.Devices;
import dmakit.kernel.device.DriverCore;
import dmakit.kernel.device.IrqResolver;
import dmakit.kernel.device.PlatformBus;
import dmakit.kernel.device.PlatformDriver;
import dmakit.kernel.device.StandIns;
import dmakit.kernel.direct.AtomicPools;
import dmakit.kernel.direct.DirectDma;
import dmakit.kernel.direct.MemorySources;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.dmaengine.OfDma;
import dmakit.kernel.dmaengine.ProviderKit;
import dmakit.kernel.dmaengine.UnmapPools;
import dmakit.kernel.dmatest.Dmatest;
import dmakit.kernel.drivers.axicopy.AxiCopyDriver;
import dmakit.kernel.drivers.axidmac.AxiDmacDriver;
import dmakit.kernel.drivers.bcm2835.Bcm2835DmaDriver;
import dmakit.kernel.drivers.ioat.IoatDriver;
import dmakit.kernel.drivers.msgdma.MsgdmaDriver;
import dmakit.kernel.drivers.pl330.Pl330Driver;
import dmakit.kernel.drivers.plx.PlxDmaDriver;
import dmakit.kernel.drivers.smmu.ArmSmmuDriver;
import dmakit.kernel.drivers.vtd.VtdDriver;
import dmakit.kernel.drivers.vtd.VtdOptions;
import dmakit.kernel.drivers.xdmac.AtXdmacDriver;
import dmakit.kernel.drivers.xilinx.XilinxDmaDriver;
import dmakit.kernel.fs.DeviceClasses;
import dmakit.kernel.fs.FileSystem;
import dmakit.kernel.fs.Sysfs;
import dmakit.kernel.iommu.IommuSources;
import dmakit.kernel.iommu.Iommus;
import dmakit.kernel.irq.IrqStatistics;
import dmakit.kernel.irq.Irqs;
import dmakit.kernel.irq.Softirqs;
import dmakit.kernel.isa.IoPorts;
import dmakit.kernel.isa.IsaBus;
import dmakit.kernel.isa.IsaDma;
import dmakit.kernel.isa.IsaDriver;
import dmakit.kernel.log.Log;
import dmakit.kernel.mapping.DmaConfigurator;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.Memblock;
import dmakit.kernel.mm.Mm;
import dmakit.kernel.mm.Zone;
import dmakit.kernel.mm.ZoneLayout;
import dmakit.kernel.pci.PciBus;
import dmakit.kernel.pci.PciDriver;
import dmakit.kernel.pci.PciHostDriver;
import dmakit.kernel.reserved.ReservedMemory;
import dmakit.kernel.sched.HeldLock;
import dmakit.kernel.sched.KernelPanic;
import dmakit.kernel.sched.KernelTask;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sched.TaskState;
import dmakit.kernel.swiotlb.Swiotlb;
import dmakit.kernel.sync.Timers;
import dmakit.kernel.work.Work;
import dmakit.kernel.work.WorkQueue;
import dmakit.machine.Machine;
import dmakit.machine.irq.InterruptController;
import dmakit.machine.task.Deadlock;
import dmakit.machine.task.Task;
import dmakit.machine.task.TaskFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One booted kernel: every subsystem, put together on a machine and a device tree.
 *
 * <p>Order of calls: {@link #boot}, drivers registered and programs run inside of {@link #run},
 * {@link #close}. All of it happens on the calling thread.
 */
public final class Kernel implements AutoCloseable {
    /** The line of the CPU's own timer, which no board gives away. */
    private static final int TIMER_LINE = InterruptController.LINE_COUNT_MAX - 1;

    private final Machine machine;
    private final DeviceTree tree;
    private final String commandLine;
    private final KernelParameters parameters;
    private final Log log;
    private final Sched sched;
    private final Irqs irqs;
    private final Timers timers;
    private final WorkQueue systemQueue;
    private final Swiotlb swiotlb;
    private final Mm mm;
    private final Cma cma;
    private final ReservedMemory reservedMemory;
    private final CoherentMemory coherentMemory;
    private final DmaMapping dma;
    private final VtdOptions vtd;
    private final Iommus iommus;
    private final DmaEngine dmaEngine;
    private final UnmapPools unmapPools;
    private final Dmatest dmatest;
    private final AsyncTx asyncTx;
    private final Devices devices;
    private final DriverCore driverCore;
    private final PlatformBus platform;
    private final AmbaBus amba;
    private final PciBus pci;
    private final IoPorts ports;
    private final IsaDma isaDma;
    private final IsaBus isa;
    private final Clocks clocks;
    private final IrqResolver lines;
    private final CharDevices charDevices;
    private final MiscDevices misc;
    private final Processes processes;
    private final UserAccess userAccess;
    private final FileSystem fileSystem;
    private final Sysfs sysfs;
    private final DeviceClasses classes;
    private final KernelFiles files;
    private StandIns standIns = StandIns.NONE;
    private boolean down;

    /**
     * Boots a kernel whose mapping API throws misuse at once; see {@link #boot(Machine, DeviceTree,
     * IrqResolver, Consumer, String, Misuse)}.
     */
    public static Kernel boot(
            Machine machine,
            DeviceTree tree,
            IrqResolver lines,
            Consumer<String> console,
            String commandLine) {
        return boot(machine, tree, lines, console, commandLine, Misuse.THROWN);
    }

    /**
     * Boots a kernel. Devices are there afterwards, and drivers of DMA controllers; others are not.
     *
     * @param machine with all its chips
     * @param tree what the machine is made of
     * @param lines which line an interrupt of the tree arrives at
     * @param console takes each line of the log, with its time, as it comes
     * @param commandLine of the kernel; may be empty
     * @param misuse what becomes of mistakes of drivers
     * @throws dmakit.devicetree.DeviceTreeException when the tree's memory cannot be understood
     * @throws KernelException when memory is too small, or taken by the tree
     */
    public static Kernel boot(
            Machine machine,
            DeviceTree tree,
            IrqResolver lines,
            Consumer<String> console,
            String commandLine,
            Misuse misuse) {
        Log log = new Log(machine.clock(), machine.trace());
        log.buffer().addListener(message -> message.toString().lines().forEach(console));
        return new Kernel(machine, tree, lines, commandLine, misuse, log);
    }

    private Kernel(
            Machine machine,
            DeviceTree tree,
            IrqResolver lines,
            String commandLine,
            Misuse misuse,
            Log log) {
        this.machine = machine;
        this.tree = tree;
        this.commandLine = commandLine;
        parameters = new KernelParameters(commandLine);
        this.log = log;
        BootLog bootLog = new BootLog(log);
        Architecture architecture = Architecture.of(tree);
        bootLog.banner(tree, architecture);
        vtd = VtdOptions.of(tree, parameters, log);
        sched = new Sched(machine, log);
        Calls calls = sched.calls();
        calls.internal(true);
        if (misuse == Misuse.FOUND) {
            calls.findings().enable();
        }

        Memblock memblock = new Memblock(machine.ram());
        cma = new Cma(machine.clock(), log, memblock, parameters);
        reservedMemory = new ReservedMemory(tree, log, memblock, cma);
        reservedMemory.reserve(parameters);
        memblock.reserveImage(architecture.imageStart());
        reservedMemory.setUp();
        memblock.reservePageDescriptors();
        ZoneLayout zones = zonesAndCma(architecture, bootLog);
        bootLog.commandLine(commandLine);
        swiotlb = Swiotlb.boot(machine, log, memblock, zones, parameters, architecture);
        mm = Mm.boot(machine, calls, memblock, zones, swiotlb.isAllocated(), log);
        mm.checks().origins(swiotlb::originOf);
        bootLog.memory(mm, cma.totalPages());

        irqs = new Irqs(sched, new Softirqs(sched));
        timers = new Timers(sched, irqs, TIMER_LINE);
        systemQueue = new WorkQueue(sched, "events", WorkQueue.ACTIVE_DEFAULT);

        cma.activate(mm.pages());
        coherentMemory = new CoherentMemory(machine.cpu(), calls, log, mm);
        reservedMemory.start(coherentMemory, swiotlb);
        AtomicPools pools =
                new AtomicPools(machine.cpu(), log, mm, cma, parameters, this::inBackground);
        DirectDma direct =
                new DirectDma(
                        machine.cpu(),
                        log,
                        mm,
                        new MemorySources(cma, pools, coherentMemory),
                        swiotlb);
        dma = new DmaMapping(machine, calls, log, mm.virtual(), direct, misuse == Misuse.THROWN);
        dma.debug()
                .boot(
                        parameters,
                        mm.pages().managedPages(),
                        device -> swiotlb.of(device).isActive());
        pools.start();
        dmaEngine = new DmaEngine(sched, softirqs(), new OfDma(tree, log));
        unmapPools = new UnmapPools(dma, calls);
        asyncTx = new AsyncTx(sched, mm.pages(), dma, unmapPools, dmaEngine);
        dma.deviceWork(dmaEngine.rules());
        if (parameters.has("slub_debug") || parameters.has("slab_debug")) {
            dma.pools().poison();
        }
        calls.onVainWait(dmaEngine.rules()::waitedInVain);
        dmatest = new Dmatest(sched, mm, dma, dmaEngine, unmapPools);
        devices = new Devices();
        iommus =
                new Iommus(
                        machine.cpu(),
                        sched.contexts(),
                        log,
                        tree,
                        parameters,
                        vtd.isLazy(),
                        timers,
                        systemQueue,
                        new IommuSources(mm, cma, swiotlb, new AtomicCoherence(pools)));
        driverCore =
                new DriverCore(
                        log, new DmaConfigurator(tree, log, dma, iommus, reservedMemory), devices);
        platform = new PlatformBus(log, driverCore);
        amba = new AmbaBus(machine.cpu(), mm.io(), platform);
        this.lines = lines;
        clocks = new Clocks(tree, log);
        pci =
                new PciBus(
                        machine.cpu(),
                        calls,
                        log,
                        mm.io(),
                        mm.resources(),
                        driverCore,
                        tree,
                        lines);

        ports = new IoPorts(machine.cpu(), calls);
        isaDma = new IsaDma(sched, log, ports, dma, tree);
        isa = new IsaBus(log, driverCore);
        if (architecture == Architecture.X86) {
            ports.claimDmaControllers();
        }

        charDevices = new CharDevices(calls);
        misc = new MiscDevices(calls, charDevices);
        processes = new Processes(sched, this::open, new UserPages(calls, mm.pages()));
        userAccess = new UserAccess(machine.cpu(), calls, processes);
        fileSystem = new FileSystem(sched, charDevices, userAccess);
        sysfs = new Sysfs(fileSystem);
        devices.observe(sysfs);
        devices.observe(new PciFiles(pci, sysfs));
        devices.observe(iommus);
        iommus.observe(new IommuFiles(iommus, sysfs, fileSystem.sys()));
        dma.pools().observe(new DmaPoolFiles(dma.pools(), sysfs));
        classes = new DeviceClasses(fileSystem, sysfs, devices, charDevices);
        files = new KernelFiles(this);
        new SwiotlbFiles(swiotlb, fileSystem.debug());
        MemoryFiles.make(fileSystem, cma, pools, mm.pages());
        ZoneFiles.make(fileSystem.proc(), machine.ram(), mm.pages(), cma);
        DmaDebugFiles.make(fileSystem.debug(), dma.debug());

        platform.populate(tree, lines);
        runInternally(
                "kernel_init",
                () -> {
                    boolean tests = isWanted("dmatest_init");
                    if (tests) {
                        dmatest.module().show(fileSystem.sys().directory("module"));
                        dmatest.module().boot(parameters, log);
                    }
                    registerBuiltInDrivers();
                    if (tests) {
                        dmatest.init();
                    }
                });
        calls.internal(false);
    }

    /** The zones, and the default CMA area below the end of what all devices reach. */
    private ZoneLayout zonesAndCma(Architecture architecture, BootLog bootLog) {
        return switch (architecture) {
            case ARM64 -> {
                ZoneLayout zones =
                        ZoneLayout.arm64(machine.ram(), DmaConfigurator.reachOfAllDevices(tree));
                bootLog.zones(zones);
                cma.reserveDefault(architecture.cmaDefaultMib(), zones.endOf(Zone.DMA));
                yield zones;
            }
            case X86 -> {
                ZoneLayout zones = ZoneLayout.x86(machine.ram());
                cma.reserveDefault(architecture.cmaDefaultMib(), zones.end());
                bootLog.zones(zones);
                yield zones;
            }
        };
    }

    /** Lets something run in the system's queue whenever the answer is run. */
    private Runnable inBackground(Runnable body) {
        Work work = new Work("atomic_pool_work", body);
        return () -> {
            try (var _ = calls().internally()) {
                systemQueue.queue(work);
            }
        };
    }

    @Linux(file = "init/main.c", symbol = "do_initcalls")
    private void registerBuiltInDrivers() {
        // IOMMUs first: masters wait for them.
        platform.register(
                new ArmSmmuDriver(machine, log, sched.contexts(), irqs, mm, parameters, iommus));
        if (vtd.present()) {
            platform.register(
                    new VtdDriver(
                            machine.clock(),
                            machine.cpu(),
                            log,
                            irqs,
                            mm,
                            iommus,
                            vtd,
                            new VtdFiles(classes, sysfs)));
        }
        platform.register(new PciHostDriver(pci));
        ProviderKit kit = new ProviderKit(sched, log, irqs, mm.io(), dma, dmaEngine);
        if (isWanted("pl330_driver_init")) {
            platform.register(new Pl330Driver(kit));
        }
        if (isWanted("msgdma_driver_init")) {
            platform.register(new MsgdmaDriver(kit));
        }
        if (isWanted("bcm2835_dma_driver_init")) {
            platform.register(new Bcm2835DmaDriver(kit));
        }
        if (isWanted("plx_dma_pci_driver_init")) {
            pci.register(new PlxDmaDriver(kit));
        }
        if (isWanted("ioat_init_module")) {
            pci.register(new IoatDriver(kit, timers));
        }
        if (isWanted("at_xdmac_init")) {
            platform.register(new AtXdmacDriver(kit, clocks));
        }
        if (isWanted("xilinx_vdma_driver_init")) {
            platform.register(new XilinxDmaDriver(kit));
        }
        // Linux has none of that name, so it comes behind those that Linux has.
        platform.register(new AxiCopyDriver(kit));
        if (isWanted("axi_dmac_driver_init")) {
            platform.register(new AxiDmacDriver(kit, clocks));
        }
        iommus.settle();
        driverCore.retryDeferred();
    }

    /** Whether the command line leaves out a built-in driver, so that a module may do its work. */
    @Linux(file = "init/main.c", symbol = "initcall_blacklisted")
    private boolean isWanted(String initcall) {
        for (String list : parameters.values("initcall_blacklist")) {
            if (List.of(list.split(",", -1)).contains(initcall)) {
                log.info("initcall %s blacklisted", initcall);
                return false;
            }
        }
        return true;
    }

    // What it is made of.

    /** The machine it runs on. */
    public Machine machine() {
        return machine;
    }

    /** The device tree it was booted with. */
    public DeviceTree deviceTree() {
        return tree;
    }

    /** Its command line. */
    public String commandLine() {
        return commandLine;
    }

    /** The kernel log. */
    public Log log() {
        return log;
    }

    /** Tasks, contexts and time. */
    public Sched sched() {
        return sched;
    }

    /** The door kernel functions go through. */
    public Calls calls() {
        return sched.calls();
    }

    /** Mistakes of drivers; nothing is looked for until it is enabled. */
    public Findings findings() {
        return calls().findings();
    }

    /** Interrupts. */
    public Irqs irqs() {
        return irqs;
    }

    /** Softirqs. */
    public Softirqs softirqs() {
        return irqs.softirqs();
    }

    /** The timers' clock. */
    public Timers timers() {
        return timers;
    }

    /** The work queue for everybody, {@code system_wq}. */
    public WorkQueue systemQueue() {
        return systemQueue;
    }

    /** Memory management. */
    public Mm mm() {
        return mm;
    }

    /** Areas for contiguous buffers. */
    public Cma cma() {
        return cma;
    }

    /** Memory that the tree keeps for devices. */
    public ReservedMemory reservedMemory() {
        return reservedMemory;
    }

    /** Coherent memory that devices have for themselves. */
    public CoherentMemory coherentMemory() {
        return coherentMemory;
    }

    /** Bounce buffers. */
    public Swiotlb swiotlb() {
        return swiotlb;
    }

    /** The DMA mapping API. */
    public DmaMapping dma() {
        return dma;
    }

    /** IOMMUs, their masters and domains. */
    public Iommus iommus() {
        return iommus;
    }

    /** The DMA engine API. */
    public DmaEngine dmaEngine() {
        return dmaEngine;
    }

    /** Operations that engines and the CPU share. */
    public AsyncTx asyncTx() {
        return asyncTx;
    }

    /** What transfers' buffers are unmapped by. */
    public UnmapPools unmapPools() {
        return unmapPools;
    }

    /** The module that tries DMA channels out. */
    public Dmatest dmatest() {
        return dmatest;
    }

    /** The platform bus. */
    public PlatformBus platform() {
        return platform;
    }

    /** The AMBA bus. */
    public AmbaBus amba() {
        return amba;
    }

    /** The PCI bus; empty where the board has no host bridge. */
    public PciBus pci() {
        return pci;
    }

    /** I/O ports. */
    public IoPorts ports() {
        return ports;
    }

    /** The DMA channels of the ISA bus. */
    public IsaDma isaDma() {
        return isaDma;
    }

    /** The ISA bus. */
    public IsaBus isa() {
        return isa;
    }

    /** The clocks of the board. */
    public Clocks clocks() {
        return clocks;
    }

    /** Which line of the machine an interrupt of the tree arrives at. */
    public IrqResolver lines() {
        return lines;
    }

    /** What all buses share of devices and drivers. */
    public DriverCore driverCore() {
        return driverCore;
    }

    /** What can be added to the machine for a driver. */
    public StandIns standIns() {
        return standIns;
    }

    /** Sets {@link #standIns()}; the board does. */
    public void standIns(StandIns parts) {
        standIns = parts;
    }

    /** Character devices. */
    public CharDevices charDevices() {
        return charDevices;
    }

    /** Misc devices. */
    public MiscDevices misc() {
        return misc;
    }

    /** Processes. */
    public Processes processes() {
        return processes;
    }

    /** The way to a process's memory. */
    public UserAccess userAccess() {
        return userAccess;
    }

    /** Every device of whichever bus or class. */
    public Devices devices() {
        return devices;
    }

    /** The files processes see. */
    public FileSystem fileSystem() {
        return fileSystem;
    }

    /** What {@code /sys} shows of devices. */
    public Sysfs sysfs() {
        return sysfs;
    }

    /** Classes of devices. */
    public DeviceClasses classes() {
        return classes;
    }

    private File open(String path, int flags) {
        return fileSystem.open(path, flags);
    }

    /** What its files show. */
    public KernelFiles files() {
        return files;
    }

    // Running.

    /**
     * Runs something in a task of its own until it ends.
     *
     * @throws KernelException what ended it, as any other exception that did; exceptions that no
     *     kernel function throws are reported in the log as an oops first
     * @throws KernelPanic when an interrupt failed meanwhile
     * @throws KernelOops when it ended well, but a kernel thread failed meanwhile
     * @throws Deadlock when it cannot end any more; the log tells who waits
     */
    public void run(String name, Runnable body) {
        runUntilEnded(() -> sched.spawn(name, () -> reportingOopses(body)));
    }

    /** Runs something as {@link #run(String, Runnable)} does, and answers what it answers. */
    public <T> T call(String name, Supplier<T> body) {
        List<T> answer = new ArrayList<>(1);
        run(name, () -> answer.add(body.get()));
        return answer.getFirst();
    }

    /**
     * Runs a program in a process of its own until it ends; failures as in {@link #run}.
     *
     * @param name of the program
     * @param main what it does
     */
    public void runProcess(String name, Consumer<UserProcess> main) {
        runUntilEnded(() ->
                processes.start(name, process -> reportingOopses(() -> main.accept(process))));
    }

    private void reportingOopses(Runnable body) {
        try {
            body.run();
        } catch (KernelException e) {
            throw e;
        } catch (RuntimeException | StackOverflowError e) {
            sched.oopses().report(e);
            throw e;
        }
    }

    /** Runs something whose calls are the kernel's own. */
    private void runInternally(String name, Runnable body) {
        run(
                name,
                () -> {
                    calls().internal(true);
                    body.run();
                });
    }

    private void runUntilEnded(Supplier<Task> start) {
        List<Throwable> failures = sched.oopses().failures();
        int before = failures.size();
        Task task = start.get();
        try {
            machine.scheduler().runUntil(task);
        } catch (Deadlock e) {
            reportBlocked(e);
            throwOopses(failures, before, e);
            throw e;
        } catch (TaskFailure e) {
            throwAsIs(e.getCause());
            throw e;
        }
        throwAsIs(task.failure());
        throwOopses(failures, before, null);
    }

    private static void throwAsIs(@Nullable Throwable failure) {
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
    }

    private static void throwOopses(
            List<Throwable> failures, int before, @Nullable Throwable consequence) {
        if (failures.size() > before) {
            KernelOops oops = new KernelOops(failures.subList(before, failures.size()));
            if (consequence != null) {
                oops.addSuppressed(consequence);
            }
            throw oops;
        }
    }

    private void reportBlocked(Deadlock deadlock) {
        dmaEngine.rules().allWaitForEver();
        for (Task blocked : deadlock.blocked()) {
            KernelTask task = sched.of(blocked);
            if (task.state() == TaskState.IDLE) {
                continue;
            }
            log.err(
                    "INFO: task %s:%d blocked for ever: nothing can run and nothing is scheduled",
                    task.name(), task.pid());
            Findings.Draft draft =
                    findings()
                            .report(
                                    FindingId.DEADLOCK,
                                    "%s waits for ever: nothing can run and nothing is scheduled",
                                    task)
                            .at(task.sleepsAt());
            for (HeldLock lock : task.heldLocks()) {
                log.err("  it holds %s", lock.name());
                draft.site(Role.TAKEN, lock.takenAt());
            }
            draft.add();
        }
    }

    // The end.

    /**
     * Takes all drivers away, the latest first, and says in the log what they left behind.
     *
     * @return what is still held, line by line; empty when all is well
     */
    public List<String> shutdown() {
        down = true;
        runInternally(
                "shutdown",
                () -> {
                    dmatest.exit();
                    for (IsaDriver driver : isa.drivers().reversed()) {
                        isa.unregister(driver);
                    }
                    for (PciDriver driver : pci.drivers().reversed()) {
                        pci.unregister(driver);
                    }
                    for (PlatformDriver driver : platform.drivers().reversed()) {
                        platform.unregister(driver);
                    }
                });
        List<String> held = stillHeld();
        held.forEach(line -> log.warn("still held at shutdown: %s", line));
        return held;
    }

    private List<String> stillHeld() {
        List<String> held = new ArrayList<>();
        for (IrqStatistics line : irqs.requested()) {
            if (line.irq() != TIMER_LINE) {
                held.add("irq %d by %s".formatted(line.irq(), line.names()));
            }
        }
        charDevices.nodes().forEach(node -> held.add("file " + node.path()));
        return held;
    }

    /** Shuts down unless that was done, or the kernel has stopped. */
    @Override
    public void close() {
        if (!down && sched.oopses().panic() == null) {
            shutdown();
        }
    }
}
