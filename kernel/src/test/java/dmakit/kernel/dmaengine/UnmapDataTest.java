package dmakit.kernel.dmaengine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.MemoryFixture;
import dmakit.kernel.check.Finding;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mm.Gfp;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UnmapDataTest {
    private static final int LENGTH = 256;

    private final MemoryFixture kernel = MemoryFixture.lenient();
    private final Device device = kernel.device();
    private final UnmapPools pools = new UnmapPools(kernel.mapping, kernel.calls);

    UnmapDataTest() {
        kernel.calls.findings().enable();
    }

    @AfterEach
    void close() {
        kernel.close();
    }

    private long mapped(DmaDirection direction) {
        long va = kernel.mm.slab().kmalloc(LENGTH, Gfp.KERNEL);
        long dma = kernel.mapping.mapSingle(device, va, LENGTH, direction);
        kernel.mapping.mappingError(device, dma);
        return dma;
    }

    private List<FindingId> findings() {
        return kernel.calls.findings().all().stream().map(Finding::id).toList();
    }

    @Test
    void theLastWhoLetsGoUnmapsEachWithItsDirection() {
        long to = mapped(DmaDirection.TO_DEVICE);
        long from = mapped(DmaDirection.FROM_DEVICE);
        long both = mapped(DmaDirection.BIDIRECTIONAL);
        UnmapData data =
                pools.get(device, 4)
                        .length(LENGTH)
                        .addTo(to)
                        .addFrom(from)
                        .addBidi(both)
                        .addBidi(0);
        data.get();
        data.put();
        kernel.mapping.syncSingleForCpu(device, to, LENGTH, DmaDirection.TO_DEVICE);
        assertThat(findings()).isEmpty();
        data.put();
        assertThat(findings()).isEmpty();
        kernel.mapping.unmapPage(device, both, LENGTH, DmaDirection.BIDIRECTIONAL);
        assertThat(findings()).containsExactly(FindingId.UNMAP_UNKNOWN);
    }

    @Test
    void nobodyLetsGoTwice() {
        UnmapData data = pools.get(device, 1);
        data.put();
        assertThatThrownBy(data::put).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void roomComesInFourSizesAndIsUsedAgain() {
        assertThat(List.of(0, 2, 3, 16, 17, 128, 129, 256))
                .extracting(count -> pools.get(device, count).capacity())
                .containsExactly(2, 2, 16, 16, 128, 128, 256, 256);
        assertThatThrownBy(() -> pools.get(device, 257))
                .isInstanceOf(IllegalArgumentException.class);
        UnmapData once = pools.get(device, 5);
        once.put();
        assertThat(pools.get(device, 9)).isSameAs(once);
        assertThat(once.count()).isZero();
    }

    @Test
    void addressesComeInTheOrderOfTheirDirectionsAndAsManyAsThereIsRoom() {
        UnmapData data = pools.get(device, 2).addFrom(1);
        assertThatThrownBy(() -> data.addTo(2)).isInstanceOf(IllegalStateException.class);
        data.addBidi(3);
        assertThatThrownBy(() -> data.addFrom(4)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> data.addBidi(5)).isInstanceOf(IllegalStateException.class);
        assertThat(data.address(1)).isEqualTo(3);
        assertThatThrownBy(() -> data.address(2)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
