package dmakit.kernel.iommu;

import dmakit.kernel.Linux;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.KernelTimer;
import dmakit.kernel.sync.Timers;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.Purpose;
import java.util.Arrays;

/**
 * Addresses that were unmapped and that the IOMMU may still translate: they are given back after it
 * has forgotten everything, which is when the ring is full, and 10 ms after the first came in.
 *
 * <p>Until then a device reaches what it should not. That is the price of lazy invalidation.
 */
@Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iova_fq")
final class FlushQueue {
    /** Entries of the ring; one of them is always empty. */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "IOVA_DEFAULT_FQ_SIZE")
    static final int SIZE = 256;

    /** How long addresses wait at most, in milliseconds. */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "IOVA_DEFAULT_FQ_TIMEOUT")
    static final int TIMEOUT_MS = 10;

    private static final long[] NO_TABLES = {};

    private final Cpu cpu;
    private final PagingDomain tables;
    private final IovaDomain iovas;
    private final KernelTimer timer;
    private final Jiffies jiffies;

    private final long[] iova = new long[SIZE];
    private final long[] size = new long[SIZE];
    private final long[] countAtEntry = new long[SIZE];
    private final long[][] freedTables = new long[SIZE][];
    private final int[] freedTableCount = new int[SIZE];
    private int head;
    private int tail;
    private long flushesBegun;
    private long flushesEnded;

    FlushQueue(Cpu cpu, PagingDomain tables, IovaDomain iovas, Timers timers, Jiffies jiffies) {
        this.cpu = cpu;
        this.tables = tables;
        this.iovas = iovas;
        this.jiffies = jiffies;
        timer = new KernelTimer(timers, "fq_flush_timeout", this::flushAll);
        Arrays.fill(freedTables, NO_TABLES);
    }

    /** Takes addresses in; the caller has disabled interrupts. */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "queue_iova")
    void add(long address, long bytes, IotlbGather gather) {
        giveFlushed();
        if (((tail + 1) & (SIZE - 1)) == head) {
            flush();
            giveFlushed();
        }
        iova[tail] = address;
        size[tail] = bytes;
        countAtEntry[tail] = flushesBegun;
        keepTables(gather);
        tail = (tail + 1) & (SIZE - 1);
        if (!timer.isPending()) {
            timer.modify(jiffies.now() + Jiffies.ofMillis(TIMEOUT_MS));
        }
    }

    private void keepTables(IotlbGather gather) {
        int count = gather.tableCount();
        freedTableCount[tail] = count;
        if (count > freedTables[tail].length) {
            freedTables[tail] = new long[2 * count];
        }
        for (int i = 0; i < count; i++) {
            freedTables[tail][i] = gather.table(i);
        }
    }

    /** How many wait. */
    int waiting() {
        return (tail - head) & (SIZE - 1);
    }

    private void flush() {
        flushesBegun++;
        Purpose before = cpu.begin(Purpose.IOMMU_INVALIDATE);
        tables.flushAll();
        cpu.end(before);
        flushesEnded++;
    }

    /** Gives back what waits since before the last flush began. */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "fq_ring_free")
    private void giveFlushed() {
        while (head != tail && countAtEntry[head] < flushesEnded) {
            for (int i = 0; i < freedTableCount[head]; i++) {
                tables.freeTable(freedTables[head][i]);
            }
            iovas.give(iova[head], size[head]);
            head = (head + 1) & (SIZE - 1);
        }
    }

    /** Makes the IOMMU forget everything, and gives back all that waits. */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "fq_flush_timeout")
    void flushAll() {
        boolean interrupts = cpu.disableInterrupts();
        flush();
        giveFlushed();
        cpu.restoreInterrupts(interrupts);
    }

    /** Ends it; nothing is translated any more. */
    void close() {
        timer.delete();
        flushAll();
    }
}
