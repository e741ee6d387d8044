package dmakit.machine.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.machine.bus.Windows.Window;
import java.util.List;
import org.junit.jupiter.api.Test;

class WindowsTest {
    private static final long LAST_PAGE = -0x1000;

    @Test
    void anAddressMovesWithItsWindow() {
        Windows windows =
                new Windows(
                        List.of(
                                new Window(0xc000_0000L, 0, 0x3f00_0000),
                                new Window(0x7e00_0000, 0x3f00_0000, 0x100_0000)));
        assertThat(windows.toPhys(0xc000_1234L, false)).isEqualTo(0x1234);
        assertThat(windows.toPhys(0x7e00_7000, true)).isEqualTo(0x3f00_7000);
        assertThat(windows.contiguousFrom(0xc000_1000L, false)).isEqualTo(0x3f00_0000 - 0x1000);
    }

    @Test
    void anAddressOutsideLeadsNowhere() {
        Windows windows = new Windows(List.of(new Window(0x1000, 0, 0x1000)));
        for (long address : new long[] {0, 0xfff, 0x2000, -1}) {
            assertThat(windows.toPhys(address, false)).isEqualTo(Translation.NONE);
            assertThat(windows.contiguousFrom(address, false)).isZero();
        }
        assertThat(new Windows(List.of()).toPhys(0, false)).isEqualTo(Translation.NONE);
    }

    @Test
    void whereWindowsOverlapTheFirstCountsAndTheSecondEndsThere() {
        Windows windows =
                new Windows(List.of(new Window(0x1000, 0x8000, 0x1000), new Window(0, 0, 0x4000)));
        assertThat(windows.toPhys(0x0fff, false)).isEqualTo(0x0fff);
        assertThat(windows.contiguousFrom(0x0f00, false)).isEqualTo(0x100);
        assertThat(windows.toPhys(0x1000, false)).isEqualTo(0x8000);
        assertThat(windows.contiguousFrom(0x1000, false)).isEqualTo(0x1000);
        assertThat(windows.toPhys(0x2000, false)).isEqualTo(0x2000);
        assertThat(windows.contiguousFrom(0x2000, false)).isEqualTo(0x2000);
    }

    @Test
    void aWindowMayEndAtTheLastAddress() {
        Windows windows = new Windows(List.of(new Window(LAST_PAGE, 0x5000, 0x1000)));
        assertThat(windows.toPhys(-1, false)).isEqualTo(0x5fff);
        assertThat(windows.contiguousFrom(-1, false)).isEqualTo(1);
    }

    @Test
    void aWindowMayNotGoPastTheLastAddressOnEitherSide() {
        assertThatThrownBy(() -> new Window(LAST_PAGE, 0, 0x1001))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Window(0, LAST_PAGE, 0x1001))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Window(0, 0, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void identityReachesEveryAddressAsItIs() {
        for (long address : new long[] {0, 0x1234, Long.MAX_VALUE, Long.MIN_VALUE, -2}) {
            assertThat(Windows.IDENTITY.toPhys(address, true)).isEqualTo(address);
            assertThat(Windows.IDENTITY.contiguousFrom(address, true)).isEqualTo(-1 - address);
        }
    }
}
