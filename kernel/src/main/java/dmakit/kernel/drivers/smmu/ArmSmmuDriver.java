package dmakit.kernel.drivers.smmu;

import dmakit.devicetree.Node;
import dmakit.devicetree.address.AddressRange;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.KernelParameters;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import dmakit.kernel.iommu.Iommus;
import dmakit.kernel.irq.IrqFlags;
import dmakit.kernel.irq.Irqs;
import dmakit.kernel.log.Log;
import dmakit.kernel.log.RateLimit;
import dmakit.kernel.mm.Mm;
import dmakit.kernel.sched.Contexts;
import dmakit.machine.Machine;
import java.util.List;

/** Binds Arm's system MMUs of version 2 and offers them to the IOMMU core. */
public final class ArmSmmuDriver implements PlatformDriver {
    private static final String FILE = "drivers/iommu/arm/arm-smmu/arm-smmu.c";
    private static final String MMU_500 = "arm,mmu-500";

    private final Iommus iommus;
    private final ArmSmmu.Services services;
    private final Mm mm;

    /**
     * Creates the driver, to be registered with the platform bus before drivers of masters are.
     *
     * @param parameters {@code arm-smmu.disable_bypass}, which is on by default: streams that
     *     nobody attached do not get through
     */
    public ArmSmmuDriver(
            Machine machine,
            Log log,
            Contexts contexts,
            Irqs irqs,
            Mm mm,
            KernelParameters parameters,
            Iommus iommus) {
        this.iommus = iommus;
        this.mm = mm;
        boolean bypass = !parameters.flag("arm-smmu.disable_bypass").orElse(true);
        services =
                new ArmSmmu.Services(
                        machine.cpu(),
                        log,
                        irqs,
                        mm.pages(),
                        contexts,
                        bypass,
                        new RateLimit(machine.clock(), log),
                        new RateLimit(machine.clock(), log),
                        new RateLimit(machine.clock(), log));
    }

    @Override
    public String name() {
        return "arm-smmu";
    }

    @Override
    public List<OfMatch> ofMatch() {
        return List.of(new OfMatch("arm,smmu-v2"), new OfMatch(MMU_500));
    }

    @Override
    @Linux(file = FILE, symbol = "arm_smmu_device_probe")
    public void probe(PlatformDevice platform) {
        Device device = platform.device();
        Node node = device.ofNode();
        int globalIrqCount = node == null ? 0 : node.u32("#global-interrupts").orElse(0);
        if (node == null || globalIrqCount == 0) {
            services.log().devErr(device, "missing #global-interrupts property");
            throw new KernelException(Errno.ENODEV, "%s: no #global-interrupts", device.name());
        }
        AddressRange range = platform.memory(0);
        long va = mm.io().ioremap(range.start(), range.size());
        device.devres().add("ioremap", () -> mm.io().iounmap(va));
        int irqCount = platform.irqCount();
        if (irqCount <= globalIrqCount) {
            services.log()
                    .devErr(
                            device,
                            "found %d interrupts but expected at least %d",
                            irqCount,
                            globalIrqCount + 1);
            throw new KernelException(Errno.ENODEV, "%s: too few interrupts", device.name());
        }
        SmmuRegisters registers = new SmmuRegisters(services.cpu(), va);
        SmmuFeatures features = SmmuFeatures.probe(registers, device, services.log(), range.size());
        int[] contextIrqs = contextIrqs(platform, globalIrqCount, features.bankCount());
        ArmSmmu smmu = new ArmSmmu(services, device, registers, features, contextIrqs, iommus);
        for (int i = 0; i < globalIrqCount; i++) {
            device.requestIrq(
                    services.irqs(),
                    platform.irq(i),
                    (_, _) -> smmu.globalFault(),
                    IrqFlags.SHARED,
                    "arm-smmu global fault",
                    smmu);
        }
        smmu.reset(node.isCompatibleWith(MMU_500));
        device.driverData(smmu);
        iommus.register(smmu);
    }

    /** A bank has an interrupt to itself; those left over are ignored. */
    private int[] contextIrqs(PlatformDevice platform, int globalCount, int bankCount) {
        int count = platform.irqCount() - globalCount;
        if (bankCount > count) {
            services.log()
                    .devErr(
                            platform.device(),
                            "found only %d context irq(s) but %d required",
                            count,
                            bankCount);
            throw new KernelException(
                    Errno.ENODEV, "%s: too few context interrupts", platform.name());
        }
        int[] irqs = new int[bankCount];
        for (int i = 0; i < bankCount; i++) {
            irqs[i] = platform.irq(globalCount + i);
        }
        return irqs;
    }

    @Override
    @Linux(file = FILE, symbol = "arm_smmu_device_remove")
    public void remove(PlatformDevice platform) {
        if (platform.device().driverData() instanceof ArmSmmu smmu) {
            iommus.unregister(smmu);
            smmu.shutDown();
        }
    }
}
