package dmakit.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.machine.memory.Ram;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MemblockTest {
    private static final long MIB = 1L << 20;

    private final Ram ram =
            new Ram(List.of(new Ram.Bank(0, 64 * MIB), new Ram.Bank(128 * MIB, 64 * MIB)), true);
    private final Memblock memblock = new Memblock(ram);

    @AfterEach
    void close() {
        ram.close();
    }

    private List<String> free() {
        List<String> ranges = new ArrayList<>();
        memblock.forEachFree((start, end) -> ranges.add("%x-%x".formatted(start, end)));
        return ranges;
    }

    @Test
    void aReservationGrowsToPageBordersAndSplitsWhatIsFree() {
        memblock.reserve("x", 0x1234, 0x10);
        assertThat(free()).containsExactly("0-1000", "2000-4000000", "8000000-c000000");
    }

    @Test
    void aReservationMayTouchSeveralBanksAndLieOutsideOfAll() {
        memblock.reserve("x", 32 * MIB, 128 * MIB);
        memblock.reserve("outside", 1L << 40, 4096);
        memblock.reserve("over the top", -4096, 8192);
        memblock.reserve("nothing", 0, 0);
        assertThat(free()).containsExactly("0-2000000", "a000000-c000000");
    }

    @Test
    void anAllocationTakesTheHighestPlaceInItsWindow() {
        assertThat(memblock.allocate("a", MIB, MIB, 0, 64 * MIB)).isEqualTo(63 * MIB);
        assertThat(memblock.allocate("b", MIB, MIB, 0, Long.MAX_VALUE)).isEqualTo(191 * MIB);
        assertThat(memblock.allocate("c", 1, 4096, 0, 64 * MIB)).isEqualTo(63 * MIB - 4096);
    }

    @Test
    void anAllocationThatFitsNowhereIsRefused() {
        assertThatThrownBy(() -> memblock.allocate("a", 65 * MIB, 4096, 0, Long.MAX_VALUE))
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOMEM));
        assertThatThrownBy(() -> memblock.allocate("a", -1, 4096, 0, Long.MAX_VALUE))
                .isInstanceOf(KernelException.class);
        assertThatThrownBy(() -> memblock.allocate("a", MIB, 4096, 64 * MIB, 128 * MIB))
                .isInstanceOf(KernelException.class);
    }

    @Test
    void theKernelsImageTakesTheLowestPlaceThatHoldsIt() {
        memblock.reserve("firmware", 0, 4096);
        memblock.reserveKernel();
        assertThat(memblock.reservations())
                .extracting(Memblock.Reservation::name, Memblock.Reservation::start)
                .contains(tuple("Kernel code", 0x1000L));
    }

    @Test
    void moreReservationsThanTheMaximumAreRefused() {
        for (int i = 0; i < Memblock.RESERVATION_COUNT_MAX; i++) {
            memblock.reserve("x", 0, 1);
        }
        assertThatThrownBy(() -> memblock.reserve("x", 0, 1))
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
    }

    @Test
    void whatIsTakenOutIsNoMemoryOfTheKernel() {
        memblock.takeOut("x", 16 * MIB, MIB);
        assertThat(memblock.systemRam(16 * MIB, MIB)).isEqualTo(Memblock.SystemRam.NONE);
        assertThat(memblock.systemRam(15 * MIB, 2 * MIB)).isEqualTo(Memblock.SystemRam.PART);
        assertThat(memblock.systemRam(14 * MIB, 2 * MIB)).isEqualTo(Memblock.SystemRam.ALL);
        assertThat(memblock.systemRam(100 * MIB, MIB)).isEqualTo(Memblock.SystemRam.NONE);
        assertThat(memblock.systemRam(-1, MIB)).isEqualTo(Memblock.SystemRam.NONE);
        memblock.reserve("y", 20 * MIB, MIB);
        assertThat(memblock.systemRam(20 * MIB, MIB)).isEqualTo(Memblock.SystemRam.ALL);
    }

    @Test
    void aReservationCanBeUndoneWithoutWhatOthersReserved() {
        List<String> before = free();
        memblock.takeOut("x", 16 * MIB, 4 * MIB);
        memblock.reserve("y", 18 * MIB, MIB);
        memblock.release(16 * MIB, MIB);
        assertThat(memblock.isFree(16 * MIB, MIB)).isFalse();
        memblock.release(16 * MIB, 4 * MIB);
        assertThat(free()).containsExactly("0-1200000", "1300000-4000000", "8000000-c000000");
        assertThat(memblock.systemRam(16 * MIB, 4 * MIB)).isEqualTo(Memblock.SystemRam.ALL);
        memblock.release(18 * MIB, MIB);
        assertThat(free()).isEqualTo(before);
    }

    @Test
    void placesAreFoundFromBothEndsAndNeverAtAddressZero() {
        assertThat(memblock.find(MIB, 4096, 0, Long.MAX_VALUE, true)).isEqualTo(4096);
        assertThat(memblock.find(MIB, MIB, 0, Long.MAX_VALUE, true)).isEqualTo(MIB);
        assertThat(memblock.find(MIB, MIB, 0, Long.MAX_VALUE, false)).isEqualTo(191 * MIB);
        assertThat(memblock.find(MIB, MIB, 63 * MIB + 1, Long.MAX_VALUE, true))
                .isEqualTo(128 * MIB);
        assertThat(memblock.find(MIB, 1L << 62, 0, Long.MAX_VALUE, false)).isEqualTo(Memblock.NONE);
        assertThat(memblock.find(0, MIB, 0, Long.MAX_VALUE, false)).isEqualTo(Memblock.NONE);
        assertThat(memblock.find(Long.MAX_VALUE, MIB, 0, Long.MAX_VALUE, true))
                .isEqualTo(Memblock.NONE);
    }
}
