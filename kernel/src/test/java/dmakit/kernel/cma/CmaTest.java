package dmakit.kernel.cma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Calls;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.KernelParameters;
import dmakit.kernel.log.Log;
import dmakit.kernel.log.LogRecord;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.Memblock;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.mm.Zone;
import dmakit.kernel.mm.ZoneLayout;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.Ram;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CmaTest {
    private static final long PAGE = 4096;
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;
    private static final int DEFAULT_MIB = 32;

    private Machine machine = machine(new Ram.Bank(0, 64 * MIB));
    private Log log = new Log(machine.clock(), machine.trace());
    private Memblock memblock = new Memblock(machine.ram());

    private static Machine machine(Ram.Bank... banks) {
        return new Machine(
                new Machine.Config(
                        List.of(banks), false, new Machine.Cache.None(), CostTable.CORTEX_A53, 1));
    }

    @AfterEach
    void close() {
        machine.close();
    }

    private void ram(Ram.Bank... banks) {
        machine.close();
        machine = machine(banks);
        log = new Log(machine.clock(), machine.trace());
        memblock = new Memblock(machine.ram());
    }

    private Cma cma(String commandLine) {
        return new Cma(machine.clock(), log, memblock, new KernelParameters(commandLine));
    }

    private Cma reserved(String commandLine) {
        Cma cma = cma(commandLine);
        cma.reserveDefault(DEFAULT_MIB, dmaEnd());
        return cma;
    }

    private long dmaEnd() {
        return zones().endOf(Zone.DMA);
    }

    private ZoneLayout zones() {
        return ZoneLayout.arm64(machine.ram(), -1);
    }

    private PageAllocator pages() {
        return new PageAllocator(
                machine.cpu(), machine.scheduler(), new Calls(machine), memblock, zones(), log);
    }

    private List<String> lines() {
        return log.buffer().records().stream().map(LogRecord::text).toList();
    }

    private static CmaArea area(Cma cma) {
        CmaArea area = cma.defaultArea();
        assertThat(area).isNotNull();
        return area;
    }

    @Nested
    class TheDefaultArea {
        @Test
        void hasTheKernelsSizeAtTheTopOfWhatAllDevicesReach() {
            CmaArea area = area(reserved(""));
            assertThat(area.base()).isEqualTo(32 * MIB);
            assertThat(area.size()).isEqualTo(32 * MIB);
            assertThat(area.name()).isEqualTo("reserved");
            assertThat(lines())
                    .containsExactly("cma: Reserved 32 MiB at 0x0000000002000000 on node -1");
        }

        @Test
        void liesAboveFourGibibytesWhenAllDevicesReachThem() {
            ram(new Ram.Bank(8 * GIB, 64 * MIB));
            assertThat(area(reserved("")).base()).isEqualTo(8 * GIB);
        }

        @Test
        void liesBelowTheLimitWhenTheyDoNot() {
            ram(new Ram.Bank(0, 8 * GIB));
            assertThat(area(reserved("")).base()).isEqualTo(4 * GIB - 32 * MIB);
        }

        @Test
        void isLeftOutWhereThereIsNoPlaceForIt() {
            ram(new Ram.Bank(0, 33 * MIB));
            memblock.reserve("kernel", 16 * MIB, PAGE);
            assertThat(reserved("").defaultArea()).isNull();
            assertThat(lines()).containsExactly("cma: Failed to reserve 32 MiB on node -1");
        }

        @Test
        void isLeftOutWhereRamIsSmallerThanIt() {
            ram(new Ram.Bank(0, 16 * MIB));
            assertThat(reserved("").defaultArea()).isNull();
            assertThat(lines())
                    .containsExactly(
                            "cma: Size (0x0000000002000000) of region at 0x0000000000000000"
                                    + " exceeds limit (0x0000000001000000)",
                            "cma: Failed to reserve 32 MiB on node -1");
        }

        @Test
        void isNotMadeWhereTheTreeGaveOne() {
            Cma cma = cma("");
            memblock.reserve("reserved", 4 * MIB, 4 * MIB);
            cma.defaultArea(cma.initReserved("linux,cma", 4 * MIB, 4 * MIB));
            cma.reserveDefault(DEFAULT_MIB, dmaEnd());
            assertThat(cma.areas()).hasSize(1);
        }
    }

    @Nested
    class OnTheCommandLine {
        @ParameterizedTest
        @CsvSource({
            "cma=8M, 0x3800000, 8",
            "cma=8M@16M, 0x1000000, 8",
            "cma=8M@16M-40M, 0x2000000, 8",
            "cma=3M, 0x3c00000, 4",
            "cma=0x800000, 0x3800000, 8",
            "cma=8M@17M-40M, 0x2000000, 8",
        })
        void itsSizeAndPlaceAreGiven(String word, String base, long mib) {
            CmaArea area = area(reserved(word));
            assertThat(area.base()).isEqualTo(Long.decode(base));
            assertThat(area.size()).isEqualTo(mib * MIB);
        }

        @Test
        void zeroMeansNone() {
            Cma cma = reserved("cma=0");
            assertThat(cma.defaultArea()).isNull();
            assertThat(cma.isOnCommandLine()).isTrue();
            assertThat(lines()).isEmpty();
        }

        @Test
        void aWordWithoutValueIsComplainedOfAndTheKernelsSizeTaken() {
            assertThat(area(reserved("cma")).size()).isEqualTo(32 * MIB);
            assertThat(lines()).first().isEqualTo("cma: Config string not provided");
        }

        @Test
        void aPlaceThatIsNotAlignedIsRefused() {
            assertThat(reserved("cma=8M@17M").defaultArea()).isNull();
            assertThat(lines())
                    .containsExactly(
                            "cma: Region at 0x0000000001100000 must be aligned to"
                                    + " 0x0000000000200000 bytes",
                            "cma: Failed to reserve 8 MiB on node -1");
        }

        @Test
        void aPlaceThatIsTakenIsRefused() {
            memblock.reserve("x", 20 * MIB, PAGE);
            assertThat(reserved("cma=8M@16M").defaultArea()).isNull();
            assertThat(lines()).containsExactly("cma: Failed to reserve 8 MiB on node -1");
        }

        @Test
        void aSizeBeyondTheLimitIsRefused() {
            assertThat(reserved("cma=32M@16M-40M").defaultArea()).isNull();
            assertThat(lines())
                    .first()
                    .isEqualTo(
                            "cma: Size (0x0000000002000000) of region at 0x0000000001000000"
                                    + " exceeds limit (0x0000000002800000)");
        }

        @ParameterizedTest
        @CsvSource({
            "cma=15E",
            "cma=8M@15E",
            "cma=0xffffffffffffffff",
            "cma=8M@0xffffffffffffffff-8M",
            "cma=8M@-",
        })
        void numbersAtTheTopOfTheAddressSpaceDoNoHarm(String word) {
            long free = freeBytes();
            Cma cma = reserved(word);
            assertThat(cma.areas().size()).isLessThanOrEqualTo(1);
            assertThat(freeBytes()).isEqualTo(free - cma.totalPages() * PAGE);
        }
    }

    private long freeBytes() {
        return memblock.isFree(0, 64 * MIB) ? 64 * MIB : 64 * MIB - reservedBytes();
    }

    private long reservedBytes() {
        return memblock.reservations().stream()
                .mapToLong(range -> range.end() - range.start())
                .sum();
    }

    @Nested
    class Areas {
        private static void refuses(Errno errno, Runnable call) {
            assertThatThrownBy(call::run)
                    .isInstanceOfSatisfying(
                            KernelException.class, e -> assertThat(e.errno()).isEqualTo(errno));
        }

        @Test
        void areReservedAlignedMemory() {
            Cma cma = cma("");
            memblock.reserve("x", 4 * MIB, 8 * MIB);
            refuses(Errno.EINVAL, () -> cma.initReserved("a", 4 * MIB, 0));
            refuses(Errno.EINVAL, () -> cma.initReserved("a", 4 * MIB, -2 * MIB));
            refuses(Errno.EINVAL, () -> cma.initReserved("a", 5 * MIB, 2 * MIB));
            refuses(Errno.EINVAL, () -> cma.initReserved("a", 4 * MIB, 3 * MIB));
            refuses(Errno.EINVAL, () -> cma.initReserved("a", 32 * MIB, 2 * MIB));
            memblock.reserve("x", 1L << 40, 2 * MIB);
            refuses(Errno.EINVAL, () -> cma.initReserved("a", 1L << 40, 2 * MIB));
        }

        @Test
        void areAsManyAsTheMaximumAndNoMore() {
            Cma cma = cma("");
            memblock.reserve("x", 2 * MIB, 40 * MIB);
            for (int i = 1; i <= Cma.AREA_COUNT_MAX; i++) {
                cma.initReserved("a" + i, 2L * i * MIB, 2 * MIB);
            }
            refuses(Errno.ENOSPC, () -> cma.initReserved("b", 32 * MIB, 2 * MIB));
            assertThat(lines()).containsExactly("cma: Not enough slots for CMA reserved regions!");
            cma.reserveDefault(DEFAULT_MIB, dmaEnd());
            assertThat(cma.defaultArea()).isNull();
        }

        @Test
        void acrossZonesReturnToThePageAllocator() {
            ram(new Ram.Bank(4 * GIB - 32 * MIB, 64 * MIB));
            Cma cma = cma("");
            memblock.reserve("x", 4 * GIB - 2 * MIB, 4 * MIB);
            CmaArea area = cma.initReserved("across", 4 * GIB - 2 * MIB, 4 * MIB);
            PageAllocator pages = pages();
            cma.activate(pages);
            assertThat(area.isActive()).isFalse();
            assertThat(area.alloc(1, 0, false)).isEqualTo(PageAllocator.NONE);
            assertThat(lines()).contains("cma: CMA area across could not be activated");
            assertThat(pages.freePages(Zone.DMA) + pages.freePages(Zone.NORMAL))
                    .isEqualTo(64 * MIB / PAGE);
            assertThat(pages.managedPages()).isEqualTo(64 * MIB / PAGE);
        }
    }

    @Nested
    class Allocations {
        private final Cma cma = reserved("cma=4M@16M");
        private final CmaArea area = area(cma);
        private final PageAllocator pages = pages();

        Allocations() {
            cma.activate(pages);
        }

        @Test
        void areFreeMemoryThatThePageAllocatorNeverGives() {
            long free = pages.freePages(Zone.DMA);
            assertThat(free).isEqualTo(64 * MIB / PAGE);
            assertThat(pages.isFree(16 * MIB)).isTrue();
            long phys = cma.alloc(null, 3 * PAGE, Gfp.KERNEL);
            assertThat(pages.freePages(Zone.DMA)).isEqualTo(free - 3);
            assertThat(pages.isFree(phys)).isFalse();
            Gfp silent = Gfp.KERNEL.with(Gfp.NOWARN);
            for (long at; (at = pages.take(silent, 0)) != PageAllocator.NONE; ) {
                assertThat(area.contains(at)).isFalse();
            }
            assertThat(pages.freePages(Zone.DMA)).isEqualTo(area.freePages());
            cma.free(null, pages, phys, 3 * PAGE);
            assertThat(area.usedPages()).isZero();
        }

        @Test
        void areExactlyAsManyPagesAsAskedForAndAlignedUpToOneMebibyte() {
            assertThat(cma.alloc(null, 3 * PAGE, Gfp.KERNEL)).isEqualTo(16 * MIB);
            assertThat(cma.alloc(null, 2 * PAGE, Gfp.KERNEL)).isEqualTo(16 * MIB + 4 * PAGE);
            assertThat(cma.alloc(area, PAGE, Gfp.KERNEL)).isEqualTo(16 * MIB + 3 * PAGE);
            assertThat(cma.alloc(null, 2 * MIB, Gfp.KERNEL)).isEqualTo(17 * MIB);
            assertThat(area.usedPages()).isEqualTo(6 + 512);
        }

        @Test
        void areAlignedByPageNumberWhereverTheAreaBegins() {
            assertThat(area.alloc(1, 0, false)).isEqualTo(16 * MIB);
            assertThat(area.alloc(1, 10, false)).isEqualTo(PageAllocator.NONE);
            area.release(16 * MIB, 1);
            assertThat(area.alloc(1, 10, false)).isEqualTo(16 * MIB);
        }

        @Test
        void ofOnePageOrWithoutSleepingAreNotFromTheDefaultArea() {
            assertThat(cma.alloc(null, PAGE, Gfp.KERNEL)).isEqualTo(PageAllocator.NONE);
            assertThat(cma.alloc(null, 2 * PAGE, Gfp.ATOMIC)).isEqualTo(PageAllocator.NONE);
            assertThat(cma.alloc(area, PAGE, Gfp.NOWAIT)).isEqualTo(PageAllocator.NONE);
            assertThat(area.usedPages()).isZero();
            assertThat(area.failedPages()).isZero();
        }

        @Test
        void thatDoNotFitAreLoggedWithWhatIsThere() {
            long first = cma.alloc(null, 2 * PAGE, Gfp.KERNEL);
            cma.alloc(null, 2 * PAGE, Gfp.KERNEL);
            cma.alloc(null, 2 * MIB, Gfp.KERNEL);
            cma.free(null, pages, first, 2 * PAGE);
            assertThat(cma.alloc(null, 2 * MIB, Gfp.KERNEL)).isEqualTo(PageAllocator.NONE);
            assertThat(lines())
                    .endsWith(
                            "cma: __cma_alloc: reserved: alloc failed, req-size: 512 pages,"
                                    + " ret: -12",
                            "cma: number of available pages: 2@0+252@4+256@768=> 510 free of 1024"
                                    + " total pages");
            int before = lines().size();
            cma.alloc(null, 2 * MIB, Gfp.KERNEL.with(Gfp.NOWARN));
            assertThat(lines()).hasSize(before);
            assertThat(area.failures()).isEqualTo(2);
            assertThat(area.failedPages()).isEqualTo(1024);
            assertThat(area.largestFreeRun()).isEqualTo(256);
        }

        @Test
        void largerThanTheAreaAreRefusedInSilence() {
            int before = lines().size();
            assertThat(cma.alloc(null, 5 * MIB, Gfp.KERNEL)).isEqualTo(PageAllocator.NONE);
            assertThat(area.alloc(Long.MAX_VALUE, 0, false)).isEqualTo(PageAllocator.NONE);
            assertThat(area.alloc(0, 0, false)).isEqualTo(PageAllocator.NONE);
            assertThat(lines()).hasSize(before);
        }

        @Test
        void complaintsAreLimited() {
            cma.alloc(null, 4 * MIB, Gfp.KERNEL);
            int before = lines().size();
            for (int i = 0; i < 100; i++) {
                cma.alloc(null, 2 * PAGE, Gfp.KERNEL);
            }
            assertThat(lines()).hasSize(before + 20);
        }

        @Test
        void ofADeviceWithAnAreaAreNeverFromTheDefaultOne() {
            ram(new Ram.Bank(0, 64 * MIB));
            Cma two = cma("");
            memblock.reserve("x", 8 * MIB, 2 * MIB);
            CmaArea own = two.initReserved("own", 8 * MIB, 2 * MIB);
            two.reserveDefault(DEFAULT_MIB, dmaEnd());
            PageAllocator all = pages();
            two.activate(all);
            long phys = two.alloc(own, 2 * MIB, Gfp.KERNEL);
            assertThat(phys).isEqualTo(8 * MIB);
            assertThat(two.alloc(own, PAGE, Gfp.KERNEL)).isEqualTo(PageAllocator.NONE);
            assertThatThrownBy(() -> two.free(null, all, phys, 2 * MIB))
                    .isInstanceOf(IllegalArgumentException.class);
            two.free(own, all, phys, 2 * MIB);
            assertThat(own.usedPages()).isZero();
            long other = all.take(Gfp.KERNEL, 1);
            two.free(own, all, other, 2 * PAGE);
            assertThat(all.isFree(other)).isTrue();
        }

        @Test
        void canBeGivenBackInPartsAndNotTwice() {
            long phys = cma.alloc(null, 4 * PAGE, Gfp.KERNEL);
            assertThat(area.release(phys + PAGE, 2)).isTrue();
            assertThatThrownBy(() -> area.release(phys, 4))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> area.release(phys, Long.MAX_VALUE))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(area.release(16 * MIB - PAGE, 1)).isFalse();
            assertThat(area.usedPages()).isEqualTo(2);
            assertThat(area.releasedPages()).isEqualTo(2);
            assertThat(area.bitmap()[0]).isEqualTo(0b1001);
        }

        @Test
        void inAnyOrderKeepApartAndLoseNone() {
            for (long seed = 1; seed <= 20; seed++) {
                exercise(seed);
            }
        }

        /** Against a map of taken ranges as oracle. */
        private void exercise(long seed) {
            Rng rng = Rng.named(seed, "cma");
            TreeMap<Long, Integer> taken = new TreeMap<>();
            int used = 0;
            for (int step = 0; step < 500; step++) {
                if (rng.nextInt(100) < 55) {
                    int count = 1 + rng.nextInt(200);
                    int order = PageAllocator.orderFor(count * PAGE);
                    long phys = area.alloc(count, Math.min(order, 8), true);
                    if (phys == PageAllocator.NONE) {
                        continue;
                    }
                    assertThat(phys % (PAGE << Math.min(order, 8))).isZero();
                    assertThat(taken.subMap(phys, phys + count * PAGE)).isEmpty();
                    var below = taken.lowerEntry(phys);
                    assertThat(below == null || below.getKey() + below.getValue() * PAGE <= phys)
                            .as("seed %d step %d: %x", seed, step, phys)
                            .isTrue();
                    taken.put(phys, count);
                    used += count;
                } else if (!taken.isEmpty()) {
                    long key = new ArrayList<>(taken.keySet()).get(rng.nextInt(taken.size()));
                    int count = taken.remove(key);
                    area.release(key, count);
                    used -= count;
                }
                assertThat(area.usedPages()).as("seed %d step %d", seed, step).isEqualTo(used);
                assertThat(area.largestFreeRun()).isLessThanOrEqualTo(1024 - used);
            }
            taken.forEach(area::release);
            assertThat(area.usedPages()).isZero();
            assertThat(area.largestFreeRun()).isEqualTo(1024);
        }
    }
}
