package dmakit.kernel.dma;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.dma.OpenMappings.Kind;
import dmakit.kernel.dma.OpenMappings.Open;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenMappingsTest {
    private final OpenMappings open = new OpenMappings();

    @Test
    void oneIsForgottenByExactlyItsValues() {
        open.add(0x1000, 64, Kind.SINGLE, DmaDirection.TO_DEVICE);
        assertThat(open.remove(0x1000, 32, Kind.SINGLE, DmaDirection.TO_DEVICE)).isFalse();
        assertThat(open.remove(0x1000, 64, Kind.SINGLE, DmaDirection.FROM_DEVICE)).isFalse();
        assertThat(open.remove(0x1000, 64, Kind.LIST, DmaDirection.TO_DEVICE)).isFalse();
        assertThat(open.remove(0x1040, 64, Kind.SINGLE, DmaDirection.TO_DEVICE)).isFalse();
        assertThat(open.remove(0x1000, 64, Kind.SINGLE, DmaDirection.TO_DEVICE)).isTrue();
        assertThat(open.remove(0x1000, 64, Kind.SINGLE, DmaDirection.TO_DEVICE)).isFalse();
        assertThat(open.count()).isZero();
    }

    @Test
    void theSameMemoryMappedTwiceIsHeldTwice() {
        open.add(0, 64, Kind.SINGLE, DmaDirection.TO_DEVICE);
        open.add(0, 64, Kind.SINGLE, DmaDirection.TO_DEVICE);
        assertThat(open.remove(0, 64, Kind.SINGLE, DmaDirection.TO_DEVICE)).isTrue();
        assertThat(open.list())
                .containsExactly(new Open(0, 64, Kind.SINGLE, DmaDirection.TO_DEVICE));
    }

    @Test
    void anyOrderOfMapsAndUnmapsIsKept() {
        Rng rng = Rng.named(3, "open");
        List<Open> oracle = new ArrayList<>();
        DmaDirection[] directions = DmaDirection.values();
        Kind[] kinds = Kind.values();
        for (int step = 0; step < 20_000; step++) {
            if (rng.nextInt(100) < (step < 10_000 ? 60 : 40)) {
                Open one =
                        new Open(
                                64L * rng.nextInt(200) + ((long) rng.nextInt(4) << 40),
                                rng.nextInt(3),
                                kinds[rng.nextInt(kinds.length)],
                                directions[rng.nextInt(3)]);
                open.add(one.dma(), one.size(), one.kind(), one.direction());
                oracle.add(one);
            } else if (!oracle.isEmpty()) {
                Open one = oracle.remove(rng.nextInt(oracle.size()));
                assertThat(open.remove(one.dma(), one.size(), one.kind(), one.direction()))
                        .isTrue();
            }
            assertThat(open.count()).isEqualTo(oracle.size());
        }
        Comparator<Open> order = Comparator.comparing(Open::toString);
        assertThat(open.list().stream().sorted(order))
                .isEqualTo(oracle.stream().sorted(order).toList());
    }
}
