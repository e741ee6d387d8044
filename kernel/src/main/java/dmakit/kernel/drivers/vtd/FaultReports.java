package dmakit.kernel.drivers.vtd;

import dmakit.datasheet.vtd.FaultReason;
import dmakit.datasheet.vtd.FaultRecord;
import dmakit.datasheet.vtd.VtdRegister;
import dmakit.datasheet.vtd.VtdRegister.Fsts;
import dmakit.kernel.Linux;
import dmakit.kernel.irq.IrqReturn;
import dmakit.kernel.log.Log;
import dmakit.kernel.log.RateLimit;
import org.jspecify.annotations.Nullable;

/** The handler of a unit's fault event: empties the fault records and says in the log what was. */
final class FaultReports {
    private static final String FILE = "drivers/iommu/intel/dmar.c";
    private static final int FUNCTION_BITS = 3;
    private static final int SLOT_MASK = 0x1f;

    private final Registers registers;
    private final Log log;
    private final RateLimit limit;

    FaultReports(Registers registers, Log log, RateLimit limit) {
        this.registers = registers;
        this.log = log;
        this.limit = limit;
    }

    @Linux(file = FILE, symbol = "dmar_fault")
    IrqReturn handle() {
        int status = registers.readl(VtdRegister.FSTS);
        if (status != 0 && limit.allows("dmar_fault")) {
            log.err("DRHD: handling fault status reg %x", status);
        }
        if (Fsts.PPF.isSet(status)) {
            empty(Fsts.FRI.get(status));
            registers.writel(VtdRegister.FSTS, Fsts.PFO.mask() | Fsts.PPF.mask());
        }
        return IrqReturn.HANDLED;
    }

    private void empty(int first) {
        int record = first;
        for (int i = 0; i <= registers.recordCount(); i++) {
            boolean told = limit.allows("dmar_fault");
            int at = record * FaultRecord.SIZE;
            int reason = registers.readRecord(at + FaultRecord.REASON.offset());
            if (!FaultRecord.Reason.F.isSet(reason)) {
                return;
            }
            int source = told ? registers.readRecord(at + FaultRecord.SOURCE.offset()) : 0;
            long low = told ? registers.readRecord(at + FaultRecord.FI.offset()) : 0;
            long high = told ? registers.readRecord(at + FaultRecord.FI_UPPER.offset()) : 0;
            registers.writeRecord(at + FaultRecord.REASON.offset(), FaultRecord.Reason.F.mask());
            if (told) {
                report(reason, source, (high << Integer.SIZE) | (low & 0xffff_ffffL));
            }
            record = (record + 1) % registers.recordCount();
        }
    }

    @Linux(file = FILE, symbol = "dmar_fault_do_one")
    private void report(int reason, int source, long address) {
        int sourceId = FaultRecord.Source.SID.get(source);
        int code = FaultRecord.Reason.FR.get(reason);
        log.err(
                "[%s NO_PASID] Request device [%02x:%02x.%d] fault addr 0x%x"
                        + " [fault reason 0x%02x] %s",
                FaultRecord.Reason.T1.isSet(reason) ? "DMA Read" : "DMA Write",
                sourceId >>> Byte.SIZE,
                (sourceId >>> FUNCTION_BITS) & SLOT_MASK,
                sourceId & ((1 << FUNCTION_BITS) - 1),
                address & -(1L << SecondLevelTables.LG2_PAGE),
                code,
                textOf(FaultReason.of(code)));
    }

    @Linux(file = FILE, symbol = "dma_remap_fault_reasons")
    private static String textOf(@Nullable FaultReason reason) {
        if (reason == null) {
            return "Unknown";
        }
        return switch (reason) {
            case ROOT_NOT_PRESENT -> "Present bit in root entry is clear";
            case CONTEXT_NOT_PRESENT -> "Present bit in context entry is clear";
            case CONTEXT_INVALID -> "Invalid context entry";
            case ADDRESS_BEYOND_WIDTH -> "Access beyond MGAW";
            case WRITE_NOT_ALLOWED -> "PTE Write access is not set";
            case READ_NOT_ALLOWED -> "PTE Read access is not set";
            case TABLE_UNREACHABLE -> "Next page table ptr is invalid";
            case ROOT_UNREACHABLE -> "Root table address invalid";
            case CONTEXT_UNREACHABLE -> "Context table ptr is invalid";
            case ROOT_RESERVED -> "non-zero reserved fields in RTP";
            case CONTEXT_RESERVED -> "non-zero reserved fields in CTP";
            case ENTRY_RESERVED -> "non-zero reserved fields in PTE";
            case TRANSLATED_BLOCKED -> "PCE for translation request specifies blocking";
        };
    }
}
