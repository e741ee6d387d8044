package dmakit.kernel.drivers.smmu;

import dmakit.datasheet.smmu.ContextAttributeRegister;
import dmakit.datasheet.smmu.ContextAttributeRegister.Cba2r;
import dmakit.datasheet.smmu.ContextAttributeRegister.Cbar;
import dmakit.datasheet.smmu.ContextBankRegister;
import dmakit.datasheet.smmu.ContextBankRegister.Fsynr0;
import dmakit.datasheet.smmu.ContextBankRegister.Mair;
import dmakit.datasheet.smmu.ContextBankRegister.Sctlr;
import dmakit.datasheet.smmu.ContextBankRegister.Tcr;
import dmakit.datasheet.smmu.ContextBankRegister.Tcr2;
import dmakit.datasheet.smmu.ContextBankRegister.TtbrHigh;
import dmakit.datasheet.smmu.LongDescriptor;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.iommu.IommuFaultHandler;
import dmakit.kernel.iommu.IotlbGather;
import dmakit.kernel.iommu.PagingDomain;
import dmakit.kernel.irq.IrqFlags;
import dmakit.kernel.irq.IrqReturn;
import dmakit.kernel.mm.Gfp;
import dmakit.machine.cpu.Cpu;

/**
 * Page tables with the context bank that walks them, from the first attachment on. The number of
 * the bank is the ASID.
 */
@Linux(file = "drivers/iommu/arm/arm-smmu/arm-smmu.c", symbol = "arm_smmu_domain")
final class ArmSmmuDomain implements PagingDomain {
    private static final String FILE = "drivers/iommu/arm/arm-smmu/arm-smmu.c";

    /** Pages that are invalidated one by one; for more all of the domain goes. */
    static final int PAGE_COUNT_MAX = 256;

    private static final int NO_BANK = -1;
    private static final int ASID_SHIFT = 48;

    /** What the indexes of {@link LongPageTables} mean. */
    private static final int MAIR_NON_CACHEABLE = 0x44;

    private static final int MAIR_WRITE_BACK = 0xff;
    private static final int MAIR_DEVICE = 0x04;
    private static final int MAIR_INNER_NON_CACHEABLE = 0xf4;

    /** TCR's shareability and cacheability of walks that snoop. */
    private static final int WRITE_BACK_ALLOCATE = 1;

    private static final int PASIZE_48 = 5;

    private final ArmSmmu smmu;
    private final SmmuRegisters registers;
    private final Cpu cpu;
    private final boolean coherentWalk;
    private final LongPageTables tables;
    private int bank = NO_BANK;
    private long bankVa;

    ArmSmmuDomain(ArmSmmu smmu) {
        this.smmu = smmu;
        registers = smmu.registers();
        cpu = smmu.services().cpu();
        coherentWalk = smmu.features().coherentWalk();
        tables =
                new LongPageTables(
                        cpu,
                        smmu.services().pages(),
                        smmu.services().contexts(),
                        coherentWalk,
                        smmu.features().vaBits(),
                        this::flushWalk);
    }

    ArmSmmu smmu() {
        return smmu;
    }

    /** The context bank; there is one from {@link #start} on. */
    int bank() {
        return bank;
    }

    /**
     * Gives the tables a context bank, unless they have one.
     *
     * @throws KernelException ENOSPC when none is free
     */
    @Linux(file = FILE, symbol = "arm_smmu_init_domain_context")
    void start() {
        if (bank != NO_BANK) {
            return;
        }
        bank = smmu.takeBank();
        bankVa = registers.bank(bank);
        writeBank();
        int irq = smmu.irqOf(bank);
        try {
            smmu.services()
                    .irqs()
                    .request(
                            irq,
                            (_, _) -> contextFault(),
                            IrqFlags.SHARED,
                            "arm-smmu-context-fault",
                            this);
        } catch (KernelException e) {
            smmu.log().devErr(smmu.device(), "failed to request context IRQ %d (%d)", bank, irq);
        }
    }

    @Linux(file = FILE, symbol = "arm_smmu_write_context_bank")
    private void writeBank() {
        registers.write(ContextAttributeRegister.CBA2R, bank, Cba2r.VA64.of(1));
        int attributes =
                Cbar.TYPE.of(ContextAttributeRegister.TYPE_STAGE_1)
                        | Cbar.MEMATTR.of(ContextAttributeRegister.MEMATTR_WRITE_BACK)
                        | Cbar.BPSHCFG.of(ContextAttributeRegister.BPSHCFG_NOT_SHARED);
        registers.write(ContextAttributeRegister.CBAR, bank, attributes);
        int sizes = Tcr2.SEP.of(ContextBankRegister.SEP_UPSTREAM) | Tcr2.PASIZE.of(PASIZE_48);
        registers.write(ContextBankRegister.TCR2, bank, Tcr2.AS.with(sizes, true));
        registers.write(ContextBankRegister.TCR, bank, controlOfWalks());
        long asid = (long) TtbrHigh.ASID.of(bank) << Integer.SIZE;
        registers.writeDouble(ContextBankRegister.TTBR0, bank, asid | tables.root());
        registers.writeDouble(ContextBankRegister.TTBR1, bank, asid);
        int types =
                Mair.ATTR0.of(MAIR_NON_CACHEABLE)
                        | Mair.ATTR1.of(MAIR_WRITE_BACK)
                        | Mair.ATTR2.of(MAIR_DEVICE)
                        | Mair.ATTR3.of(MAIR_INNER_NON_CACHEABLE);
        registers.write(ContextBankRegister.MAIR0, bank, types);
        registers.write(ContextBankRegister.MAIR1, bank, 0);
        int control =
                Sctlr.CFIE.mask()
                        | Sctlr.CFRE.mask()
                        | Sctlr.AFE.mask()
                        | Sctlr.TRE.mask()
                        | Sctlr.ASIDPNE.mask()
                        | Sctlr.M.mask();
        registers.write(ContextBankRegister.SCTLR, bank, control);
    }

    @Linux(file = "drivers/iommu/arm/arm-smmu/arm-smmu.h", symbol = "arm_smmu_lpae_tcr")
    private int controlOfWalks() {
        int control =
                Tcr.EPD1.mask()
                        | Tcr.TG0.of(ContextBankRegister.TG0_4K)
                        | Tcr.T0SZ.of(Long.SIZE - tables.bits());
        return coherentWalk
                ? control
                        | Tcr.SH0.of(LongDescriptor.SH_INNER)
                        | Tcr.ORGN0.of(WRITE_BACK_ALLOCATE)
                        | Tcr.IRGN0.of(WRITE_BACK_ALLOCATE)
                : control | Tcr.SH0.of(LongDescriptor.SH_OUTER);
    }

    // The tables.

    @Override
    public long pageSizes() {
        return LongPageTables.PAGE_SIZES;
    }

    @Override
    public long apertureLast() {
        return (1L << tables.bits()) - 1;
    }

    @Override
    public long physLast() {
        return (1L << smmu.features().paBits()) - 1;
    }

    @Override
    public long mapPages(long iova, long phys, long pageSize, long count, int prot, Gfp gfp) {
        return tables.map(iova, phys, pageSize, count, prot, gfp);
    }

    @Override
    public int lastError() {
        return tables.lastError();
    }

    @Override
    public long unmapPages(long iova, long pageSize, long count, IotlbGather gather) {
        return tables.unmap(iova, pageSize, count, gather);
    }

    @Override
    public long iovaToPhys(long iova) {
        return tables.iovaToPhys(iova);
    }

    @Override
    public void freeTable(long phys) {
        tables.freeTable(phys);
    }

    @Override
    @Linux(file = FILE, symbol = "arm_smmu_destroy_domain_context")
    public void free() {
        if (bank != NO_BANK) {
            registers.write(ContextBankRegister.SCTLR, bank, 0);
            smmu.services().irqs().free(smmu.irqOf(bank), this);
            flushAll();
            smmu.giveBank(bank);
            bank = NO_BANK;
        }
        tables.free();
    }

    // Invalidation.

    @Override
    @Linux(file = FILE, symbol = "arm_smmu_iotlb_sync")
    public void sync(IotlbGather gather) {
        if (bank == NO_BANK || gather.isEmpty()) {
            return;
        }
        long size = gather.last() - gather.start() + 1;
        ContextBankRegister operation =
                gather.tableCount() == 0 ? ContextBankRegister.TLBIVAL : ContextBankRegister.TLBIVA;
        invalidate(operation, gather.start(), size, gather.pageSize());
        waitUntilInvalidated();
    }

    @Override
    @Linux(file = FILE, symbol = "arm_smmu_tlb_inv_context_s1")
    public void flushAll() {
        if (bank != NO_BANK) {
            // Descriptors are in memory before what was made of them goes.
            cpu.storeBarrier();
            invalidateAsid();
            waitUntilInvalidated();
        }
    }

    @Linux(file = FILE, symbol = "arm_smmu_tlb_inv_walk_s1")
    private void flushWalk(long iova, long size, long granule) {
        if (bank != NO_BANK) {
            invalidate(ContextBankRegister.TLBIVA, iova, size, granule);
            waitUntilInvalidated();
        }
    }

    @Linux(file = FILE, symbol = "arm_smmu_tlb_inv_range_s1")
    private void invalidate(ContextBankRegister operation, long iova, long size, long granule) {
        if (coherentWalk) {
            cpu.storeBarrier();
        }
        long pageCount = size >>> Long.numberOfTrailingZeros(granule);
        if (pageCount > PAGE_COUNT_MAX) {
            invalidateAsid();
            return;
        }
        long register = bankVa + operation.offset();
        long asid = (long) bank << ASID_SHIFT;
        for (long i = 0; i < pageCount; i++) {
            cpu.store64(register, ((iova + i * granule) >>> LongDescriptor.LG2_PAGE) | asid);
        }
    }

    private void invalidateAsid() {
        cpu.store32(bankVa + ContextBankRegister.TLBIASID.offset(), bank);
    }

    @Linux(file = FILE, symbol = "arm_smmu_tlb_sync_context")
    private void waitUntilInvalidated() {
        smmu.synchronise(
                bankVa + ContextBankRegister.TLBSYNC.offset(),
                bankVa + ContextBankRegister.TLBSTATUS.offset());
    }

    // Faults.

    @Linux(file = FILE, symbol = "arm_smmu_context_fault")
    private IrqReturn contextFault() {
        int fsr = registers.read(ContextBankRegister.FSR, bank);
        if (fsr == 0) {
            return IrqReturn.NONE;
        }
        long iova = registers.readDouble(ContextBankRegister.FAR, bank);
        int fsynr = registers.read(ContextBankRegister.FSYNR0, bank);
        int cbfrsynra = registers.read(ContextAttributeRegister.CBFRSYNRA, bank);
        int flags = Fsynr0.WNR.isSet(fsynr) ? IommuFaultHandler.WRITE : IommuFaultHandler.READ;
        int answer = smmu.iommus().reportFault(this, null, iova, flags);
        if (answer == -Errno.ENOSYS.number() && smmu.mayLogContextFault()) {
            smmu.log()
                    .devErr(
                            smmu.device(),
                            "Unhandled context fault: fsr=0x%x, iova=0x%08x, fsynr=0x%x,"
                                    + " cbfrsynra=0x%x, cb=%d",
                            fsr,
                            iova,
                            fsynr,
                            cbfrsynra,
                            bank);
        }
        registers.write(ContextBankRegister.FSR, bank, fsr);
        return IrqReturn.HANDLED;
    }
}
