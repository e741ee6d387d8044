package dmakit.kernel.direct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.MemoryFixture;
import dmakit.kernel.cma.CmaArea;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.DmaRangeMap;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dma.DmaPages;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.mm.Zone;
import dmakit.machine.cpu.AddressLayout;
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
import org.junit.jupiter.params.provider.ValueSource;

class MemorySourcesTest {
    private static final long PAGE = 4096;
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;

    private static void refuses(Errno errno, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    private static long free(MemoryFixture kernel) {
        PageAllocator pages = kernel.mm.pages();
        return pages.freePages(Zone.DMA)
                + pages.freePages(Zone.DMA32)
                + pages.freePages(Zone.NORMAL);
    }

    @Nested
    class WithAContiguousArea {
        private final MemoryFixture kernel = MemoryFixture.booted("cma=16M@128M");
        private final CmaArea area = kernel.cma.areas().getFirst();
        private final Device device = kernel.device();
        private final int pools = area.usedPages();

        @AfterEach
        void close() {
            kernel.close();
        }

        private CoherentBuffer alloc(long size) {
            return kernel.mapping.allocCoherent(device, size, Gfp.KERNEL);
        }

        @Test
        void moreThanAPageComesFromItAndNoPageTooMany() {
            CoherentBuffer three = alloc(2 * PAGE + 1);
            assertThat(area.contains(three.dma())).isTrue();
            assertThat(area.usedPages()).isEqualTo(pools + 3);
            kernel.mapping.freeCoherent(device, three);
            assertThat(area.usedPages()).isEqualTo(pools);
        }

        @Test
        void aSinglePageDoesNot() {
            assertThat(area.contains(alloc(PAGE).dma())).isFalse();
        }

        @Test
        void noBlockOfTheBuddySystemIsAsLargeAsWhatItGives() {
            CoherentBuffer large = alloc(8 * MIB);
            assertThat(area.contains(large.dma())).isTrue();
            assertThat(large.dma() % MIB).isZero();
            refuses(Errno.ENOMEM, () -> alloc(12 * MIB));
            kernel.mapping.freeCoherent(device, large);
            kernel.mapping.freeCoherent(device, alloc(12 * MIB));
        }

        @Test
        void whatDoesNotFitComesFromTheBuddySystem() {
            CoherentBuffer all = alloc(15 * MIB);
            CoherentBuffer other = alloc(2 * MIB);
            assertThat(area.contains(all.dma())).isTrue();
            assertThat(area.contains(other.dma())).isFalse();
            assertThat(kernel.lines())
                    .anyMatch(line ->
                            line.startsWith(
                                    "cma: __cma_alloc: reserved: alloc failed,"
                                            + " req-size: 512 pages, ret: -12"));
            kernel.mapping.freeCoherent(device, other);
        }

        @Test
        void whatIsOutOfReachIsGivenBackAndTriedElsewhere() {
            device.dma().coherentDmaMask(DmaMapping.bitMask(27));
            CoherentBuffer low = alloc(4 * MIB);
            assertThat(low.dma() + 4 * MIB).isLessThanOrEqualTo(128 * MIB);
            assertThat(area.usedPages()).isEqualTo(pools);
        }

        @Test
        void aDevicesOwnAreaServesItAlone() {
            MemoryFixture two = MemoryFixture.booted("cma=4M@64M");
            try {
                CmaArea own = two.cma.areas().getFirst();
                Device special = two.device();
                special.dma().cmaArea(own);
                CoherentBuffer page = two.mapping.allocCoherent(special, PAGE, Gfp.KERNEL);
                assertThat(own.contains(page.dma())).isTrue();
                CoherentBuffer beside = two.mapping.allocCoherent(special, 4 * MIB, Gfp.KERNEL);
                assertThat(own.contains(beside.dma())).isFalse();
                two.mapping.freeCoherent(special, page);
                two.mapping.freeCoherent(special, beside);
            } finally {
                two.close();
            }
        }

        @Test
        void pagesThatStayInTheCachesComeFromItToo() {
            DmaPages given =
                    kernel.mapping.allocPages(
                            device, 5 * PAGE, DmaDirection.BIDIRECTIONAL, Gfp.KERNEL);
            assertThat(area.contains(given.page())).isTrue();
            assertThat(area.usedPages()).isEqualTo(pools + 5);
            kernel.mapping.freePages(
                    device, 5 * PAGE, given.page(), given.dma(), DmaDirection.BIDIRECTIONAL);
            assertThat(area.usedPages()).isEqualTo(pools);
        }

        @Test
        void aCookieIsFreedByItselfInTheSameWay() {
            int attrs = DmaAttrs.NO_KERNEL_MAPPING;
            CoherentBuffer cookie = kernel.mapping.allocAttrs(device, 3 * PAGE, Gfp.KERNEL, attrs);
            assertThat(area.contains(cookie.va())).isTrue();
            kernel.mapping.freeAttrs(device, 3 * PAGE, cookie.va(), cookie.dma(), attrs);
            assertThat(area.usedPages()).isEqualTo(pools);
        }

        @ParameterizedTest
        @ValueSource(
                longs = {0, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 40, Long.MAX_VALUE - 4095})
        void lengthsThatNobodyHasAreRefusedAndNothingIsLost(long size) {
            long before = free(kernel);
            refuses(Errno.ENOMEM, () -> alloc(size));
            refuses(Errno.ENOMEM, () -> kernel.mapping.allocCoherent(device, size, Gfp.ATOMIC));
            assertThat(free(kernel)).isEqualTo(before);
            assertThat(area.usedPages()).isEqualTo(pools);
        }

        @Test
        void aRangeMapAtTheTopOfTheAddressSpaceDoesNotWrap() {
            device.dma()
                    .rangeMap(
                            new DmaRangeMap(
                                    List.of(new DmaRangeMap.Range(0, -256 * MIB, 256 * MIB))));
            device.dma().coherentDmaMask(-1);
            CoherentBuffer top = alloc(16 * PAGE);
            assertThat(top.dma()).isNegative();
            kernel.mapping.freeCoherent(device, top);
            device.dma().coherentDmaMask(DmaMapping.bitMask(32));
            long before = free(kernel);
            refuses(Errno.ENOMEM, () -> alloc(16 * PAGE));
            assertThat(free(kernel)).isEqualTo(before);
        }
    }

    @Nested
    class TheAtomicPools {
        private MemoryFixture kernel = MemoryFixture.booted("coherent_pool=128K");
        private final Device device = kernel.device();

        @AfterEach
        void close() {
            kernel.close();
        }

        private void boot(String commandLine) {
            kernel.close();
            kernel = MemoryFixture.booted(commandLine);
        }

        private CoherentBuffer atomic(long size) {
            return kernel.mapping.allocCoherent(device, size, Gfp.ATOMIC);
        }

        @ParameterizedTest
        @CsvSource({
            "coherent_pool=256K, 256",
            "coherent_pool=300K, 512",
            "coherent_pool=1, 4",
            "coherent_pool=0x80000, 512",
            "coherent_pool=1G, 4096",
            "coherent_pool=0xffffffffffffffff, 4096",
            "coherent_pool=nonsense, 128",
            "coherent_pool=0, 128",
        })
        void haveTheSizeOfTheCommandLineInOneBlock(String word, long kib) {
            boot(word);
            assertThat(kernel.pools.size(Zone.NORMAL)).isEqualTo(kib << 10);
            assertThat(kernel.lines())
                    .contains(
                            "DMA: preallocated %d KiB GFP_KERNEL pool for atomic allocations"
                                    .formatted(kib),
                            ("DMA: preallocated %d KiB GFP_KERNEL|GFP_DMA pool for atomic"
                                            + " allocations")
                                    .formatted(kib));
        }

        @Test
        void haveAShareOfRamRoundedUpToABlock() {
            try (MemoryFixture big = MemoryFixture.with(-1, new Ram.Bank(0, 3 * GIB + 800 * MIB))) {
                assertThat(big.pools.size(Zone.DMA)).isEqualTo(512 << 10);
            }
        }

        @Test
        void areBackedByTheContiguousAreaWhereItLiesInTheirZone() {
            boot("cma=16M coherent_pool=256K");
            assertThat(kernel.cma.areas().getFirst().usedPages()).isEqualTo(3 * 64);
        }

        @Test
        void doubleInTheBackgroundWhenLessIsLeftThanTheyBeganWith() {
            CoherentBuffer first = atomic(PAGE);
            assertThat(kernel.pools.size(Zone.DMA)).isEqualTo(128 << 10);
            assertThat(kernel.runBackground()).isEqualTo(1);
            assertThat(kernel.pools.size(Zone.DMA)).isEqualTo(256 << 10);
            assertThat(kernel.pools.size(Zone.NORMAL)).isEqualTo(128 << 10);
            atomic(PAGE);
            assertThat(kernel.runBackground()).isZero();
            kernel.mapping.freeCoherent(device, first);
            assertThat(kernel.pools.size(Zone.DMA)).isEqualTo(256 << 10);
        }

        @Test
        void growBlockByBlockToAsMuchAsIsWanted() {
            List<CoherentBuffer> taken = new ArrayList<>();
            for (int i = 0; i < 512; i++) {
                taken.add(atomic(PAGE));
                kernel.runBackground();
            }
            assertThat(taken.stream().map(CoherentBuffer::dma).distinct()).hasSize(512);
            assertThat(kernel.pools.size(Zone.DMA)).isEqualTo(4 * MIB);
            taken.forEach(buffer -> kernel.mapping.freeCoherent(device, buffer));
            assertThat(kernel.mapping.allocCoherent(device, 2 * MIB, Gfp.ATOMIC)).isNotNull();
        }

        @Test
        void stayAsTheyAreWhenThereIsNoMemory() {
            atomic(PAGE);
            Gfp silent = Gfp.KERNEL.with(Gfp.NOWARN);
            for (int order = PageAllocator.ORDER_MAX; order >= 0; order--) {
                while (kernel.mm.pages().take(silent, order) != PageAllocator.NONE) {
                    assertThat(kernel.mm.pages().freePages(Zone.DMA)).isNotNegative();
                }
            }
            kernel.runBackground();
            assertThat(kernel.pools.size(Zone.DMA)).isEqualTo(128 << 10);
        }

        @Test
        void thatADeviceDoesNotReachLeadToTheNextAndToNone() {
            boot("cma=16M@128M");
            device.dma().coherentDmaMask(DmaMapping.bitMask(24));
            refuses(Errno.ENOMEM, () -> atomic(PAGE));
            assertThat(kernel.lines()).last().isEqualTo("DMA pool exhausted for test0");
            device.dma().coherentDmaMask(DmaMapping.bitMask(32));
            atomic(128 << 10);
        }

        @Test
        void keepAllocationsApartAndLoseNone() {
            for (long seed = 1; seed <= 10; seed++) {
                exercise(seed);
            }
        }

        private void exercise(long seed) {
            Rng rng = Rng.named(seed, "atomic");
            TreeMap<Long, CoherentBuffer> taken = new TreeMap<>();
            for (int step = 0; step < 300; step++) {
                if (rng.nextInt(100) < 55) {
                    long size = 1 + rng.nextInt((int) (6 * PAGE));
                    CoherentBuffer made;
                    try {
                        made = atomic(size);
                    } catch (KernelException e) {
                        continue;
                    }
                    long bytes = (size + PAGE - 1) & -PAGE;
                    var below = taken.floorEntry(made.dma() + bytes - 1);
                    assertThat(
                                    below == null
                                            || below.getKey() + below.getValue().size()
                                                    <= made.dma())
                            .as("seed %d step %d", seed, step)
                            .isTrue();
                    assertThat(made.dma() % (PAGE << PageAllocator.orderFor(bytes))).isZero();
                    taken.put(made.dma(), made);
                } else if (!taken.isEmpty()) {
                    var keys = new ArrayList<>(taken.keySet());
                    CoherentBuffer freed = taken.remove(keys.get(rng.nextInt(keys.size())));
                    kernel.mapping.freeCoherent(device, freed);
                }
            }
            taken.values().forEach(left -> kernel.mapping.freeCoherent(device, left));
            CoherentBuffer whole = atomic(128 << 10);
            kernel.mapping.freeCoherent(device, whole);
        }
    }

    @Test
    void everySourceGetsBackExactlyWhatItGave() {
        for (long seed = 1; seed <= 10; seed++) {
            try (MemoryFixture kernel = MemoryFixture.booted("cma=8M@64M coherent_pool=256K")) {
                exercise(kernel, seed);
            }
        }
    }

    /** Two devices, one that snoops, with all sources at once. */
    private static void exercise(MemoryFixture kernel, long seed) {
        Rng rng = Rng.named(seed, "sources");
        Device plain = kernel.device();
        Device snooping = new Device("test1", "platform", null, null);
        snooping.dma().coherent(true);
        CmaArea area = kernel.cma.areas().getFirst();
        long before = free(kernel);
        int used = area.usedPages();
        record Held(Device device, CoherentBuffer buffer, int attrs) {}
        List<Held> held = new ArrayList<>();
        for (int step = 0; step < 400; step++) {
            if (rng.nextInt(100) < 55) {
                Device device = rng.oneIn(2) ? plain : snooping;
                int attrs = rng.oneIn(5) ? DmaAttrs.NO_KERNEL_MAPPING : DmaAttrs.NO_WARN;
                Gfp gfp = rng.oneIn(4) ? Gfp.NOWAIT : Gfp.KERNEL.with(Gfp.NOWARN);
                long size = 1 + rng.nextInt(1 << rng.nextInt(21));
                device.dma().coherentDmaMask(DmaMapping.bitMask(20 + rng.nextInt(13)));
                try {
                    CoherentBuffer made = kernel.mapping.allocAttrs(device, size, gfp, attrs);
                    assertThat(made.dma() + size - 1)
                            .as("seed %d step %d", seed, step)
                            .isLessThanOrEqualTo(device.dma().coherentDmaMask());
                    boolean cookie = (attrs & DmaAttrs.NO_KERNEL_MAPPING) != 0;
                    assertThat(AddressLayout.isVmalloc(made.va()))
                            .isEqualTo(!cookie && device == plain);
                    held.add(new Held(device, made, attrs));
                } catch (KernelException e) {
                    assertThat(e.errno()).isEqualTo(Errno.ENOMEM);
                }
            } else if (!held.isEmpty()) {
                Held freed = held.remove(rng.nextInt(held.size()));
                giveBack(kernel, freed.device(), freed.buffer(), freed.attrs());
            }
        }
        held.forEach(left -> giveBack(kernel, left.device(), left.buffer(), left.attrs()));
        assertThat(free(kernel)).as("seed %d", seed).isEqualTo(before);
        assertThat(area.usedPages()).isEqualTo(used);
        kernel.mapping.checkGivenBack(plain);
        kernel.mapping.checkGivenBack(snooping);
    }

    private static void giveBack(
            MemoryFixture kernel, Device device, CoherentBuffer buffer, int attrs) {
        kernel.mapping.freeAttrs(device, buffer.size(), buffer.va(), buffer.dma(), attrs);
    }
}
