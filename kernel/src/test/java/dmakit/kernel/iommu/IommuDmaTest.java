package dmakit.kernel.iommu;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.device.Device;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mm.Gfp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IommuDmaTest {
    private static final DmaDirection TO = DmaDirection.TO_DEVICE;

    private final IommuFixture board = new IommuFixture();
    private final Device device = board.device("/coherent@60001000");
    private final long buffer = board.kernel.mm().pages().getFreePages(Gfp.KERNEL, 2);

    @AfterEach
    void close() {
        board.close();
    }

    @Test
    void aFreshDomainGivesAddressesFromTheTopOf32Bits() {
        assertThat(board.mapping.mapSingle(device, buffer, 4096, TO)).isEqualTo(0xffff_f000L);
        assertThat(board.mapping.mapSingle(device, buffer, 4096, TO)).isEqualTo(0xffff_e000L);
    }

    @Test
    void whatIsGivenBackIsGivenAwayNext() {
        long first = board.mapping.mapSingle(device, buffer, 4096, TO);
        long second = board.mapping.mapSingle(device, buffer, 4096, TO);
        board.mapping.unmapSingle(device, first, 4096, TO);
        assertThat(board.mapping.mapSingle(device, buffer, 4096, TO)).isEqualTo(first);
        assertThat(second).isEqualTo(0xffff_e000L);
    }

    @Test
    void theOffsetInThePageIsKeptAndTheWholePageIsMapped() {
        long dma = board.mapping.mapSingle(device, buffer + 0x123, 16, TO);
        assertThat(dma).isEqualTo(0xffff_f123L);
        long phys = board.kernel.mm().virtual().virtToPhys(buffer);
        assertThat(board.domain().reach(0xffff_f000L)).isEqualTo(phys);
        assertThat(board.domain().reach(0xffff_ffffL)).isEqualTo(phys + 0xfff);
        board.mapping.unmapSingle(device, dma, 16, TO);
        assertThat(board.domain().reach(dma)).isEqualTo(-1);
    }

    @Test
    void coherentMemoryIsContiguousForTheDeviceAndGoesBackWhole() {
        long free = board.kernel.mm().pages().freePages(dmakit.kernel.mm.Zone.DMA);
        CoherentBuffer memory =
                board.kernel.call(
                        "alloc",
                        () -> board.mapping.allocCoherent(device, 20_000, Gfp.KERNEL));
        assertThat(memory.dma()).isEqualTo(0xffff_8000L);
        for (long at = 0; at < 20_000; at += 4096) {
            board.kernel.machine().cpu().store64(memory.va() + at, 77 + at);
            assertThat(board.bus.load8(board.domain().reach(memory.dma() + at)))
                    .isEqualTo((byte) (77 + at));
        }
        board.mapping.freeCoherent(device, memory);
        assertThat(board.domain().leaves).isEmpty();
        assertThat(board.kernel.mm().pages().freePages(dmakit.kernel.mm.Zone.DMA)).isEqualTo(free);
    }
}
