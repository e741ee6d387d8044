package dmakit.board.axidmac;

import static dmakit.board.axidmac.AxiDmacRig.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.sync.Completion;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The AXI-DMACs of board {@code zynqmp}, and Linux's driver for them. */
class AxiDmacTest {
    private static final int FLAGS = PrepFlags.INTERRUPT | PrepFlags.ACK;

    /** What one core reads, the other one writes. */
    private static void loop(AxiDmacRig rig, Channel tx, Channel rx, int size) {
        byte[] sent = bytes(size, size);
        long from = rig.buffer(sent);
        long to = rig.buffer(size);
        long source = rig.map(tx, from, size, DmaDirection.TO_DEVICE);
        long target = rig.map(rx, to, size, DmaDirection.FROM_DEVICE);
        Completion received =
                rig.start(rx.prepSlaveSingle(target, size, TransferDirection.DEV_TO_MEM, FLAGS));
        Completion gone =
                rig.start(tx.prepSlaveSingle(source, size, TransferDirection.MEM_TO_DEV, FLAGS));
        assertThat(rig.comes(gone)).isTrue();
        assertThat(rig.comes(received)).isTrue();
        rig.unmap(tx, source, size, DmaDirection.TO_DEVICE);
        rig.unmap(rx, target, size, DmaDirection.FROM_DEVICE);
        assertThat(rig.load(to, size)).isEqualTo(sent);
        rig.free(from);
        rig.free(to);
    }

    @ParameterizedTest
    @CsvSource({
        "zynqmp, '', ''",
        "zynqmp, '', swiotlb=force",
        "zynqmp, '&amba_pl { dma-coherent; };', ''",
        "zynqmp-smmu, '', iommu.strict=1",
        "zynqmp-smmu, '', iommu.strict=0",
        "zynqmp, '" + AxiDmacRig.SCATTER_GATHER + "', ''",
        "zynqmp, '" + AxiDmacRig.SCATTER_GATHER + "', swiotlb=force",
        "zynqmp-smmu, '" + AxiDmacRig.SCATTER_GATHER + "', iommu.strict=1"
    })
    void transfersOfAllSizesGoFromOneToTheOther(String board, String overlay, String commandLine) {
        try (AxiDmacRig rig = new AxiDmacRig(board, overlay, commandLine)) {
            rig.run(() -> {
                Channel tx = rig.channel("tx");
                Channel rx = rig.channel("rx");
                for (int size : new int[] {8, 64, 128, 136, 4096, 40_000}) {
                    loop(rig, tx, rx, size);
                }
                for (int i = 0; i < 100; i++) {
                    loop(rig, tx, rx, 64);
                }
                rig.release(tx, rx);
            });
            assertThat(rig.kernel.findings().all()).isEmpty();
        }
    }
}
