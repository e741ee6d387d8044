package dmakit.kernel.drivers.vtd;

import dmakit.datasheet.vtd.ContextEntry;
import dmakit.datasheet.vtd.SecondLevelEntry;
import dmakit.datasheet.vtd.VtdRegister;
import dmakit.datasheet.vtd.VtdRegister.Cap;
import dmakit.datasheet.vtd.VtdRegister.CapUpper;
import dmakit.datasheet.vtd.VtdRegister.Ecap;
import dmakit.datasheet.vtd.VtdRegister.EventControl;
import dmakit.datasheet.vtd.VtdRegister.EventData;
import dmakit.datasheet.vtd.VtdRegister.Ver;
import dmakit.devicetree.Node;
import dmakit.devicetree.address.AddressRange;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import dmakit.kernel.iommu.Iommus;
import dmakit.kernel.irq.Irqs;
import dmakit.kernel.log.Log;
import dmakit.kernel.log.RateLimit;
import dmakit.kernel.mm.Mm;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.time.Clock;
import java.util.List;

/**
 * Binds remapping units; with {@code intel_iommu=on} they translate, otherwise everything passes
 * them. The node stands for the DMAR table of a PC's firmware.
 */
public final class VtdDriver implements PlatformDriver {
    /** What a unit is called in a device tree. */
    public static final String COMPATIBLE = "intel,vtd";

    private static final String FILE = "drivers/iommu/intel/dmar.c";

    /** Where messages go: the local APIC's window, by the architecture. */
    private static final int MESSAGE_ADDRESS = 0xfee0_0000;

    /** {@code DMAR_INCLUDE_ALL}: the unit is there for all functions nobody else is there for. */
    private static final int INCLUDE_ALL = 1;

    private static final int LEVELS_MIN = 3;
    private static final int LEVELS_MAX = 4;
    private static final int PHYS_BITS_DEFAULT = 39;
    private static final int PHYS_BITS_MAX = 52;

    private final Clock clock;
    private final Cpu cpu;
    private final Log log;
    private final Irqs irqs;
    private final Mm mm;
    private final Iommus iommus;
    private final VtdOptions options;
    private final UnitInfo.Observer observer;
    private int unitCount;

    /**
     * Creates the driver, to be registered with the platform bus.
     *
     * @param observer hears of the units that translate
     */
    public VtdDriver(
            Clock clock,
            Cpu cpu,
            Log log,
            Irqs irqs,
            Mm mm,
            Iommus iommus,
            VtdOptions options,
            UnitInfo.Observer observer) {
        this.clock = clock;
        this.cpu = cpu;
        this.log = log.prefixed("DMAR: ");
        this.irqs = irqs;
        this.mm = mm;
        this.iommus = iommus;
        this.options = options;
        this.observer = observer;
    }

    @Override
    public String name() {
        return "intel-iommu";
    }

    @Override
    public List<OfMatch> ofMatch() {
        return List.of(new OfMatch(COMPATIBLE));
    }

    @Override
    @Linux(file = "drivers/iommu/intel/iommu.c", symbol = "intel_iommu_init")
    public void probe(PlatformDevice platform) {
        Device device = platform.device();
        Node node = device.ofNode();
        if (node == null) {
            throw new KernelException(Errno.EINVAL, "%s has no node", device.name());
        }
        AddressRange range = platform.memory(0);
        if (range.size() < VtdRegister.SIZE) {
            throw new KernelException(
                    Errno.EINVAL, "%s has 0x%x bytes of registers", device.name(), range.size());
        }
        String name = "dmar" + unitCount++;
        mm.resources().request(range.start(), range.size(), name);
        device.devres().add(name, () -> mm.resources().release(range.start(), range.size()));
        long va = mm.io().ioremap(range.start(), range.size());
        device.devres().add("ioremap", () -> mm.io().iounmap(va));
        Registers registers = new Registers(cpu, va);
        int physBits =
                Math.min(
                        node.u32("intel,host-address-width").orElse(PHYS_BITS_DEFAULT),
                        PHYS_BITS_MAX);
        announce(name, range, registers, physBits);
        if (!options.enabled()) {
            iommus.leaveOff(node);
            return;
        }
        VtdUnit unit = start(platform, node, name, registers, physBits);
        show(unit, name, range, registers);
        log.info("Intel(R) Virtualization Technology for Directed I/O");
    }

    @Linux(file = FILE, symbol = "dmar_table_init")
    private void announce(String name, AddressRange range, Registers registers, int physBits) {
        log.info("Host address width %d", physBits);
        log.info("DRHD base: 0x%014x flags: 0x%x", range.start(), INCLUDE_ALL);
        log.info(
                "%s: reg_base_addr %x ver %s cap %x ecap %x",
                name,
                range.start(),
                versionOf(registers),
                registers.readq(VtdRegister.CAP),
                registers.readq(VtdRegister.ECAP));
    }

    private VtdUnit start(
            PlatformDevice platform, Node node, String name, Registers registers, int physBits) {
        Device device = platform.device();
        int levels = levelsOf(registers.readl(VtdRegister.CAP));
        if (levels < LEVELS_MIN || !Ecap.QI.isSet(registers.readl(VtdRegister.ECAP))) {
            iommus.leaveOff(node);
            throw new KernelException(Errno.ENODEV, "%s lacks what the driver needs", name);
        }
        log.info("No RMRR found");
        log.info("No ATSR found");
        log.info("No SATC found");
        QueuedInvalidation queue = new QueuedInvalidation(cpu, log, mm.pages(), registers);
        log.info("%s: Using Queued invalidation", name);
        VtdUnit unit =
                new VtdUnit(
                        device,
                        cpu,
                        log,
                        mm.pages(),
                        registers,
                        queue,
                        levels,
                        pageSizesOf(registers.readl(VtdRegister.CAP_UPPER)),
                        physBits);
        device.devres().add("translation", unit::close);
        reportFaults(platform, node, name, registers);
        unit.translate();
        iommus.register(unit);
        device.devres().add("iommu", () -> iommus.unregister(unit));
        return unit;
    }

    private void show(VtdUnit unit, String name, AddressRange range, Registers registers) {
        UnitInfo info =
                new UnitInfo(
                        name,
                        range.start(),
                        versionOf(registers),
                        registers.readq(VtdRegister.CAP),
                        registers.readq(VtdRegister.ECAP),
                        VtdUnit.DOMAIN_COUNT,
                        unit::domainCount);
        observer.started(info);
        unit.device().devres().add("files of " + name, () -> observer.stopped(info));
    }

    private static String versionOf(Registers registers) {
        int version = registers.readl(VtdRegister.VER);
        return Ver.MAJOR.get(version) + ":" + Ver.MINOR.get(version);
    }

    /** The deepest tables a unit has, of those the driver fills. */
    @Linux(file = "drivers/iommu/intel/iommu.c", symbol = "iommu_calculate_agaw")
    private static int levelsOf(int capabilities) {
        int depths = Cap.SAGAW.get(capabilities);
        int levels = LEVELS_MAX;
        while (levels >= LEVELS_MIN
                && (depths & (1 << (levels - ContextEntry.LEVELS_OF_AW_0))) == 0) {
            levels--;
        }
        return levels;
    }

    /** The sizes of pages a unit and the command line allow, as a bitmap. */
    @Linux(file = "drivers/iommu/intel/iommu.c", symbol = "domain_super_pgsize_bitmap")
    private long pageSizesOf(int capabilitiesUpper) {
        int large = options.largePages() ? CapUpper.SLLPS.get(capabilitiesUpper) : 0;
        long sizes = 1L << SecondLevelTables.shiftOf(1);
        for (int level = 2; level <= SecondLevelEntry.LARGE_LEVEL_MAX; level++) {
            if ((large & (1 << (level - 2))) != 0) {
                sizes |= 1L << SecondLevelTables.shiftOf(level);
            }
        }
        return sizes;
    }

    @Linux(file = FILE, symbol = "dmar_set_interrupt")
    private void reportFaults(
            PlatformDevice platform, Node node, String name, Registers registers) {
        if (platform.irqCount() == 0) {
            log.warn("%s: no interrupt, faults will not be reported", name);
            return;
        }
        Device device = platform.device();
        RateLimit limit = new RateLimit(clock, log);
        FaultReports reports = new FaultReports(registers, log, limit);
        int vector = node.property("interrupts").orElseThrow().cell(0);
        device.requestIrq(irqs, platform.irq(0), (irq, devId) -> reports.handle(), 0, name, device);
        registers.writel(VtdRegister.FEDATA, EventData.IMD.of(vector));
        registers.writel(VtdRegister.FEADDR, MESSAGE_ADDRESS);
        registers.writel(VtdRegister.FEUADDR, 0);
        registers.writel(VtdRegister.FECTL, EventControl.IM.of(0));
        device.devres()
                .add(
                        "fault event",
                        () -> registers.writel(VtdRegister.FECTL, EventControl.IM.of(1)));
    }
}
