package dmakit.board.smmu;

import static dmakit.board.smmu.SmmuSystem.reaches;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.iommu.IommuDomain;
import dmakit.kernel.iommu.IommuFaultHandler;
import dmakit.kernel.iommu.IommuProt;
import dmakit.kernel.iommu.IotlbGather;
import dmakit.kernel.iommu.PagingDomain;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.Zone;
import dmakit.machine.memory.DeviceView;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The driver of the SMMU and the chip, each seen through the other. */
class SmmuDriverTest {
    private static final int RW = IommuProt.READ | IommuProt.WRITE;
    private static final long PAGE = 4096;
    private static final long IOVA = 0x40_0000L;

    private static SmmuSystem system() {
        return SmmuSystem.nonCoherent("", 1);
    }

    private static long pages(SmmuSystem system) {
        long pages = 0;
        for (Zone zone : Zone.values()) {
            pages += system.kernel.mm().pages().freePages(zone);
        }
        return pages;
    }

    /** A page without dirty lines: none is written back over what a device wrote. */
    private static long page(SmmuSystem system) {
        long va = system.kernel.mm().pages().getFreePages(Gfp.KERNEL.with(Gfp.ZERO), 0);
        system.machine.cpu().clean(system.machine.cpu().physOf(va), PAGE);
        return va;
    }

    private static void settle(SmmuSystem system) {
        system.kernel.sched().msleep(1);
    }

    @Nested
    class Invalidation {
        @Test
        void forgottenLeavesThePageWithinReach() {
            try (SmmuSystem system = system()) {
                system.kernel.run(
                        "test",
                        () -> {
                            PagingDomain tables = system.tables(system.firstDevice());
                            long phys = system.machine.cpu().physOf(page(system));
                            tables.mapPages(IOVA, phys, PAGE, 1, RW, Gfp.KERNEL);
                            assertThat(reaches(system.first, IOVA, true)).isTrue();
                            IotlbGather gather = new IotlbGather();
                            tables.unmapPages(IOVA, PAGE, 1, gather);
                            assertThat(reaches(system.first, IOVA, true)).isTrue();
                            tables.sync(gather);
                            assertThat(reaches(system.first, IOVA, true)).isFalse();
                            settle(system);
                        });
            }
        }

        @Test
        void ofMorePagesThanAreWorthWhileTakesAll() {
            try (SmmuSystem system = system()) {
                system.kernel.run(
                        "test",
                        () -> {
                            PagingDomain tables = system.tables(system.firstDevice());
                            int count = 300;
                            tables.mapPages(IOVA, 0, PAGE, count, RW, Gfp.KERNEL);
                            for (int i = 0; i < count; i++) {
                                assertThat(reaches(system.first, IOVA + i * PAGE, false)).isTrue();
                            }
                            IotlbGather gather = new IotlbGather();
                            tables.unmapPages(IOVA, PAGE, count, gather);
                            tables.sync(gather);
                            for (int i = 0; i < count; i++) {
                                assertThat(reaches(system.first, IOVA + i * PAGE, false)).isFalse();
                            }
                            settle(system);
                        });
            }
        }

        @Test
        void isOfOneDomainAlone() {
            try (SmmuSystem system = system()) {
                system.kernel.run(
                        "test",
                        () -> {
                            PagingDomain mine = system.tables(system.firstDevice());
                            PagingDomain other = system.tables(system.secondDevice());
                            mine.mapPages(IOVA, 0, PAGE, 1, RW, Gfp.KERNEL);
                            other.mapPages(IOVA, PAGE, PAGE, 1, RW, Gfp.KERNEL);
                            reaches(system.first, IOVA, false);
                            reaches(system.second, IOVA, false);
                            IotlbGather unsynced = new IotlbGather();
                            mine.unmapPages(IOVA, PAGE, 1, unsynced);
                            IotlbGather gather = new IotlbGather();
                            other.unmapPages(IOVA, PAGE, 1, gather);
                            other.sync(gather);
                            assertThat(reaches(system.second, IOVA, false)).isFalse();
                            assertThat(reaches(system.first, IOVA, false)).isTrue();
                            mine.flushAll();
                            assertThat(reaches(system.first, IOVA, false)).isFalse();
                            settle(system);
                        });
            }
        }

        @Test
        void ofALazyDomainComesLater() {
            try (SmmuSystem system = SmmuSystem.nonCoherent("iommu.strict=0", 1)) {
                system.kernel.run(
                        "test",
                        () -> {
                            Device device = system.firstDevice();
                            long va = page(system);
                            long dma =
                                    system.kernel
                                            .dma()
                                            .mapSingle(device, va, 4096, DmaDirection.FROM_DEVICE);
                            assertThat(reaches(system.first, dma, true)).isTrue();
                            system.kernel
                                    .dma()
                                    .unmapSingle(device, dma, 4096, DmaDirection.FROM_DEVICE);
                            assertThat(reaches(system.first, dma, true)).isTrue();
                            system.kernel.sched().msleep(20);
                            assertThat(reaches(system.first, dma, true)).isFalse();
                            settle(system);
                        });
            }
        }
    }

    @Nested
    class AFault {
        @Test
        void isLoggedAtMostTenTimesInFiveSeconds() {
            try (SmmuSystem system = system()) {
                system.kernel.run(
                        "test",
                        () -> {
                            for (int i = 0; i < 25; i++) {
                                assertThat(reaches(system.first, 0x1000L * i, false)).isFalse();
                                settle(system);
                            }
                            assertThat(system.linesWith("Unhandled context fault")).isEqualTo(10);
                            system.kernel.sched().msleep(6_000);
                            reaches(system.first, 0x5000, true);
                            settle(system);
                        });
                assertThat(system.lines())
                        .contains(
                                "arm-smmu 50000000.iommu: Unhandled context fault: fsr=0x402,"
                                        + " iova=0x00001000, fsynr=0x0, cbfrsynra=0x10, cb=0",
                                "arm_smmu_context_fault: 15 callbacks suppressed");
            }
        }

        @Test
        void goesToTheHandlerOfItsDomain() {
            try (SmmuSystem system = system()) {
                system.kernel.run(
                        "test",
                        () -> {
                            Device device = system.firstDevice();
                            IommuDomain domain = system.kernel.iommus().allocDomain(device);
                            List<String> told = new ArrayList<>();
                            domain.setFaultHandler((_, _, iova, flags) -> {
                                told.add(Long.toHexString(iova) + " " + flags);
                                return flags == IommuFaultHandler.WRITE
                                        ? 0
                                        : -Errno.ENOSYS.number();
                            });
                            system.kernel.iommus().attach(domain, device);
                            domain.map(IOVA, 0x1000, PAGE, IommuProt.READ, Gfp.KERNEL);
                            assertThat(reaches(system.first, IOVA, false)).isTrue();
                            reaches(system.first, IOVA, true);
                            settle(system);
                            assertThat(told).containsExactly("400000 1");
                            assertThat(system.linesWith("Unhandled context fault")).isZero();
                            reaches(system.first, IOVA + PAGE, false);
                            settle(system);
                            assertThat(told).containsExactly("400000 1", "401000 0");
                            assertThat(system.linesWith("Unhandled context fault")).isEqualTo(1);
                            system.kernel.iommus().detach(domain, device);
                            assertThat(reaches(system.first, IOVA, false)).isFalse();
                            domain.free();
                            settle(system);
                        });
            }
        }

        @Test
        void ofAStreamNobodyKnowsIsBlocked() {
            try (SmmuSystem system = system()) {
                system.kernel.run(
                        "test",
                        () -> {
                            assertThat(reaches(system.unknown, 0x1000, true)).isFalse();
                            settle(system);
                        });
                assertThat(system.lines())
                        .containsSubsequence(
                                "arm-smmu 50000000.iommu: Blocked unknown Stream ID 0x30; boot with"
                                        + " \"arm-smmu.disable_bypass=0\" to allow, but this may"
                                        + " have security implications",
                                "arm-smmu 50000000.iommu: \tGFSR 0x00000002, GFSYNR0 0x00000002,"
                                        + " GFSYNR1 0x00000030, GFSYNR2 0x00000000");
            }
        }

        @Test
        void ofAStreamNobodyKnowsIsNoneWhereThatIsAllowed() {
            try (SmmuSystem system = SmmuSystem.nonCoherent("arm-smmu.disable_bypass=0", 1)) {
                system.kernel.run(
                        "test", () -> assertThat(reaches(system.unknown, 0x1000, true)).isTrue());
            }
        }
    }

    @Test
    void banksComeBackAndRunOut() {
        try (SmmuSystem system = system()) {
            system.kernel.run(
                    "test",
                    () -> {
                        Device device = system.firstDevice();
                        long before = pages(system);
                        for (int round = 0; round < 3 * SmmuSystem.BANKS; round++) {
                            IommuDomain domain = system.kernel.iommus().allocDomain(device);
                            system.kernel.iommus().attach(domain, device);
                            domain.map(IOVA, 0x1000, PAGE, RW, Gfp.KERNEL);
                            assertThat(reaches(system.first, IOVA, true)).isTrue();
                            system.kernel.iommus().detach(domain, device);
                            domain.free();
                        }
                        assertThat(pages(system)).isEqualTo(before);
                        // Two default domains have a bank each, and two more may.
                        List<IommuDomain> domains = new ArrayList<>();
                        assertThatThrownBy(
                                        () -> {
                                            while (domains.size() < SmmuSystem.BANKS) {
                                                IommuDomain domain =
                                                        system.kernel.iommus().allocDomain(device);
                                                domains.add(domain);
                                                system.kernel.iommus().attach(domain, device);
                                                system.kernel.iommus().detach(domain, device);
                                            }
                                        })
                                .isInstanceOfSatisfying(
                                        KernelException.class,
                                        e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
                        assertThat(domains).hasSize(3);
                        domains.forEach(IommuDomain::free);
                        assertThat(pages(system)).isEqualTo(before);
                    });
        }
    }

    @Test
    void whenItsDriverLeavesEverythingGoesThrough() {
        try (SmmuSystem system = system()) {
            system.kernel.run(
                    "test",
                    () -> {
                        long phys = system.machine.cpu().physOf(page(system));
                        long before = pages(system);
                        assertThat(reaches(system.unknown, phys, true)).isFalse();
                        settle(system);
                        system.kernel
                                .platform()
                                .unbind(
                                        system.kernel
                                                .platform()
                                                .device("50000000.iommu")
                                                .orElseThrow());
                        assertThat(system.kernel.iommus().groups()).isEmpty();
                        assertThat(reaches(system.first, phys, true)).isTrue();
                        assertThat(reaches(system.unknown, phys, true)).isTrue();
                        // The first tables of two domains; none of them had mapped anything.
                        assertThat(pages(system)).isEqualTo(before + 2);
                    });
            assertThat(system.lines())
                    .contains("taker 61000000.first: Removing from iommu group 0");
        }
    }

    @Test
    void aMasterWithoutABankIsBlocked() {
        try (SmmuSystem system = SmmuSystem.withOneBank()) {
            system.kernel.run(
                    "test",
                    () -> {
                        assertThat(system.kernel.iommus().groupOf(system.firstDevice()))
                                .isPresent();
                        assertThat(system.kernel.iommus().groupOf(system.secondDevice())).isEmpty();
                        assertThat(system.kernel.iommus().groups()).hasSize(1);
                        long phys = system.machine.cpu().physOf(page(system));
                        assertThat(reaches(system.second, phys, true)).isFalse();
                        PagingDomain tables = system.tables(system.firstDevice());
                        tables.mapPages(IOVA, phys, PAGE, 1, RW, Gfp.KERNEL);
                        assertThat(reaches(system.first, IOVA, true)).isTrue();
                        settle(system);
                    });
        }
    }

    @Test
    void aDomainThatTakesABankOverFindsNothingOfTheLastOne() {
        try (SmmuSystem system = system()) {
            system.kernel.run(
                    "test",
                    () -> {
                        Device device = system.firstDevice();
                        IommuDomain old = system.kernel.iommus().allocDomain(device);
                        system.kernel.iommus().attach(old, device);
                        old.map(IOVA, 0x1000, PAGE, RW, Gfp.KERNEL);
                        assertThat(reaches(system.first, IOVA, true)).isTrue();
                        system.kernel.iommus().detach(old, device);
                        old.free();
                        IommuDomain next = system.kernel.iommus().allocDomain(device);
                        system.kernel.iommus().attach(next, device);
                        assertThat(reaches(system.first, IOVA, true)).isFalse();
                        system.kernel.iommus().detach(next, device);
                        next.free();
                        settle(system);
                    });
        }
    }

    @Test
    void walksThatSnoopNeedNoCleaning() {
        try (SmmuSystem system = SmmuSystem.coherent("")) {
            assertThat(system.lines()).contains("arm-smmu 50000000.iommu: \tcoherent table walk");
            system.kernel.run(
                    "test",
                    () -> {
                        PagingDomain tables = system.tables(system.firstDevice());
                        tables.mapPages(IOVA, 0x1000, PAGE, 2, RW, Gfp.KERNEL);
                        assertThat(reaches(system.first, IOVA + PAGE, true)).isTrue();
                    });
        }
    }

    @Test
    void aPrivilegedMappingIsNotForOrdinaryAccesses() {
        try (SmmuSystem system = system()) {
            system.kernel.run(
                    "test",
                    () -> {
                        PagingDomain tables = system.tables(system.firstDevice());
                        tables.mapPages(IOVA, 0x1000, PAGE, 1, RW | IommuProt.PRIV, Gfp.KERNEL);
                        assertThat(reaches(system.first, IOVA, false)).isFalse();
                        settle(system);
                    });
        }
    }

    @Test
    void writeOnlyMappingsMayBeReadAsInStage1() {
        try (SmmuSystem system = system()) {
            system.kernel.run(
                    "test",
                    () -> {
                        PagingDomain tables = system.tables(system.firstDevice());
                        tables.mapPages(IOVA, 0x1000, PAGE, 1, IommuProt.WRITE, Gfp.KERNEL);
                        assertThat(reaches(system.first, IOVA, false)).isTrue();
                    });
        }
    }

    /**
     * Random use of the mapping API, while a device tries addresses: it reaches the byte that is
     * mapped there, and nothing where nothing is.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void aDeviceReachesWhatIsMappedForItAndNothingElse(long seed) {
        Rng rng = new Rng(seed);
        try (SmmuSystem system = SmmuSystem.nonCoherent("iommu.strict=1", seed)) {
            system.kernel.run(
                    "test",
                    () -> {
                        Device device = system.firstDevice();
                        Map<Long, CoherentBuffer> coherent = new TreeMap<>();
                        Map<Long, long[]> streaming = new TreeMap<>();
                        Map<Long, Long> model = new TreeMap<>();
                        long top = 0xffff_f000L;
                        for (int step = 0; step < 2_000; step++) {
                            switch (rng.nextInt(5)) {
                                case 0 -> {
                                    int size = 1 + rng.nextInt(20_000);
                                    if (coherent.size() < 20) {
                                        CoherentBuffer buffer =
                                                system.kernel
                                                        .dma()
                                                        .allocCoherent(device, size, Gfp.KERNEL);
                                        // Its zeroes are in RAM before a device is told of it.
                                        system.machine.cpu().storeBarrier();
                                        coherent.put(buffer.dma(), buffer);
                                        note(system, model, buffer.dma(), buffer.va(), size);
                                    }
                                }
                                case 1 -> {
                                    if (!coherent.isEmpty()) {
                                        CoherentBuffer buffer = coherent.remove(any(rng, coherent));
                                        forget(model, buffer.dma(), buffer.size());
                                        system.kernel.dma().freeCoherent(device, buffer);
                                    }
                                }
                                case 2 -> {
                                    if (streaming.size() < 50) {
                                        long va = page(system);
                                        // Too long to be bounced.
                                        int size = 512 + rng.nextInt(3585);
                                        long dma =
                                                system.kernel
                                                        .dma()
                                                        .mapSingle(
                                                                device,
                                                                va,
                                                                size,
                                                                DmaDirection.BIDIRECTIONAL);
                                        streaming.put(dma, new long[] {va, size});
                                        note(system, model, dma, va, size);
                                    }
                                }
                                case 3 -> {
                                    if (!streaming.isEmpty()) {
                                        long dma = any(rng, streaming);
                                        long[] mapping = streaming.remove(dma);
                                        system.kernel
                                                .dma()
                                                .unmapSingle(
                                                        device,
                                                        dma,
                                                        mapping[1],
                                                        DmaDirection.BIDIRECTIONAL);
                                        forget(model, dma, mapping[1]);
                                        system.kernel.mm().pages().freePagesAt(mapping[0], 0);
                                    }
                                }
                                default -> {
                                    for (int i = 0; i < 10; i++) {
                                        long address =
                                                top - rng.nextInt(256) * PAGE + rng.nextInt(4096);
                                        check(system, model, address, rng.oneIn(2));
                                    }
                                }
                            }
                        }
                        coherent.values()
                                .forEach(
                                        buffer -> system.kernel.dma().freeCoherent(device, buffer));
                        streaming.forEach((dma, mapping) ->
                                system.kernel
                                        .dma()
                                        .unmapSingle(
                                                device,
                                                dma,
                                                mapping[1],
                                                DmaDirection.BIDIRECTIONAL));
                        settle(system);
                    });
        }
    }

    private static long any(Rng rng, Map<Long, ?> map) {
        return List.copyOf(map.keySet()).get(rng.nextInt(map.size()));
    }

    /** Whole pages are within reach of whoever maps a part of them. */
    private static void note(
            SmmuSystem system, Map<Long, Long> model, long dma, long va, long size) {
        for (long at = dma & -PAGE; at < dma + size; at += PAGE) {
            model.put(at, system.machine.cpu().physOf((va & -PAGE) + (at - (dma & -PAGE))));
        }
    }

    private static void forget(Map<Long, Long> model, long dma, long size) {
        for (long at = dma & -PAGE; at < dma + size; at += PAGE) {
            model.remove(at);
        }
    }

    private static void check(
            SmmuSystem system, Map<Long, Long> model, long address, boolean write) {
        Long phys = model.get(address & -PAGE);
        byte[] data = {(byte) address};
        boolean done =
                (write
                                ? system.first.write(address, data, 0, 1)
                                : system.first.read(address, data, 0, 1))
                        .isDone();
        assertThat(done).isEqualTo(phys != null);
        if (phys != null && write) {
            long offset = system.machine.ram().offsetOf(phys + (address & PAGE - 1));
            byte inRam =
                    new DeviceView(system.machine.ram(), system.machine.caches(), false)
                            .load8(offset);
            assertThat(inRam).isEqualTo(data[0]);
        }
    }
}
