package dmakit.kernel.dmaengine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EnumerationsTest {
    @Test
    void transactionTypesHaveLinuxsNumbersAndNames() {
        assertThat(TransactionType.values()).hasSize(16);
        assertThat(TransactionType.MEMCPY.ordinal()).isZero();
        assertThat(TransactionType.PRIVATE.ordinal()).isEqualTo(8);
        assertThat(TransactionType.CYCLIC.ordinal()).isEqualTo(11);
        assertThat(TransactionType.LOAD_EOT.ordinal()).isEqualTo(15);
        assertThat(TransactionType.COMPLETION_NO_ORDER.symbol())
                .isEqualTo("DMA_COMPLETION_NO_ORDER");
    }

    @Test
    void otherEnumsHaveLinuxsOrderAndNames() {
        assertThat(Stream.of(DmaStatus.values()).map(DmaStatus::symbol))
                .containsExactly(
                        "DMA_COMPLETE",
                        "DMA_IN_PROGRESS",
                        "DMA_PAUSED",
                        "DMA_ERROR",
                        "DMA_OUT_OF_ORDER");
        assertThat(Stream.of(TransferDirection.values()).map(TransferDirection::symbol))
                .containsExactly(
                        "DMA_MEM_TO_MEM",
                        "DMA_MEM_TO_DEV",
                        "DMA_DEV_TO_MEM",
                        "DMA_DEV_TO_DEV",
                        "DMA_TRANS_NONE");
        assertThat(Stream.of(TransferResult.values()).map(TransferResult::symbol))
                .containsExactly(
                        "DMA_TRANS_NOERROR",
                        "DMA_TRANS_READ_FAILED",
                        "DMA_TRANS_WRITE_FAILED",
                        "DMA_TRANS_ABORTED");
        assertThat(Stream.of(ResidueGranularity.values()).map(ResidueGranularity::symbol))
                .containsExactly(
                        "DMA_RESIDUE_GRANULARITY_DESCRIPTOR",
                        "DMA_RESIDUE_GRANULARITY_SEGMENT",
                        "DMA_RESIDUE_GRANULARITY_BURST");
        assertThat(BusWidth.BYTES_1.symbol()).isEqualTo("DMA_SLAVE_BUSWIDTH_1_BYTE");
        assertThat(BusWidth.BYTES_4.symbol()).isEqualTo("DMA_SLAVE_BUSWIDTH_4_BYTES");
        assertThat(BusWidth.UNDEFINED.symbol()).isEqualTo("DMA_SLAVE_BUSWIDTH_UNDEFINED");
    }

    @Test
    void aWidthIsFoundByItsBytes() {
        assertThat(BusWidth.ofBytes(16)).isEqualTo(BusWidth.BYTES_16);
        assertThatThrownBy(() -> BusWidth.ofBytes(5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("5 bytes");
    }

    @Test
    void onlyTransfersWithOneEndInAFifoAreSlaveOnes() {
        assertThat(Stream.of(TransferDirection.values()).filter(TransferDirection::isSlave))
                .containsExactly(
                        TransferDirection.MEM_TO_DEV,
                        TransferDirection.DEV_TO_MEM,
                        TransferDirection.DEV_TO_DEV);
    }

    @Test
    void capabilitiesAreASetThatNeverChanges() {
        Capabilities one = Capabilities.of(TransactionType.MEMCPY);
        Capabilities two = one.with(TransactionType.SLAVE);
        assertThat(one.has(TransactionType.SLAVE)).isFalse();
        assertThat(two.bits()).isEqualTo(1 | 1 << 10);
        assertThat(two.hasAll(one)).isTrue();
        assertThat(one.hasAll(two)).isFalse();
        assertThat(two.without(TransactionType.MEMCPY).without(TransactionType.SLAVE))
                .isEqualTo(Capabilities.NONE);
        assertThat(two).hasToString("DMA_MEMCPY|DMA_SLAVE");
    }

    @Test
    void aCapabilityMaskHasNoBitsThatStandForNothing() {
        assertThat(new Capabilities(0xffff).has(TransactionType.LOAD_EOT)).isTrue();
        assertThatThrownBy(() -> new Capabilities(0x1_0000))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
