package dmakit.kernel.drivers.smmu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.MemoryFixture;
import dmakit.kernel.iommu.IommuProt;
import dmakit.kernel.iommu.IotlbGather;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.mm.Zone;
import dmakit.kernel.sched.Sched;
import dmakit.machine.random.Rng;
import dmakit.machine.task.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LongPageTablesTest {
    private static final long PAGE = 1L << 12;
    private static final long BLOCK = 1L << 21;
    private static final long HUGE = 1L << 30;
    private static final long IOVA = 0x12_3400_0000L;
    private static final long PHYS = 0x8_0000_0000L;
    private static final int RW = IommuProt.READ | IommuProt.WRITE;

    private final MemoryFixture kernel = MemoryFixture.nonCoherent();
    private final Sched sched = new Sched(kernel.machine, kernel.log);
    private final IotlbGather gather = new IotlbGather();
    private final List<Long> flushed = new ArrayList<>();

    @AfterEach
    void close() {
        kernel.close();
    }

    private void run(Runnable body) {
        Task task = sched.spawn("test", body);
        kernel.machine.scheduler().runUntil(task);
        if (task.failure() instanceof RuntimeException e) {
            throw e;
        }
        if (task.failure() instanceof Error e) {
            throw e;
        }
    }

    private LongPageTables tables(int bits) {
        return new LongPageTables(
                kernel.machine.cpu(),
                kernel.mm.pages(),
                sched.contexts(),
                false,
                bits,
                (iova, size, granule) -> flushed.add(iova));
    }

    private LongPageTables tables() {
        return tables(48);
    }

    private long map(LongPageTables tables, long iova, long size, long count, int prot) {
        return tables.map(iova, PHYS, size, count, prot, Gfp.ATOMIC);
    }

    private long unmap(LongPageTables tables, long iova, long size, long count) {
        gather.clear();
        return tables.unmap(iova, size, count, gather);
    }

    /** Reads a descriptor in RAM, past the CPU's caches, as a walker does. */
    private long inRam(LongPageTables tables, long iova, int level) {
        long table = tables.root();
        for (int at = 0; ; at++) {
            long index = (iova >>> (39 - 9 * at)) & 511;
            long descriptor = kernel.bus.load64(kernel.machine.ram().offsetOf(table + index * 8));
            if (at == level || (descriptor & 3) != 3) {
                return descriptor;
            }
            table = descriptor & 0xffff_ffff_f000L;
        }
    }

    private long freePages() {
        long pages = 0;
        for (Zone zone : Zone.values()) {
            pages += kernel.mm.pages().freePages(zone);
        }
        return pages;
    }

    private void freeWhatWaits(LongPageTables tables) {
        for (int i = 0; i < gather.tableCount(); i++) {
            tables.freeTable(gather.table(i));
        }
        gather.clear();
    }

    @Nested
    class ADescriptor {
        @ParameterizedTest
        @CsvSource({
            // prot, page: valid, AP, AF, nG, SH, attribute, XN as io-pgtable-arm.c sets them
            "3, 0xe43",
            "1, 0xec3",
            "2, 0xe43",
            "7, 0xf47",
            "5, 0xfc7",
            "0x13, 0xe4b",
            "0x23, 0xe03",
            "0xb, 0x60000000000e43"
        })
        void ofAPageSaysWhatIsAllowed(String prot, String expected) {
            run(() -> {
                LongPageTables tables = tables();
                assertThat(map(tables, IOVA, PAGE, 1, Integer.decode(prot))).isEqualTo(PAGE);
                assertThat(inRam(tables, IOVA, 3)).isEqualTo(PHYS | Long.decode(expected));
            });
        }

        @ParameterizedTest
        @CsvSource({"0x40000000, 1", "0x200000, 2"})
        void ofABlockHasTheSameBitsAndAnotherType(long size, int level) {
            run(() -> {
                LongPageTables tables = tables();
                long iova = IOVA & -size;
                assertThat(map(tables, iova, size, 1, RW)).isEqualTo(size);
                assertThat(inRam(tables, iova, level)).isEqualTo(PHYS | 0xe41);
            });
        }

        @Test
        void ofATableIsMarkedAsSynced() {
            run(() -> {
                LongPageTables tables = tables();
                map(tables, IOVA, PAGE, 1, RW);
                assertThat(inRam(tables, IOVA, 0) & ~0xffff_ffff_f000L)
                        .isEqualTo(0x0080_0000_0000_0003L);
            });
        }
    }

    @ParameterizedTest
    @CsvSource({"48, 4", "40, 4", "39, 3", "32, 3", "30, 2", "25, 2"})
    void asManyLevelsAreMadeAsTheAddressesNeed(int bits, int levels) {
        run(() -> {
            long before = freePages();
            LongPageTables tables = tables(bits);
            map(tables, 0, PAGE, 1, RW);
            assertThat(before - freePages()).isEqualTo(levels);
            tables.free();
            assertThat(freePages()).isEqualTo(before);
        });
    }

    @Nested
    class Mapping {
        @Test
        void neverTakesThePlaceOfAPage() {
            run(() -> {
                LongPageTables tables = tables();
                map(tables, IOVA + PAGE, PAGE, 1, RW);
                assertThat(map(tables, IOVA, PAGE, 3, RW)).isZero();
                assertThat(tables.lastError()).isEqualTo(Errno.EEXIST.number());
                assertThat(tables.iovaToPhys(IOVA)).isZero();
                assertThat(map(tables, IOVA & -BLOCK, BLOCK, 1, RW)).isZero();
                assertThat(tables.lastError()).isEqualTo(Errno.EEXIST.number());
                assertThat(tables.iovaToPhys(IOVA + PAGE)).isEqualTo(PHYS);
            });
            assertThat(kernel.lines()).anyMatch(line -> line.startsWith("WARNING: CPU: 0"));
        }

        @Test
        void ofAPageInsideABlockIsRefused() {
            run(() -> {
                LongPageTables tables = tables();
                map(tables, IOVA & -BLOCK, BLOCK, 1, RW);
                assertThat(map(tables, (IOVA & -BLOCK) + PAGE, PAGE, 1, RW)).isZero();
                assertThat(tables.lastError()).isEqualTo(Errno.EEXIST.number());
            });
        }

        @Test
        void ofABlockTakesThePlaceOfAnEmptyTable() {
            run(() -> {
                LongPageTables tables = tables();
                map(tables, IOVA, PAGE, 1, RW);
                unmap(tables, IOVA, PAGE, 1);
                long before = freePages();
                assertThat(map(tables, IOVA & -BLOCK, BLOCK, 1, RW)).isEqualTo(BLOCK);
                assertThat(freePages()).isEqualTo(before + 1);
                assertThat(flushed).containsExactly(IOVA & -BLOCK);
                assertThat(tables.iovaToPhys(IOVA)).isEqualTo(PHYS);
            });
        }

        @Test
        void goesOnInTheNextTable() {
            run(() -> {
                LongPageTables tables = tables();
                long start = IOVA + BLOCK - 2 * PAGE;
                assertThat(map(tables, start, PAGE, 5, RW)).isEqualTo(5 * PAGE);
                assertThat(tables.iovaToPhys(start + 4 * PAGE)).isEqualTo(PHYS + 4 * PAGE);
                assertThat(tables.iovaToPhys(start + 5 * PAGE)).isZero();
                assertThat(unmap(tables, start, PAGE, 5)).isEqualTo(5 * PAGE);
                assertThat(gather.start()).isEqualTo(start);
                assertThat(gather.last()).isEqualTo(start + 5 * PAGE - 1);
            });
        }

        @Test
        void needsARightOfAccess() {
            run(() -> {
                LongPageTables tables = tables();
                assertThat(map(tables, IOVA, PAGE, 1, IommuProt.CACHE)).isZero();
                assertThat(tables.lastError()).isEqualTo(Errno.EINVAL.number());
            });
        }

        @Test
        void endsAtTheLastAddress() {
            run(() -> {
                LongPageTables tables = tables(32);
                assertThat(map(tables, (1L << 32) - PAGE, PAGE, 1, RW)).isEqualTo(PAGE);
                assertThat(map(tables, 1L << 32, PAGE, 1, RW)).isZero();
                assertThat(tables.lastError()).isEqualTo(Errno.ERANGE.number());
                assertThat(tables.map(0, 1L << 48, PAGE, 1, RW, Gfp.ATOMIC)).isZero();
                assertThat(tables.lastError()).isEqualTo(Errno.ERANGE.number());
            });
        }

        @Test
        void withoutMemoryForATableSaysSo() {
            run(() -> {
                LongPageTables tables = tables();
                List<Long> taken = new ArrayList<>();
                long page = kernel.mm.pages().take(Gfp.NOWAIT, 0);
                while (page != PageAllocator.NONE) {
                    taken.add(page);
                    page = kernel.mm.pages().take(Gfp.NOWAIT, 0);
                }
                assertThat(map(tables, IOVA, PAGE, 1, RW)).isZero();
                assertThat(tables.lastError()).isEqualTo(Errno.ENOMEM.number());
                assertThatThrownBy(LongPageTablesTest.this::tables)
                        .isInstanceOfSatisfying(
                                KernelException.class,
                                e -> assertThat(e.errno()).isEqualTo(Errno.ENOMEM));
                taken.forEach(each -> kernel.mm.pages().give(each, 0));
                assertThat(map(tables, IOVA, PAGE, 1, RW)).isEqualTo(PAGE);
            });
        }
    }

    @Nested
    class Unmapping {
        @Test
        void stopsAtAHole() {
            run(() -> {
                LongPageTables tables = tables();
                map(tables, IOVA, PAGE, 2, RW);
                assertThat(unmap(tables, IOVA, PAGE, 4)).isEqualTo(2 * PAGE);
                assertThat(unmap(tables, IOVA, PAGE, 1)).isZero();
                assertThat(unmap(tables, 0x5000, PAGE, 1)).isZero();
            });
            assertThat(kernel.lines()).anyMatch(line -> line.startsWith("WARNING: CPU: 0"));
        }

        @Test
        void leavesNoDescriptorInRam() {
            run(() -> {
                LongPageTables tables = tables();
                map(tables, IOVA, PAGE, 1, RW);
                unmap(tables, IOVA, PAGE, 1);
                assertThat(inRam(tables, IOVA, 3)).isZero();
            });
        }

        @Test
        void ofABlockOfPagesGivesItsTableUp() {
            run(() -> {
                LongPageTables tables = tables();
                map(tables, IOVA & -BLOCK, PAGE, 512, RW);
                long before = freePages();
                assertThat(unmap(tables, IOVA & -BLOCK, BLOCK, 1)).isEqualTo(BLOCK);
                assertThat(gather.tableCount()).isEqualTo(1);
                assertThat(gather.pageSize()).isEqualTo(PAGE);
                assertThat(freePages()).isEqualTo(before);
                freeWhatWaits(tables);
                assertThat(freePages()).isEqualTo(before + 1);
                assertThat(tables.iovaToPhys(IOVA)).isZero();
                // The table that was remembered is gone.
                assertThat(map(tables, IOVA, PAGE, 1, RW)).isEqualTo(PAGE);
                assertThat(inRam(tables, IOVA, 3)).isEqualTo(PHYS | 0xe43);
            });
        }

        @Test
        void ofALargeBlockOfTablesGivesAllOfThemUp() {
            run(() -> {
                LongPageTables tables = tables();
                long iova = IOVA & -HUGE;
                map(tables, iova, PAGE, 1, RW);
                map(tables, iova + BLOCK, PAGE, 1, RW);
                map(tables, iova + 5 * BLOCK, BLOCK, 1, RW);
                assertThat(unmap(tables, iova, HUGE, 1)).isEqualTo(HUGE);
                assertThat(gather.tableCount()).isEqualTo(3);
                freeWhatWaits(tables);
            });
        }

        @Test
        void ofAPartSplitsABlock() {
            run(() -> {
                LongPageTables tables = tables();
                long iova = IOVA & -BLOCK;
                map(tables, iova, BLOCK, 1, IommuProt.READ);
                assertThat(unmap(tables, iova + PAGE, PAGE, 1)).isEqualTo(PAGE);
                assertThat(tables.iovaToPhys(iova)).isEqualTo(PHYS);
                assertThat(tables.iovaToPhys(iova + PAGE)).isZero();
                assertThat(tables.iovaToPhys(iova + 2 * PAGE)).isEqualTo(PHYS + 2 * PAGE);
                assertThat(inRam(tables, iova + BLOCK - PAGE, 3))
                        .isEqualTo(PHYS + BLOCK - PAGE | 0xec3);
                assertThat(inRam(tables, iova + PAGE, 3)).isZero();
            });
        }

        @Test
        void ofAPageSplitsALargeBlockTwice() {
            run(() -> {
                LongPageTables tables = tables();
                long iova = IOVA & -HUGE;
                map(tables, iova, HUGE, 1, RW);
                assertThat(unmap(tables, iova + 7 * BLOCK, PAGE, 1)).isEqualTo(PAGE);
                assertThat(tables.iovaToPhys(iova + 7 * BLOCK)).isZero();
                assertThat(tables.iovaToPhys(iova + 8 * BLOCK)).isEqualTo(PHYS + 8 * BLOCK);
                assertThat(inRam(tables, iova, 2)).isEqualTo(PHYS | 0xe41);
            });
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void whatIsInRamIsWhatWasMapped(long seed) {
        Rng rng = new Rng(seed);
        run(() -> {
            long before = freePages();
            LongPageTables tables = tables();
            Map<Long, Long> model = new TreeMap<>();
            for (int step = 0; step < 3_000; step++) {
                boolean block = rng.oneIn(20);
                long size = block ? BLOCK : PAGE;
                long iova = IOVA + rng.nextInt(3 * 512) * PAGE & -size;
                int count = block ? 1 : 1 + rng.nextInt(8);
                if (rng.oneIn(2)) {
                    mapLikeTheModel(tables, model, rng, iova, size, count);
                } else {
                    unmapLikeTheModel(tables, model, iova, size, count);
                }
                long looked = IOVA + rng.nextInt(4 * 512) * PAGE + rng.nextInt(4096);
                long expected = model.getOrDefault(looked & -PAGE, 0L);
                assertThat(tables.iovaToPhys(looked))
                        .isEqualTo(expected == 0 ? 0 : expected + (looked & PAGE - 1));
                assertThat(walked(tables, looked & -PAGE)).isEqualTo(expected);
            }
            tables.free();
            assertThat(freePages()).isEqualTo(before);
        });
    }

    private void mapLikeTheModel(
            LongPageTables tables,
            Map<Long, Long> model,
            Rng rng,
            long iova,
            long size,
            int count) {
        long phys = PHYS + rng.nextInt(64) * BLOCK;
        boolean free = true;
        for (long at = iova; at < iova + count * size; at += PAGE) {
            free &= !model.containsKey(at);
        }
        if (!free) {
            return;
        }
        assertThat(tables.map(iova, phys, size, count, RW, Gfp.ATOMIC)).isEqualTo(count * size);
        for (long done = 0; done < count * size; done += PAGE) {
            model.put(iova + done, phys + done);
        }
    }

    private void unmapLikeTheModel(
            LongPageTables tables, Map<Long, Long> model, long iova, long size, int count) {
        long mapped = 0;
        while (mapped < count * size && model.containsKey(iova + mapped)) {
            mapped += PAGE;
        }
        if (mapped < count * size) {
            return;
        }
        assertThat(unmap(tables, iova, size, count)).isEqualTo(mapped);
        freeWhatWaits(tables);
        for (long done = 0; done < mapped; done += PAGE) {
            model.remove(iova + done);
        }
    }

    /** Where a page leads by what is in RAM; 0 for nowhere. */
    private long walked(LongPageTables tables, long iova) {
        for (int level = 1; level <= 3; level++) {
            long descriptor = inRam(tables, iova, level);
            boolean leaf = (descriptor & 3) == (level == 3 ? 3 : 1);
            if (descriptor == 0 || leaf) {
                long offset = iova & ((1L << (39 - 9 * level)) - 1);
                return descriptor == 0 ? 0 : (descriptor & 0xffff_ffff_f000L) + offset;
            }
        }
        return 0;
    }
}
