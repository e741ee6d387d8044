package dmakit.kernel.mapping;

import static dmakit.kernel.MemoryFixture.GIB;
import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.MemoryFixture;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.DmaRangeMap;
import dmakit.kernel.dma.DmaAddr;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.swiotlb.SwiotlbPool;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.memory.Ram;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When direct mapping maps a copy instead, and when it refuses. */
class BouncedMappingTest {
    private static final DmaDirection TO = DmaDirection.TO_DEVICE;
    private static final DmaDirection FROM = DmaDirection.FROM_DEVICE;
    private static final DmaDirection BOTH = DmaDirection.BIDIRECTIONAL;
    private static final long HIGH = 4 * GIB;
    private static final Ram.Bank[] LOW_AND_HIGH = {new Ram.Bank(0, GIB), new Ram.Bank(HIGH, GIB)};

    /** One machine, and what its devices see. */
    private static final class Rig implements AutoCloseable {
        private final MemoryFixture kernel;
        private final Device device;
        private final DmaMapping mapping;

        Rig(String commandLine, boolean coherent, Ram.Bank... banks) {
            kernel = MemoryFixture.bouncing(commandLine, coherent, -1, banks);
            device = kernel.device();
            mapping = kernel.mapping;
        }

        SwiotlbPool pool() {
            return Objects.requireNonNull(kernel.swiotlb.common());
        }

        long pages(int order) {
            return kernel.mm.pages().allocPages(Gfp.KERNEL, order);
        }

        long tryMap(long phys, long size, DmaDirection direction) {
            return mapping.tryMapPhys(device, phys, size, direction, DmaAttrs.NONE);
        }

        void cpuWrites(long phys, int bytes, int value) {
            kernel.machine.cpu().fill(AddressLayout.LINEAR_BASE + phys, bytes, (byte) value);
        }

        int cpuReads(long phys) {
            return kernel.machine.cpu().load8(AddressLayout.LINEAR_BASE + phys);
        }

        void deviceWrites(long phys, int bytes, int value) {
            kernel.bus.fill(kernel.machine.ram().offsetOf(phys), bytes, (byte) value);
        }

        int deviceReads(long phys) {
            return kernel.bus.load8(kernel.machine.ram().offsetOf(phys));
        }

        List<String> warnings() {
            return kernel.lines().stream().filter(line -> line.contains("test0:")).toList();
        }

        @Override
        public void close() {
            kernel.close();
        }
    }

    @Nested
    class MemoryBeyondTheMask {
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void isCopiedThereAndBack(boolean coherent) {
            try (Rig rig = new Rig("", coherent, LOW_AND_HIGH)) {
                long page = rig.pages(0);
                assertThat(page).isGreaterThanOrEqualTo(HIGH);
                rig.cpuWrites(page, 4096, 1);
                long dma = rig.tryMap(page, 4096, BOTH);
                assertThat(dma).isLessThan(GIB);
                assertThat(rig.pool().holds(dma)).isTrue();
                assertThat(rig.deviceReads(dma + 4095)).isEqualTo(1);

                rig.deviceWrites(dma, 4096, 2);
                rig.mapping.syncSingleForCpu(rig.device, dma, 2048, BOTH);
                assertThat(rig.cpuReads(page)).isEqualTo(2);
                assertThat(rig.cpuReads(page + 2048)).isEqualTo(1);
                rig.cpuWrites(page, 2048, 3);
                rig.mapping.syncSingleForDevice(rig.device, dma, 2048, BOTH);
                assertThat(rig.deviceReads(dma + 2047)).isEqualTo(3);
                assertThat(rig.deviceReads(dma + 2048)).isEqualTo(2);

                rig.deviceWrites(dma, 4096, 4);
                rig.mapping.unmapSingle(rig.device, dma, 4096, BOTH);
                assertThat(rig.cpuReads(page)).isEqualTo(4);
                assertThat(rig.cpuReads(page + 4095)).isEqualTo(4);
                assertThat(rig.pool().usedCount()).isZero();
            }
        }

        @Test
        void isMappedItselfOnceTheMaskReachesIt() {
            try (Rig rig = new Rig("", true, LOW_AND_HIGH)) {
                rig.mapping.setMaskAndCoherent(rig.device, -1);
                long page = rig.pages(0);
                assertThat(rig.tryMap(page, 4096, BOTH)).isEqualTo(page);
                assertThat(rig.mapping.maxMappingSize(rig.device)).isEqualTo(Long.MAX_VALUE);
            }
        }

        @Test
        void limitsTheSizeOfAMapping() {
            try (Rig rig = new Rig("", true, LOW_AND_HIGH)) {
                assertThat(rig.mapping.isAddressingLimited(rig.device)).isTrue();
                assertThat(rig.mapping.maxMappingSize(rig.device)).isEqualTo(256 << 10);
                long block = rig.pages(7);
                assertThat(rig.tryMap(block, 256 << 10, BOTH)).isNotEqualTo(DmaAddr.MAPPING_ERROR);
                assertThat(rig.tryMap(block, (256 << 10) + 1, BOTH))
                        .isEqualTo(DmaAddr.MAPPING_ERROR);
            }
        }

        @Test
        void isRefusedWhereNothingBounces() {
            try (Rig rig = new Rig("swiotlb=noforce", true, LOW_AND_HIGH)) {
                long page = rig.pages(0);
                assertThat(rig.tryMap(page, 4096, BOTH)).isEqualTo(DmaAddr.MAPPING_ERROR);
                assertThat(rig.tryMap(page, 4096, BOTH)).isEqualTo(DmaAddr.MAPPING_ERROR);
                assertThat(rig.warnings())
                        .containsExactly(
                                "platform test0: DMA addr 0x%016x+4096 overflow (mask ffffffff,"
                                                .formatted(page)
                                        + " bus limit 0).");
                assertThat(rig.mapping.maxMappingSize(rig.device)).isEqualTo(Long.MAX_VALUE);
            }
        }

        @Test
        void isRefusedWhereThePoolIsBeyondTheMaskToo() {
            try (Rig rig = new Rig("", true, LOW_AND_HIGH)) {
                rig.device.dma().dmaMask(0xff_ffff);
                long page = rig.pages(0);
                assertThat(rig.tryMap(page, 4096, BOTH)).isEqualTo(DmaAddr.MAPPING_ERROR);
                assertThat(rig.tryMap(page, 4096, BOTH)).isEqualTo(DmaAddr.MAPPING_ERROR);
                assertThat(rig.pool().usedCount()).isZero();
                assertThat(rig.warnings())
                        .hasSize(1)
                        .first()
                        .asString()
                        .matches(
                                "platform test0: swiotlb addr 0x[0-9a-f]{16}\\+4096 overflow"
                                        + " \\(mask ffffff, bus limit 0\\)\\.");
            }
        }

        @Test
        void comesAsTheDeviceSeesThePool() {
            try (Rig rig = new Rig("", false, LOW_AND_HIGH)) {
                rig.device
                        .dma()
                        .rangeMap(
                                new DmaRangeMap(
                                        List.of(
                                                new DmaRangeMap.Range(
                                                        0, 0x8000_0000L, 0x4000_0000L))));
                long page = rig.pages(0);
                rig.cpuWrites(page, 64, 5);
                long dma = rig.tryMap(page, 64, TO);
                assertThat(dma).isBetween(0x8000_0000L, 0xbfff_ffffL);
                assertThat(rig.deviceReads(dma - 0x8000_0000L)).isEqualTo(5);
                rig.mapping.unmapSingle(rig.device, dma, 64, TO);
                assertThat(rig.pool().usedCount()).isZero();
            }
        }
    }

    @Nested
    class ADeviceThatSnoops {
        @Test
        void needsSyncsForWhatBouncedOnly() {
            try (Rig rig = new Rig("", true, LOW_AND_HIGH)) {
                long high = rig.pages(0);
                long low = rig.kernel.mm.pages().allocPages(Gfp.KERNEL.with(Gfp.DMA32), 0);
                long direct = rig.tryMap(low, 4096, BOTH);
                assertThat(rig.mapping.needSync(rig.device, direct)).isFalse();
                long bounced = rig.tryMap(high, 4096, BOTH);
                assertThat(rig.mapping.needSync(rig.device, bounced)).isTrue();
                assertThat(rig.mapping.needSync(rig.device, direct)).isFalse();
            }
        }

        @Test
        void isSyncedAfterItsFirstBounceThoughItSetAMaskBefore() {
            try (Rig rig = new Rig("", true, LOW_AND_HIGH)) {
                rig.mapping.setMask(rig.device, 0xffff_ffffL);
                long high = rig.pages(0);
                long dma = rig.tryMap(high, 4096, BOTH);
                rig.deviceWrites(dma, 1, 7);
                rig.mapping.syncSingleForCpu(rig.device, dma, 1, BOTH);
                assertThat(rig.cpuReads(high)).isEqualTo(7);
            }
        }
    }

    @Nested
    class SmallBuffers {
        @ParameterizedTest
        @ValueSource(ints = {1, 8, 14, 32, 65, 96})
        void bounceByTheirSizeAlone(int size) {
            try (Rig rig = new Rig("", false, new Ram.Bank(0, GIB))) {
                long page = rig.pages(0);
                rig.cpuWrites(page, 4096, 1);
                for (DmaDirection direction : List.of(FROM, BOTH)) {
                    long dma = rig.tryMap(page, size, direction);
                    assertThat(rig.pool().holds(dma)).isTrue();
                    rig.deviceWrites(dma, size, 2);
                    rig.cpuWrites(page + size, 64, 3);
                    rig.mapping.unmapSingle(rig.device, dma, size, direction);
                    assertThat(rig.cpuReads(page + size - 1)).isEqualTo(2);
                    assertThat(rig.cpuReads(page + size)).isEqualTo(3);
                }
                assertThat(rig.tryMap(page, size, TO)).isEqualTo(page);
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {33, 64, 97, 128, 129, 192, 255, 256, 257})
        void ofWholeLinesDoNot(int size) {
            try (Rig rig = new Rig("", false, new Ram.Bank(0, GIB))) {
                long page = rig.pages(0);
                assertThat(rig.tryMap(page, size, FROM)).isEqualTo(page);
            }
        }

        @Test
        void doNotWhereTheDeviceSnoopsOrNothingBounces() {
            try (Rig rig = new Rig("", true, new Ram.Bank(0, GIB))) {
                long page = rig.pages(0);
                assertThat(rig.tryMap(page, 8, FROM)).isEqualTo(page);
            }
            try (Rig rig = new Rig("swiotlb=noforce", false, new Ram.Bank(0, GIB))) {
                long page = rig.pages(0);
                assertThat(rig.tryMap(page, 8, FROM)).isEqualTo(page);
            }
        }

        @Test
        void arePackedWhereTheyBounceAndApartWhereTheyDoNot() {
            try (Rig rig = new Rig("", false, new Ram.Bank(0, GIB))) {
                assertThat(rig.kernel.mm.slab().minAlign()).isEqualTo(8);
            }
            try (Rig rig = new Rig("swiotlb=noforce", false, new Ram.Bank(0, GIB))) {
                assertThat(rig.kernel.mm.slab().minAlign()).isEqualTo(64);
            }
        }
    }

    @Nested
    class Lists {
        private Scatterlist list(Rig rig, int entries) {
            Scatterlist sg = new Scatterlist(entries);
            for (int i = 0; i < entries; i++) {
                sg.setPage(i, rig.pages(0), 4096, 0);
            }
            return sg;
        }

        @Test
        void bounceEntryByEntry() {
            try (Rig rig = new Rig("", false, LOW_AND_HIGH)) {
                Scatterlist sg = list(rig, 3);
                sg.setPage(
                        1,
                        rig.kernel.mm.pages().allocPages(Gfp.KERNEL.with(Gfp.DMA32), 0),
                        4096,
                        0);
                for (int i = 0; i < 3; i++) {
                    rig.cpuWrites(sg.phys(i), 4096, i + 1);
                }
                assertThat(rig.mapping.mapSg(rig.device, sg, 3, BOTH)).isEqualTo(3);
                assertThat(rig.pool().holds(sg.dmaAddress(0))).isTrue();
                assertThat(sg.dmaAddress(1)).isEqualTo(sg.phys(1));
                assertThat(rig.deviceReads(sg.dmaAddress(2))).isEqualTo(3);

                for (int i = 0; i < 3; i++) {
                    rig.deviceWrites(sg.dmaAddress(i), 4096, i + 4);
                }
                rig.mapping.syncSgForCpu(rig.device, sg, 3, BOTH);
                assertThat(rig.cpuReads(sg.phys(2))).isEqualTo(6);
                rig.cpuWrites(sg.phys(2), 4096, 7);
                rig.mapping.syncSgForDevice(rig.device, sg, 3, BOTH);
                assertThat(rig.deviceReads(sg.dmaAddress(2))).isEqualTo(7);
                rig.deviceWrites(sg.dmaAddress(0), 4096, 8);
                rig.mapping.unmapSg(rig.device, sg, 3, BOTH);
                assertThat(rig.cpuReads(sg.phys(0))).isEqualTo(8);
                assertThat(rig.cpuReads(sg.phys(1))).isEqualTo(5);
                assertThat(rig.pool().usedCount()).isZero();
            }
        }

        @Test
        void giveBackWhatWasMappedWhenAnEntryFindsNoPlace() {
            // 512 slots: 256 pages.
            try (Rig rig = new Rig("swiotlb=512,force", false, new Ram.Bank(0, GIB))) {
                Scatterlist sg = list(rig, 257);
                rig.cpuWrites(sg.phys(0), 4096, 1);
                assertThat(rig.mapping.tryMapSg(rig.device, sg, 257, FROM, DmaAttrs.NO_WARN))
                        .isZero();
                assertThat(rig.warnings()).isEmpty();
                assertThat(rig.pool().usedCount()).isZero();
                assertThat(rig.pool().highestUsed()).isEqualTo(512);
                assertThat(rig.mapping.mapSg(rig.device, sg, 256, FROM)).isEqualTo(256);
            }
        }
    }

    @Nested
    class WhenEverythingBounces {
        @Test
        void aZeroLengthIsRefused() {
            try (Rig rig = new Rig("swiotlb=force", true, new Ram.Bank(0, GIB))) {
                assertThat(rig.tryMap(rig.pages(0), 0, TO)).isEqualTo(DmaAddr.MAPPING_ERROR);
                assertThat(rig.warnings()).hasSize(1);
            }
            try (Rig rig = new Rig("", true, new Ram.Bank(0, GIB))) {
                long page = rig.pages(0);
                assertThat(rig.tryMap(page, 0, TO)).isEqualTo(page);
            }
        }

        @Test
        void theLargestMappingIsASegmentLessWhatAlignmentTakes() {
            try (Rig rig = new Rig("swiotlb=force", true, new Ram.Bank(0, GIB))) {
                assertThat(rig.mapping.maxMappingSize(rig.device)).isEqualTo(256 << 10);
                rig.mapping.setMinAlignMask(rig.device, 0xfff);
                assertThat(rig.mapping.maxMappingSize(rig.device)).isEqualTo(252 << 10);
            }
        }

        @Test
        void aRegisterIsMappedItself() {
            try (Rig rig = new Rig("swiotlb=force", true, new Ram.Bank(0, GIB))) {
                assertThat(
                                rig.mapping.mapResource(
                                        rig.device, 0xf000_0000L, 4096, BOTH, DmaAttrs.NONE))
                        .isEqualTo(0xf000_0000L);
            }
        }

        @Test
        void coherentMemoryDoesNot() {
            try (Rig rig = new Rig("swiotlb=force", true, new Ram.Bank(0, GIB))) {
                long dma = rig.mapping.allocCoherent(rig.device, 4096, Gfp.KERNEL).dma();
                assertThat(rig.pool().holds(dma)).isFalse();
                assertThat(rig.mapping.needSync(rig.device, dma)).isFalse();
            }
        }
    }
}
