package dmakit.kernel.iommu;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mm.Gfp;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Lazy domains: until the IOMMU is told to forget, a device reaches what was given back. */
class FlushQueueTest {
    private static final DmaDirection TO = DmaDirection.TO_DEVICE;

    private final IommuFixture board = new IommuFixture("iommu.strict=0");
    private final Device device = board.device("/coherent@60001000");
    private final TestDomain tables = board.domain();
    private final long buffer = board.kernel.mm().pages().getFreePages(Gfp.KERNEL, 0);

    @AfterEach
    void close() {
        board.close();
    }

    private long map() {
        return board.mapping.mapSingle(device, buffer, 4096, TO);
    }

    private void unmap(long dma) {
        board.mapping.unmapSingle(device, dma, 4096, TO);
    }

    private void sleep(int ms) {
        board.kernel.run("sleep", () -> board.kernel.sched().msleep(ms));
    }

    @Test
    void theDeviceReachesThePageForAWhileAndThenNoMore() {
        long dma = map();
        long phys = tables.reach(dma);
        unmap(dma);
        assertThat(tables.iovaToPhys(dma)).isZero();
        assertThat(tables.reach(dma)).isEqualTo(phys);
        sleep(25);
        assertThat(tables.reach(dma)).isEqualTo(-1);
        assertThat(tables.flushes).isEqualTo(1);
        assertThat(tables.syncs).isZero();
    }

    @Test
    void anAddressIsNotGivenAwayBeforeTheIommuForgotIt() {
        long first = map();
        unmap(first);
        long second = map();
        assertThat(second).isEqualTo(first - 4096);
        unmap(second);
        sleep(25);
        assertThat(map()).isEqualTo(second);
        assertThat(map()).isEqualTo(first);
    }

    @Test
    void aFullRingIsFlushedAtOnce() {
        List<Long> used = new ArrayList<>();
        for (int i = 0; i < FlushQueue.SIZE - 1; i++) {
            long dma = map();
            used.add(dma);
            unmap(dma);
        }
        assertThat(used).doesNotHaveDuplicates();
        assertThat(tables.flushes).isZero();
        unmap(map());
        assertThat(tables.flushes).isEqualTo(1);
        assertThat(used).contains(map());
    }

    @Test
    void theTimerRunsOnceForAllThatCameMeanwhile() {
        unmap(map());
        unmap(map());
        sleep(25);
        assertThat(tables.flushes).isEqualTo(1);
        sleep(100);
        assertThat(tables.flushes).isEqualTo(1);
        unmap(map());
        sleep(25);
        assertThat(tables.flushes).isEqualTo(2);
    }

    @Test
    void aStrictDomainForgetsBeforeUnmapReturns() {
        try (IommuFixture strict = new IommuFixture("iommu.strict=1")) {
            Device own = strict.device("/coherent@60001000");
            long va = strict.kernel.mm().pages().getFreePages(Gfp.KERNEL, 0);
            long dma = strict.mapping.mapSingle(own, va, 4096, TO);
            strict.domain().reach(dma);
            strict.mapping.unmapSingle(own, dma, 4096, TO);
            assertThat(strict.domain().reach(dma)).isEqualTo(-1);
            assertThat(strict.domain().syncs).isEqualTo(1);
            assertThat(strict.domain().flushes).isZero();
        }
    }
}
