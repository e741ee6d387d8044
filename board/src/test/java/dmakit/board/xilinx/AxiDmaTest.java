package dmakit.board.xilinx;

import static dmakit.board.xilinx.AxiDmaRig.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.dmaengine.TransferResult;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.Completion;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AxiDmaTest {
    private static final int FLAGS = PrepFlags.INTERRUPT | PrepFlags.ACK;
    private static final String DRIVER = "xilinx-vdma a0020000.dma: ";

    private static long jiffies() {
        return Jiffies.ofMillis(AxiDmaRig.WAIT_MS);
    }

    /** One packet round through the stream. */
    private static void loop(AxiDmaRig rig, Channel tx, Channel rx, int bytes) {
        byte[] sent = bytes(bytes, bytes);
        long from = rig.buffer(sent);
        long to = rig.buffer(bytes);
        long source = rig.map(tx, from, bytes, DmaDirection.TO_DEVICE);
        long target = rig.map(rx, to, bytes, DmaDirection.FROM_DEVICE);
        Completion received = rig.completion();
        rx.prepSlaveSingle(target, bytes, TransferDirection.DEV_TO_MEM, FLAGS)
                .callback(received::complete)
                .submit();
        rx.issuePending();
        Completion gone = rig.completion();
        tx.prepSlaveSingle(source, bytes, TransferDirection.MEM_TO_DEV, FLAGS)
                .callback(gone::complete)
                .submit();
        tx.issuePending();
        assertThat(gone.waitForTimeout(jiffies())).isNotZero();
        assertThat(received.waitForTimeout(jiffies())).isNotZero();
        rig.unmap(tx, source, bytes, DmaDirection.TO_DEVICE);
        rig.unmap(rx, target, bytes, DmaDirection.FROM_DEVICE);
        assertThat(rig.load(to, bytes)).isEqualTo(sent);
        rig.free(from);
        rig.free(to);
    }

    @Test
    void theDriverSaysWhatItFound() {
        try (AxiDmaRig rig = new AxiDmaRig("zynqmp", "")) {
            assertThat(rig.log()).contains(DRIVER + "Xilinx AXI DMA Engine Driver Probed!!");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "zynqmp, ''",
        "zynqmp, swiotlb=force",
        "zynqmp-smmu, iommu.strict=1",
        "zynqmp-smmu, iommu.strict=0",
        "zynqmp-smmu, iommu.passthrough=1"
    })
    void packetsOfAllSizesGoRound(String board, String commandLine) {
        try (AxiDmaRig rig = new AxiDmaRig(board, commandLine)) {
            rig.run(() -> {
                Channel tx = rig.tx();
                Channel rx = rig.rx();
                for (int bytes : new int[] {1, 2, 63, 64, 65, 127, 1514, 4096, 40_000}) {
                    loop(rig, tx, rx, bytes);
                }
                for (int i = 0; i < 300; i++) {
                    loop(rig, tx, rx, 64); // more often than there are hardware descriptors
                }
                rig.release(tx);
                rig.release(rx);
            });
            assertThat(rig.kernel.findings().all()).isEmpty();
        }
    }
}
