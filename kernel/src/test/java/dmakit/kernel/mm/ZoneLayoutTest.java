package dmakit.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.machine.memory.Ram;
import java.util.List;
import org.junit.jupiter.api.Test;

class ZoneLayoutTest {
    private static final long GIB = 1L << 30;
    private static final long NO_LIMIT = -1;

    private static ZoneLayout zones(long reach, Ram.Bank... banks) {
        try (Ram ram = new Ram(List.of(banks), true)) {
            return ZoneLayout.arm64(ram, reach);
        }
    }

    @Test
    void withoutLimitsTheDmaZoneReachesToTheEndOf32Bits() {
        ZoneLayout zones = zones(NO_LIMIT, new Ram.Bank(0, 8 * GIB));
        assertThat(zones.dmaLimit()).isEqualTo(4 * GIB - 1);
        assertThat(zones.endOf(Zone.DMA)).isEqualTo(4 * GIB);
        assertThat(zones.endOf(Zone.DMA32)).isEqualTo(4 * GIB);
        assertThat(zones.endOf(Zone.NORMAL)).isEqualTo(8 * GIB);
    }

    @Test
    void aBusOfOneGibibyteMakesADmaZoneOf30Bits() {
        ZoneLayout zones = zones(GIB - 1, new Ram.Bank(0, 8 * GIB));
        assertThat(zones.endOf(Zone.DMA)).isEqualTo(GIB);
        assertThat(zones.startOf(Zone.DMA32)).isEqualTo(GIB);
        assertThat(zones.endOf(Zone.DMA32)).isEqualTo(4 * GIB);
        assertThat(zones.startOf(Zone.NORMAL)).isEqualTo(4 * GIB);
        assertThat(zones.zoneOf(GIB - 1)).isEqualTo(Zone.DMA);
        assertThat(zones.zoneOf(GIB)).isEqualTo(Zone.DMA32);
        assertThat(zones.zoneOf(4 * GIB)).isEqualTo(Zone.NORMAL);
    }

    @Test
    void ramThatEndsBelowTheLimitLeavesTheOtherZonesEmpty() {
        ZoneLayout zones = zones(0x3eff_ffffL, new Ram.Bank(0, 0x3b40_0000L));
        assertThat(zones.describe())
                .containsExactly(
                        "Zone ranges:",
                        "  DMA      [mem 0x0000000000000000-0x000000003b3fffff]",
                        "  DMA32    empty",
                        "  Normal   empty");
        assertThat(zones.dmaLimit()).isEqualTo(0x3eff_ffffL);
    }

    @Test
    void ramAboveFourGibibytesKeepsALimitAboveThem() {
        ZoneLayout zones = zones(NO_LIMIT, new Ram.Bank(8 * GIB, GIB));
        assertThat(zones.dmaLimit()).isEqualTo(NO_LIMIT);
        assertThat(zones.endOf(Zone.DMA)).isEqualTo(9 * GIB);
        assertThat(zones.endOf(Zone.NORMAL)).isEqualTo(9 * GIB);
    }

    @Test
    void aLimitInsideOfAPageLeavesThatPageOut() {
        assertThat(zones(0x10_07ff, new Ram.Bank(0, GIB)).endOf(Zone.DMA)).isEqualTo(0x10_0000);
    }

    @Test
    void onAPcTheDmaZoneIsWhatIsaMastersReach() {
        try (Ram ram = new Ram(List.of(new Ram.Bank(0, 8 * GIB)), true)) {
            ZoneLayout zones = ZoneLayout.x86(ram);
            assertThat(zones.dmaLimit()).isEqualTo(0xff_ffff);
            assertThat(zones.endOf(Zone.DMA)).isEqualTo(16 << 20);
            assertThat(zones.endOf(Zone.DMA32)).isEqualTo(4 * GIB);
            assertThat(zones.endOf(Zone.NORMAL)).isEqualTo(8 * GIB);
        }
    }
}
