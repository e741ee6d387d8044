package dmakit.kernel.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dmakit.kernel.MemoryFixture;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.machine.memory.Ram;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What runs for every transfer allocates no Java object, once the compiler has seen it. */
class SteadyStateTest {

    /** On a busy machine the compiler takes its time; a machine that allocates never passes. */
    private static final int ROUNDS_MAX = 3000;

    private static final int OPERATIONS = 10_000;
    private static final DmaDirection BOTH = DmaDirection.BIDIRECTIONAL;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final MemoryFixture kernel = MemoryFixture.nonCoherent();
    private final DmaMapping mapping = kernel.mapping;
    private final Device device = kernel.device();

    @AfterEach
    void close() {
        kernel.close();
    }

    /** Fails unless a round of operations comes that allocates less than a byte for each. */
    private void expectNoAllocation(Runnable operation) {
        long allocated = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS_MAX && allocated >= OPERATIONS; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < OPERATIONS; i++) {
                operation.run();
            }
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }
        assertThat(allocated).as("bytes for %d operations", OPERATIONS).isLessThan(OPERATIONS);
    }

    @Test
    void oneBuffer() {
        long va = kernel.mm.slab().kmalloc(4096, Gfp.KERNEL);
        expectNoAllocation(() -> {
            long dma = mapping.mapSingle(device, va, 4096, BOTH);
            mapping.syncSingleForCpu(device, dma, 64, BOTH);
            mapping.syncSingleForDevice(device, dma, 64, BOTH);
            mapping.unmapSingle(device, dma, 4096, BOTH);
        });
    }

    @Test
    void aBounceBuffer() {
        try (MemoryFixture other =
                MemoryFixture.bouncing("swiotlb=force", false, -1, new Ram.Bank(0, 1 << 30))) {
            Device bounced = other.device();
            long va = other.mm.slab().kmalloc(4096, Gfp.KERNEL);
            expectNoAllocation(() -> {
                long dma = other.mapping.mapSingle(bounced, va, 4096, BOTH);
                other.mapping.syncSingleForCpu(bounced, dma, 64, BOTH);
                other.mapping.syncSingleForDevice(bounced, dma, 64, BOTH);
                other.mapping.unmapSingle(bounced, dma, 4096, BOTH);
            });
        }
    }

    @Test
    void aList() {
        Scatterlist sg = new Scatterlist(16);
        for (int i = 0; i < 16; i++) {
            sg.setPage(i, kernel.mm.pages().allocPages(Gfp.KERNEL, 0), 4096, 0);
        }
        expectNoAllocation(() -> {
            mapping.mapSg(device, sg, 16, BOTH);
            mapping.unmapSg(device, sg, 16, BOTH);
        });
    }

    @Test
    void anObjectAndAPage() {
        expectNoAllocation(() -> {
            kernel.mm.slab().kfree(kernel.mm.slab().kmalloc(192, Gfp.KERNEL));
            kernel.mm.pages().freePages(kernel.mm.pages().allocPages(Gfp.KERNEL, 0), 0);
        });
    }
}
