package dmakit.kernel.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.MemoryFixture;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.DmaRangeMap;
import dmakit.machine.memory.Ram;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MasksTest {
    private static final long GIB = 1L << 30;

    private final MemoryFixture kernel = MemoryFixture.with(GIB - 1, new Ram.Bank(0, 2 * GIB));
    private final DmaMapping mapping = kernel.mapping;
    private final Device device = kernel.device();

    @AfterEach
    void close() {
        kernel.close();
    }

    private static void refusesWithEio(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        DmaException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EIO));
    }

    @Test
    void aMaskIsItsLowestBits() {
        assertThat(DmaMapping.bitMask(1)).isEqualTo(1);
        assertThat(DmaMapping.bitMask(32)).isEqualTo(0xffff_ffffL);
        assertThat(DmaMapping.bitMask(64)).isEqualTo(-1);
        assertThatThrownBy(() -> DmaMapping.bitMask(0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> DmaMapping.bitMask(65))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aMaskIsSupportedThatReachesTheDmaZone() {
        mapping.setMask(device, DmaMapping.bitMask(30));
        refusesWithEio(() -> mapping.setMask(device, DmaMapping.bitMask(29)));
        assertThat(device.dma().dmaMask()).isEqualTo(DmaMapping.bitMask(30));
        assertThat(device.dma().coherentDmaMask()).isEqualTo(DmaMapping.bitMask(32));
    }

    @Test
    void aMaskOf32BitsOrMoreIsAlwaysSupported() {
        device.dma()
                .rangeMap(new DmaRangeMap(List.of(new DmaRangeMap.Range(0, 1L << 40, 2 * GIB))));
        mapping.setMaskAndCoherent(device, DmaMapping.bitMask(32));
        mapping.setMaskAndCoherent(device, DmaMapping.bitMask(64));
        refusesWithEio(() -> mapping.setMask(device, DmaMapping.bitMask(31)));
    }

    @Test
    void onASmallMachineTheEndOfRamIsEnough() {
        try (MemoryFixture small = MemoryFixture.with(-1, new Ram.Bank(0, 16 << 20))) {
            Device there = small.device();
            small.mapping.setMask(there, DmaMapping.bitMask(24));
            refusesWithEio(() -> small.mapping.setMask(there, DmaMapping.bitMask(23)));
        }
    }

    @Test
    void theMasksAreIndependentAndARefusedOneChangesNeither() {
        mapping.setCoherentMask(device, DmaMapping.bitMask(31));
        assertThat(device.dma().dmaMask()).isEqualTo(DmaMapping.bitMask(32));
        refusesWithEio(() -> mapping.setMaskAndCoherent(device, DmaMapping.bitMask(20)));
        assertThat(device.dma().coherentDmaMask()).isEqualTo(DmaMapping.bitMask(31));
    }

    @Test
    void aDeviceThatDoesNoDmaTakesAMaskOnlyByForce() {
        device.dma().dmaMask(0);
        assertThat(mapping.getMask(device)).isEqualTo(DmaMapping.bitMask(32));
        refusesWithEio(() -> mapping.setMask(device, DmaMapping.bitMask(64)));
        mapping.coerceMaskAndCoherent(device, DmaMapping.bitMask(40));
        assertThat(device.dma().dmaMask()).isEqualTo(DmaMapping.bitMask(40));
    }

    @Test
    void theRequiredMaskReachesTheLastPage() {
        assertThat(mapping.getRequiredMask(device)).isEqualTo(DmaMapping.bitMask(31));
        device.dma()
                .rangeMap(
                        new DmaRangeMap(List.of(new DmaRangeMap.Range(0, 0xc000_0000L, 2 * GIB))));
        assertThat(mapping.getRequiredMask(device)).isEqualTo(DmaMapping.bitMask(33));
        device.dma().rangeMap(new DmaRangeMap(List.of(new DmaRangeMap.Range(0, 0, GIB))));
        assertThat(mapping.getRequiredMask(device)).isEqualTo(-1);
    }

    @Test
    void limitsHaveTheirDefaults() {
        assertThat(mapping.getMaxSegSize(device)).isEqualTo(65_536);
        assertThat(mapping.getSegBoundary(device)).isEqualTo(-1);
        assertThat(mapping.getMinAlignMask(device)).isZero();
        assertThat(mapping.maxMappingSize(device)).isEqualTo(Long.MAX_VALUE);
        assertThat(mapping.canMmap(device)).isTrue();
        mapping.setMaxSegSize(device, 0xffff_ffffL);
        assertThat(mapping.getMaxSegSize(device)).isEqualTo(0xffff_ffffL);
        mapping.setMaxSegSize(device, 0);
        assertThat(mapping.getMaxSegSize(device)).isEqualTo(65_536);
        assertThatThrownBy(() -> mapping.setMaxSegSize(device, 1L << 32))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
