package dmakit.kernel.drivers.smmu;

import dmakit.datasheet.smmu.ContextBankRegister;
import dmakit.datasheet.smmu.ContextBankRegister.Actlr;
import dmakit.datasheet.smmu.ContextBankRegister.Tlbstatus;
import dmakit.datasheet.smmu.GlobalRegister;
import dmakit.datasheet.smmu.GlobalRegister.Acr;
import dmakit.datasheet.smmu.GlobalRegister.Cr0;
import dmakit.datasheet.smmu.GlobalRegister.Gfsr;
import dmakit.datasheet.smmu.GlobalRegister.Gfsynr1;
import dmakit.datasheet.smmu.GlobalRegister.Idr7;
import dmakit.devicetree.Node;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.iommu.IommuDriver;
import dmakit.kernel.iommu.IommuProt;
import dmakit.kernel.iommu.Iommus;
import dmakit.kernel.iommu.PagingDomain;
import dmakit.kernel.iommu.ReservedRegion;
import dmakit.kernel.irq.IrqReturn;
import dmakit.kernel.irq.Irqs;
import dmakit.kernel.log.Log;
import dmakit.kernel.log.RateLimit;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.sched.Contexts;
import dmakit.machine.cpu.Cpu;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One SMMU: its masters' streams, and its context banks. */
@Linux(file = "drivers/iommu/arm/arm-smmu/arm-smmu.c", symbol = "arm_smmu_device")
final class ArmSmmu implements IommuDriver {
    /** Where a doorbell for message interrupts would be mapped ({@code MSI_IOVA_BASE}). */
    private static final ReservedRegion SOFTWARE_MSI =
            new ReservedRegion(
                    0x800_0000,
                    0x10_0000,
                    IommuProt.WRITE | IommuProt.NOEXEC | IommuProt.MMIO,
                    ReservedRegion.Kind.SOFTWARE_MSI);

    private static final String FILE = "drivers/iommu/arm/arm-smmu/arm-smmu.c";

    /** Looks at a status register before the CPU waits in between. */
    private static final int SPIN_COUNT = 10;

    private static final int LOOP_TIMEOUT_US = 1_000_000;
    private static final long PS_PER_US = 1_000_000;

    private static final int ID_MASK = 0xffff;

    /** The first revision of an MMU-500 whose auxiliary registers are locked. */
    private static final int REVISION_LOCKED = 2;

    /**
     * What all SMMUs of a kernel share.
     *
     * @param bypass whether streams go through that nobody attached
     */
    record Services(
            Cpu cpu,
            Log log,
            Irqs irqs,
            PageAllocator pages,
            Contexts contexts,
            boolean bypass,
            RateLimit contextFaults,
            RateLimit globalFaults,
            RateLimit timeouts) {}

    private final Services services;
    private final Device device;
    private final SmmuRegisters registers;
    private final SmmuFeatures features;
    private final int[] contextIrqs;
    private final Iommus iommus;
    private final StreamMap streams;
    private final BitSet banksTaken = new BitSet();

    /** The stream match groups of each master, one for each of its ids. */
    private final Map<Device, List<Integer>> masters = new LinkedHashMap<>();

    /**
     * Takes an SMMU over.
     *
     * @param contextIrqs the interrupts for context faults, as many as there are banks at least
     */
    ArmSmmu(
            Services services,
            Device device,
            SmmuRegisters registers,
            SmmuFeatures features,
            int[] contextIrqs,
            Iommus iommus) {
        this.services = services;
        this.device = device;
        this.registers = registers;
        this.features = features;
        this.contextIrqs = contextIrqs.clone();
        this.iommus = iommus;
        streams =
                new StreamMap(
                        registers,
                        features.groupCount(),
                        features.streamIdBits(),
                        services.bypass() ? GlobalRegister.TYPE_BYPASS : GlobalRegister.TYPE_FAULT);
    }

    // The hardware.

    /** Brings it from whatever state it is in to one in which it serves. */
    @Linux(file = FILE, symbol = "arm_smmu_device_reset")
    void reset(boolean isMmu500) {
        registers.write(GlobalRegister.GFSR, registers.read(GlobalRegister.GFSR));
        streams.writeAll();
        for (int bank = 0; bank < features.bankCount(); bank++) {
            registers.write(ContextBankRegister.SCTLR, bank, 0);
            registers.write(ContextBankRegister.FSR, bank, ContextBankRegister.FSR.writableMask());
        }
        registers.write(GlobalRegister.TLBIALLH, -1);
        registers.write(GlobalRegister.TLBIALLNSNH, -1);
        int control = registers.read(GlobalRegister.CR0);
        control |= Cr0.GFRE.mask() | Cr0.GFIE.mask() | Cr0.GCFGFRE.mask() | Cr0.GCFGFIE.mask();
        control |= Cr0.VMIDPNE.mask() | Cr0.PTM.mask();
        control = Cr0.USFCFG.with(control, !services.bypass());
        control &= ~(Cr0.CLIENTPD.mask() | Cr0.FB.mask() | Cr0.BSU.mask());
        if (isMmu500) {
            resetMmu500();
        }
        synchronise(
                registers.address(GlobalRegister.TLBGSYNC),
                registers.address(GlobalRegister.TLBGSTATUS));
        registers.write(GlobalRegister.CR0, control);
    }

    @Linux(file = "drivers/iommu/arm/arm-smmu/arm-smmu-impl.c", symbol = "arm_mmu500_reset")
    private void resetMmu500() {
        int auxiliary = registers.read(GlobalRegister.ACR);
        if (Idr7.MAJOR.get(registers.read(GlobalRegister.IDR7)) >= REVISION_LOCKED) {
            auxiliary = Acr.CACHE_LOCK.with(auxiliary, false);
        }
        auxiliary |= Acr.SMTNMB_TLBEN.mask() | Acr.S2CRB_TLBEN.mask();
        registers.write(GlobalRegister.ACR, auxiliary);
        for (int bank = 0; bank < features.bankCount(); bank++) {
            int control = registers.read(ContextBankRegister.ACTLR, bank);
            registers.write(ContextBankRegister.ACTLR, bank, Actlr.CPRE.with(control, false));
        }
    }

    /** Lets everything through again, as before the driver came. */
    @Linux(file = FILE, symbol = "arm_smmu_device_shutdown")
    void shutDown() {
        registers.write(GlobalRegister.CR0, Cr0.CLIENTPD.mask());
    }

    /**
     * Starts a synchronisation, and waits until it is over.
     *
     * @param sync address of the register that starts it
     * @param status address of the one that says whether it is under way
     */
    @Linux(file = FILE, symbol = "__arm_smmu_tlb_sync")
    void synchronise(long sync, long status) {
        Cpu cpu = services.cpu();
        cpu.store32(sync, -1);
        for (int delayUs = 1; delayUs < LOOP_TIMEOUT_US; delayUs *= 2) {
            for (int spin = 0; spin < SPIN_COUNT; spin++) {
                // The same bit in TLBGSTATUS and in a bank's TLBSTATUS.
                if (!Tlbstatus.SACTIVE.isSet(cpu.load32(status))) {
                    return;
                }
            }
            cpu.spend(delayUs * PS_PER_US);
        }
        if (services.timeouts().allows("__arm_smmu_tlb_sync")) {
            log().devErr(device, "TLB sync timed out -- SMMU may be deadlocked");
        }
    }

    /** A stream went wrong before any tables had a say. */
    @Linux(file = FILE, symbol = "arm_smmu_global_fault")
    IrqReturn globalFault() {
        int gfsr = registers.read(GlobalRegister.GFSR);
        int gfsynr0 = registers.read(GlobalRegister.GFSYNR0);
        int gfsynr1 = registers.read(GlobalRegister.GFSYNR1);
        int gfsynr2 = registers.read(GlobalRegister.GFSYNR2);
        if (gfsr == 0) {
            return IrqReturn.NONE;
        }
        if (services.globalFaults().allows("arm_smmu_global_fault")) {
            if (Gfsr.USF.isSet(gfsr)) {
                log().devErr(
                                device,
                                "Blocked unknown Stream ID 0x%x; boot with"
                                        + " \"arm-smmu.disable_bypass=0\" to allow, but this may"
                                        + " have security implications",
                                Gfsynr1.STREAMID.get(gfsynr1));
            } else {
                log().devErr(device, "Unexpected global fault, this could be serious");
            }
            log().devErr(
                            device,
                            "\tGFSR 0x%08x, GFSYNR0 0x%08x, GFSYNR1 0x%08x, GFSYNR2 0x%08x",
                            gfsr,
                            gfsynr0,
                            gfsynr1,
                            gfsynr2);
        }
        registers.write(GlobalRegister.GFSR, gfsr);
        return IrqReturn.HANDLED;
    }

    // Masters.

    @Override
    public Device device() {
        return device;
    }

    /**
     * The first cell is the stream id; the second says which bits of it do not count, or else
     * {@code stream-match-mask} does.
     */
    @Override
    @Linux(file = FILE, symbol = "arm_smmu_of_xlate")
    public void probe(Device master, int[] id) {
        int stream = id.length == 0 ? 0 : id[0] & ID_MASK;
        int mask = (id.length > 1 ? id[1] : maskOfAll()) & ID_MASK;
        if ((stream & ~streams.idMask()) != 0) {
            log().devErr(
                            master,
                            "stream ID 0x%x out of range for SMMU (0x%x)",
                            stream,
                            streams.idMask());
            throw new KernelException(Errno.EINVAL, "%s has no stream 0x%x", device, stream);
        }
        if ((mask & ~streams.maskMask()) != 0) {
            log().devErr(
                            master,
                            "SMR mask 0x%x out of range for SMMU (0x%x)",
                            mask,
                            streams.maskMask());
            throw new KernelException(Errno.EINVAL, "%s has no mask 0x%x", device, mask);
        }
        int group = streams.take(stream, mask);
        masters.computeIfAbsent(master, _ -> new ArrayList<>()).add(group);
        streams.write(group);
    }

    private int maskOfAll() {
        Node node = device.ofNode();
        return node == null ? 0 : node.u32("stream-match-mask").orElse(0);
    }

    @Override
    @Linux(file = FILE, symbol = "arm_smmu_release_device")
    public void release(Device master) {
        List<Integer> groups = masters.remove(master);
        if (groups != null) {
            groups.forEach(streams::give);
        }
    }

    /** Masters share a group when they share streams. */
    @Override
    @Linux(file = "drivers/iommu/arm/arm-smmu/arm-smmu.c", symbol = "arm_smmu_get_resv_regions")
    public List<ReservedRegion> reservedRegions(Device master) {
        return List.of(SOFTWARE_MSI);
    }

    @Override
    @Linux(file = FILE, symbol = "arm_smmu_device_group")
    public Object groupOf(Device master) {
        Object key = null;
        for (int group : groupsOf(master)) {
            Object known = streams.key(group);
            if (known != null && key != null && !known.equals(key)) {
                throw new KernelException(
                        Errno.EINVAL, "streams of %s belong to two groups", master.name());
            }
            key = known == null ? key : known;
        }
        Object shared = key == null ? master : key;
        groupsOf(master).forEach(group -> streams.key(group, shared));
        return shared;
    }

    private List<Integer> groupsOf(Device master) {
        return masters.getOrDefault(master, List.of());
    }

    @Override
    @Linux(file = FILE, symbol = "arm_smmu_domain_alloc_paging")
    public PagingDomain allocPaging(Device master) {
        return new ArmSmmuDomain(this);
    }

    @Override
    @Linux(file = FILE, symbol = "arm_smmu_attach_dev")
    public void attach(Device master, PagingDomain domain) {
        if (!(domain instanceof ArmSmmuDomain own) || !own.smmu().equals(this)) {
            throw new KernelException(Errno.EINVAL, "the domain is not one of %s", device.name());
        }
        own.start();
        send(master, GlobalRegister.TYPE_TRANSLATE, own.bank());
    }

    @Override
    @Linux(file = FILE, symbol = "arm_smmu_attach_dev_identity")
    public void attachIdentity(Device master) {
        send(master, GlobalRegister.TYPE_BYPASS, 0);
    }

    @Override
    @Linux(file = FILE, symbol = "arm_smmu_attach_dev_blocked")
    public void attachBlocked(Device master) {
        send(master, GlobalRegister.TYPE_FAULT, 0);
    }

    @Linux(file = FILE, symbol = "arm_smmu_master_install_s2crs")
    private void send(Device master, int type, int bank) {
        for (int group : groupsOf(master)) {
            streams.send(group, type, bank);
        }
    }

    // For domains.

    /**
     * Takes a context bank.
     *
     * @throws KernelException ENOSPC when none is free
     */
    int takeBank() {
        int bank = banksTaken.nextClearBit(0);
        if (bank >= features.bankCount()) {
            throw new KernelException(
                    Errno.ENOSPC, "all %d context banks are taken", features.bankCount());
        }
        banksTaken.set(bank);
        return bank;
    }

    void giveBank(int bank) {
        banksTaken.clear(bank);
    }

    int irqOf(int bank) {
        return contextIrqs[bank];
    }

    boolean mayLogContextFault() {
        return services.contextFaults().allows("arm_smmu_context_fault");
    }

    Iommus iommus() {
        return iommus;
    }

    SmmuFeatures features() {
        return features;
    }

    SmmuRegisters registers() {
        return registers;
    }

    Services services() {
        return services;
    }

    Log log() {
        return services.log();
    }
}
