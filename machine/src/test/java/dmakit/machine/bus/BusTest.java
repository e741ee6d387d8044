package dmakit.machine.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.machine.memory.CpuView;
import dmakit.machine.memory.Ram;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BusTest {
    private static final long TOP = -0x1000;

    private final Ram ram =
            new Ram(List.of(new Ram.Bank(0, 0x2000), new Ram.Bank(0x8000, 0x1000)), true);
    private final Bus bus = new Bus(ram, CpuView.withoutEviction(ram));

    @AfterEach
    void close() {
        ram.close();
    }

    private void attach(String name, long base, long size) {
        bus.attach(name, base, size, new RecordingTarget());
    }

    private String nameAt(long phys) {
        Bus.Range range = bus.rangeAt(phys);
        return range == null ? "" : range.name();
    }

    @Test
    void everyAddressReachesTheRangeItLiesInWhateverTheOrderOfAttachment() {
        attach("middle", 0x4000, 0x100);
        attach("high", 0x5000, 0x10);
        attach("low", 0x3000, 0x1000);
        assertThat(nameAt(0x2fff)).isEmpty();
        assertThat(nameAt(0x3000)).isEqualTo("low");
        assertThat(nameAt(0x3fff)).isEqualTo("low");
        assertThat(nameAt(0x4000)).isEqualTo("middle");
        assertThat(nameAt(0x40ff)).isEqualTo("middle");
        assertThat(nameAt(0x4100)).isEmpty();
        assertThat(nameAt(0x500f)).isEqualTo("high");
        assertThat(nameAt(0x5010)).isEmpty();
        assertThat(bus.ranges())
                .extracting(Bus.Range::name)
                .containsExactly("middle", "high", "low");
    }

    @Test
    void addressesAreUnsigned() {
        attach("top", TOP, 0x1000);
        attach("half", Long.MIN_VALUE, 0x1000);
        attach("low", 0x3000, 0x1000);
        assertThat(nameAt(-1)).isEqualTo("top");
        assertThat(nameAt(TOP)).isEqualTo("top");
        assertThat(nameAt(TOP - 1)).isEmpty();
        assertThat(nameAt(Long.MIN_VALUE)).isEqualTo("half");
        assertThat(nameAt(Long.MAX_VALUE)).isEmpty();
        assertThat(nameAt(0x3000)).isEqualTo("low");
    }

    @Test
    void anAccessThatLeavesItsRangeIsNotAnswered() {
        attach("odd", 0x3000, 6);
        Bus.Range range = bus.rangeAt(0x3004);
        assertThat(range).isNotNull();
        assertThat(range.contains(0x3004, 2)).isTrue();
        assertThat(range.contains(0x3004, 4)).isFalse();
        assertThat(range.contains(0x2fff, 1)).isFalse();
    }

    @Test
    void whatOverlapsIsRefusedWithBothNames() {
        attach("dma", 0x3000, 0x1000);
        assertThatThrownBy(() -> attach("uart", 0x3fff, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("uart at phys:0x3fff overlaps dma at phys:0x3000");
        assertThatThrownBy(() -> attach("uart", 0x2800, 0x4000))
                .hasMessageContaining("overlaps dma");
        assertThatThrownBy(() -> attach("uart", 0x8fff, 1))
                .hasMessage("uart at phys:0x8fff overlaps RAM at phys:0x8000");
        assertThatThrownBy(() -> attach("uart", 0x7000, 0x3000))
                .hasMessageContaining("overlaps RAM");
        attach("uart", 0x4000, 0x1000);
    }

    @Test
    void whatHasNoSizeOrGoesPastTheLastAddressIsRefused() {
        assertThatThrownBy(() -> attach("none", 0x3000, 0)).hasMessage("none has no size");
        assertThatThrownBy(() -> attach("wrap", TOP, 0x1001))
                .hasMessageContaining("past the last address");
    }

    @Test
    void oneRangeMoreThanTheLimitIsRefused() {
        for (int i = 0; i < Bus.RANGE_COUNT_MAX; i++) {
            attach("r" + i, 0x10_0000 + 0x10L * i, 0x10);
        }
        assertThatThrownBy(() -> attach("one more", 0x3000, 0x10))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(String.valueOf(Bus.RANGE_COUNT_MAX));
        assertThat(nameAt(0x10_0000 + 0x10L * 4000 + 3)).isEqualTo("r4000");
    }
}
