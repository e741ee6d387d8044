package dmakit.kernel.drivers.vtd;

import dmakit.datasheet.vtd.ContextInvalidation;
import dmakit.datasheet.vtd.InvalidationWait;
import dmakit.datasheet.vtd.IotlbInvalidation;
import dmakit.datasheet.vtd.VtdRegister;
import dmakit.datasheet.vtd.VtdRegister.CapUpper;
import dmakit.datasheet.vtd.VtdRegister.Fsts;
import dmakit.datasheet.vtd.VtdRegister.Gcmd;
import dmakit.datasheet.vtd.VtdRegister.Iqercd;
import dmakit.kernel.Linux;
import dmakit.kernel.log.Log;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.PageAllocator;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;

/**
 * The invalidation queue of one unit, one page long. Each command is followed by a wait descriptor,
 * and a call returns when the unit has written that one's status.
 */
final class QueuedInvalidation {
    private static final String FILE = "drivers/iommu/intel/dmar.c";

    /** {@code QI_LENGTH}: descriptors of a queue of one page. */
    static final int LENGTH = AddressLayout.PAGE_BYTES / VtdRegister.DESCRIPTOR_BYTES;

    private static final int LG2_DESCRIPTOR = 4;

    /** {@code QI_IN_USE} and {@code QI_DONE}. */
    private static final int IN_USE = 1;

    private static final int DONE = 2;

    /** Looks at a status; the unit takes a fraction of a microsecond, a look about as long. */
    private static final int LOOKS_MAX = 1_000_000;

    private static final long WORD = 0xffff_ffffL;

    private static final long WAIT =
            InvalidationWait.Command.TYPE.of(InvalidationWait.TYPE)
                    | InvalidationWait.Command.SW.of(1)
                    | ((long) DONE << Integer.SIZE);

    private static final int IOTLB =
            IotlbInvalidation.Command.TYPE.of(IotlbInvalidation.TYPE)
                    | IotlbInvalidation.Command.DR.of(1)
                    | IotlbInvalidation.Command.DW.of(1);

    private final Cpu cpu;
    private final Log log;
    private final PageAllocator pages;
    private final Registers registers;
    private final long queue;
    private final long status;
    private final int lg2PagesMax;
    private int head;

    /**
     * Makes an empty queue and hands it to the unit.
     *
     * @throws dmakit.kernel.KernelException ENOMEM
     */
    @Linux(file = FILE, symbol = "dmar_enable_qi")
    QueuedInvalidation(Cpu cpu, Log log, PageAllocator pages, Registers registers) {
        this.cpu = cpu;
        this.log = log;
        this.pages = pages;
        this.registers = registers;
        queue = TablePages.allocate(cpu, pages, Gfp.ATOMIC);
        status = TablePages.allocate(cpu, pages, Gfp.ATOMIC);
        lg2PagesMax = CapUpper.MAMV.get(registers.readl(VtdRegister.CAP_UPPER));
        registers.writel(VtdRegister.IQT, 0);
        registers.writeq(VtdRegister.IQA, queue);
        registers.enable(Gcmd.QIE, true);
    }

    /** Takes the queue back. */
    @Linux(file = FILE, symbol = "dmar_disable_qi")
    void close() {
        registers.enable(Gcmd.QIE, false);
        pages.give(queue, 0);
        pages.give(status, 0);
    }

    // Commands.

    /** Forgets all contexts. */
    @Linux(file = FILE, symbol = "qi_flush_context")
    void flushContexts() {
        submit(context(ContextInvalidation.GLOBAL, 0), 0);
    }

    /** Forgets the context of one function, of the domain it was in. */
    @Linux(file = FILE, symbol = "qi_flush_context")
    void flushContext(int domain, int sourceId) {
        long source = ContextInvalidation.Source.SID.of(sourceId) & WORD;
        long command = context(ContextInvalidation.DEVICE, domain) & WORD;
        submit(command | (source << Integer.SIZE), 0);
    }

    private static int context(int granularity, int domain) {
        return ContextInvalidation.Command.TYPE.of(ContextInvalidation.TYPE)
                | ContextInvalidation.Command.G.of(granularity)
                | ContextInvalidation.Command.DID.of(domain);
    }

    /** Forgets all translations. */
    @Linux(file = FILE, symbol = "qi_flush_iotlb")
    void flushIotlb() {
        submit(iotlb(IotlbInvalidation.GLOBAL, 0), 0);
    }

    /** Forgets the translations of a domain. */
    @Linux(file = FILE, symbol = "qi_flush_iotlb")
    void flushDomain(int domain) {
        submit(iotlb(IotlbInvalidation.DOMAIN, domain), 0);
    }

    /**
     * Forgets the translations of a range; or, where that needs too large a block, of the domain.
     *
     * @param start first address
     * @param last last address, inclusive
     * @param leavesOnly whether all tables are still in place
     */
    @Linux(file = "drivers/iommu/intel/cache.c", symbol = "cache_tag_flush_range")
    void flushRange(int domain, long start, long last, boolean leavesOnly) {
        int lg2Bytes = Long.SIZE - Long.numberOfLeadingZeros(start ^ last);
        int lg2Pages = Math.max(0, lg2Bytes - SecondLevelTables.LG2_PAGE);
        if (lg2Pages > lg2PagesMax) {
            flushDomain(domain);
            return;
        }
        int hints = IotlbInvalidation.Address.IH.with(lg2Pages, leavesOnly);
        long block = start & -(1L << (lg2Pages + SecondLevelTables.LG2_PAGE));
        submit(iotlb(IotlbInvalidation.PAGES, domain), block | hints);
    }

    private static long iotlb(int granularity, int domain) {
        int command =
                IOTLB
                        | IotlbInvalidation.Command.G.of(granularity)
                        | IotlbInvalidation.Command.DID.of(domain);
        return command & WORD;
    }

    // The queue.

    /** Has one command carried out. */
    @Linux(file = FILE, symbol = "qi_submit_sync")
    private void submit(long low, long high) {
        boolean interrupts = cpu.disableInterrupts();
        int index = head;
        int waitIndex = (index + 1) % LENGTH;
        long statusAt = status + (long) waitIndex * Integer.BYTES;
        cpu.store32(AddressLayout.LINEAR_BASE + statusAt, IN_USE);
        put(index, low, high);
        put(waitIndex, WAIT, statusAt);
        head = (index + 2) % LENGTH;
        registers.writel(VtdRegister.IQT, head << LG2_DESCRIPTOR);
        await(AddressLayout.LINEAR_BASE + statusAt, index, waitIndex);
        cpu.restoreInterrupts(interrupts);
    }

    private void put(int index, long low, long high) {
        long at = addressOf(index);
        cpu.store64(at, low);
        cpu.store64(at + Long.BYTES, high);
    }

    private long addressOf(int index) {
        return AddressLayout.LINEAR_BASE + queue + ((long) index << LG2_DESCRIPTOR);
    }

    private void await(long statusAt, int index, int waitIndex) {
        int looks = 0;
        while (cpu.load32(statusAt) != DONE) {
            if (!isGoingOn(index, waitIndex)) {
                return;
            }
            if (looks++ == LOOKS_MAX) {
                throw new IllegalStateException("DMAR hardware is malfunctioning");
            }
        }
    }

    /**
     * Whether the queue moves. One that stands still at a bad command goes on behind it: the wait
     * descriptor takes its place.
     */
    @Linux(file = FILE, symbol = "qi_check_fault")
    private boolean isGoingOn(int index, int waitIndex) {
        if (!Fsts.IQE.isSet(registers.readl(VtdRegister.FSTS))) {
            return true;
        }
        int stopped = registers.readl(VtdRegister.IQH) >>> LG2_DESCRIPTOR;
        log.err(
                "VT-d detected Invalidation Queue Error: Reason %x",
                Iqercd.IQEI.get(registers.readl(VtdRegister.IQERCD)));
        report("HEAD", stopped);
        report("PRIOR", (stopped + LENGTH - 1) % LENGTH);
        if (stopped == index) {
            put(index, cpu.load64(addressOf(waitIndex)), cpu.load64(addressOf(waitIndex) + 8));
        }
        registers.writel(VtdRegister.FSTS, Fsts.IQE.mask());
        log.info("Invalidation Queue Error (IQE) cleared");
        return stopped != index;
    }

    @Linux(file = FILE, symbol = "qi_dump_fault")
    private void report(String what, int index) {
        long low = cpu.load64(addressOf(index));
        log.err(
                "QI %s: %s qw0 = 0x%x, qw1 = 0x%x",
                what, typeOf((int) low), low, cpu.load64(addressOf(index) + Long.BYTES));
    }

    @Linux(file = FILE, symbol = "qi_type_string")
    private static String typeOf(int command) {
        return switch (IotlbInvalidation.Command.TYPE.get(command)) {
            case ContextInvalidation.TYPE -> "Context-cache Invalidation";
            case IotlbInvalidation.TYPE -> "IOTLB Invalidation";
            case InvalidationWait.TYPE -> "Invalidation Wait";
            default -> "UNKNOWN";
        };
    }
}
