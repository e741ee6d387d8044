package dmakit.kernel.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.MemoryFixture;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.DmaRangeMap;
import dmakit.kernel.direct.DirectDma;
import dmakit.kernel.direct.MemorySources;
import dmakit.kernel.dma.DmaAddr;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.Mm;
import dmakit.kernel.mm.Slab;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.scatterlist.SgTable;
import dmakit.kernel.swiotlb.Swiotlb;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class StreamingTest {
    private static final DmaDirection TO = DmaDirection.TO_DEVICE;
    private static final DmaDirection FROM = DmaDirection.FROM_DEVICE;
    private static final DmaDirection BOTH = DmaDirection.BIDIRECTIONAL;

    private final MemoryFixture kernel = MemoryFixture.nonCoherent();
    private final DmaMapping mapping = kernel.mapping;
    private final Cpu cpu = kernel.machine.cpu();
    private final Device device = kernel.device();
    private final long va = kernel.mm.slab().kzalloc(4096, Gfp.KERNEL);
    private final long phys = va - AddressLayout.LINEAR_BASE;

    @AfterEach
    void close() {
        kernel.close();
    }

    private static void refuses(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        DmaException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    private byte deviceReads(long at) {
        return kernel.bus.load8(kernel.machine.ram().offsetOf(at));
    }

    private void deviceWrites(long at, int value) {
        kernel.bus.store8(kernel.machine.ram().offsetOf(at), (byte) value);
    }

    @Nested
    class OnANonCoherentMachine {
        @Test
        void theDeviceSeesWhatTheCpuWroteOnlyOnceItIsMapped() {
            cpu.store8(va, (byte) 7);
            assertThat(deviceReads(phys)).isZero();
            long dma = mapping.mapSingle(device, va, 64, TO);
            assertThat(deviceReads(phys)).isEqualTo((byte) 7);
            mapping.unmapSingle(device, dma, 64, TO);
        }

        @Test
        void mappingCleansForEveryDirection() {
            for (DmaDirection direction : List.of(TO, FROM, BOTH)) {
                cpu.store8(va, (byte) (direction.code() + 1));
                long dma = mapping.mapSingle(device, va, 4096, direction);
                assertThat(deviceReads(phys)).isEqualTo((byte) (direction.code() + 1));
                mapping.unmapSingle(device, dma, 4096, direction);
            }
        }

        @Test
        void theCpuSeesStaleBytesUntilItUnmaps() {
            cpu.load8(va);
            long dma = mapping.mapSingle(device, va, 64, FROM);
            deviceWrites(phys, 9);
            assertThat(cpu.load8(va)).isZero();
            mapping.unmapSingle(device, dma, 64, FROM);
            assertThat(cpu.load8(va)).isEqualTo((byte) 9);
        }

        @Test
        void theCpuSeesStaleBytesUntilItSyncs() {
            long dma = mapping.mapSingle(device, va, 128, BOTH);
            deviceWrites(phys + 64, 9);
            assertThat(cpu.load8(va + 64)).isZero();
            mapping.syncSingleRangeForCpu(device, dma, 64, 64, BOTH);
            assertThat(cpu.load8(va + 64)).isEqualTo((byte) 9);
            cpu.store8(va + 64, (byte) 11);
            assertThat(deviceReads(phys + 64)).isEqualTo((byte) 9);
            mapping.syncSingleRangeForDevice(device, dma, 64, 64, BOTH);
            assertThat(deviceReads(phys + 64)).isEqualTo((byte) 11);
            mapping.unmapSingle(device, dma, 128, BOTH);
        }

        @Test
        void unmappingToTheDeviceTakesNothingFromTheCaches() {
            long dma = mapping.mapSingle(device, va, 64, TO);
            cpu.store8(va, (byte) 5);
            mapping.unmapSingle(device, dma, 64, TO);
            assertThat(cpu.load8(va)).isEqualTo((byte) 5);
            assertThat(deviceReads(phys)).isZero();
        }

        @Test
        void unmappingFromTheDeviceDropsWhatTheCpuWroteMeanwhile() {
            long dma = mapping.mapSingle(device, va, 64, FROM);
            cpu.store8(va, (byte) 5);
            deviceWrites(phys, 6);
            mapping.unmapSingle(device, dma, 64, FROM);
            assertThat(cpu.load8(va)).isEqualTo((byte) 6);
        }

        @Test
        void aNeighbourInAPartialLineSurvivesAndTheDevicesBytesThereAreLost() {
            cpu.store8(va + 20, (byte) 1);
            long dma = mapping.mapSingle(device, va + 32, 64, FROM);
            deviceWrites(phys + 40, 6);
            deviceWrites(phys + 70, 7);
            deviceWrites(phys + 90, 8);
            cpu.store8(va, (byte) 2);
            cpu.store8(va + 127, (byte) 3);
            mapping.unmapSingle(device, dma, 64, FROM);
            assertThat(cpu.load8(va)).as("neighbour before").isEqualTo((byte) 2);
            assertThat(cpu.load8(va + 20)).isEqualTo((byte) 1);
            assertThat(cpu.load8(va + 127)).as("neighbour behind").isEqualTo((byte) 3);
            assertThat(cpu.load8(va + 40)).as("overwritten by the dirty line").isZero();
            assertThat(cpu.load8(va + 90)).as("overwritten by the dirty line").isZero();
        }

        @Test
        void cleanNeighboursInPartialLinesCostTheDeviceNothing() {
            long dma = mapping.mapSingle(device, va + 32, 256, FROM);
            deviceWrites(phys + 40, 6);
            mapping.unmapSingle(device, dma, 256, FROM);
            assertThat(cpu.load8(va + 40)).isEqualTo((byte) 6);
        }

        @Test
        void skippingTheSyncSkipsItAtBothEnds() {
            cpu.store8(va, (byte) 7);
            long dma = mapping.mapSingle(device, va, 64, FROM, DmaAttrs.SKIP_CPU_SYNC);
            assertThat(deviceReads(phys)).isZero();
            deviceWrites(phys, 9);
            mapping.unmapSingle(device, dma, 64, FROM, DmaAttrs.SKIP_CPU_SYNC);
            assertThat(cpu.load8(va)).isEqualTo((byte) 7);
        }

        @Test
        void aSnoopingDeviceNeedsNoMaintenance() {
            device.dma().coherent(true);
            cpu.store8(va, (byte) 7);
            long cleaned = kernel.machine.caches().counters().cleaned();
            long dma = mapping.mapSingle(device, va, 64, BOTH);
            mapping.unmapSingle(device, dma, 64, BOTH);
            assertThat(kernel.machine.caches().counters().cleaned()).isEqualTo(cleaned);
            assertThat(mapping.needSync(device, dma)).isFalse();
        }

        @Test
        void theCountersTellTheLines() {
            cpu.fill(va, 4096, (byte) 1);
            long cleaned = kernel.machine.caches().counters().cleaned();
            long invalidated = kernel.machine.caches().counters().invalidated();
            long dma = mapping.mapSingle(device, va, 4096, BOTH);
            mapping.unmapSingle(device, dma, 4096, BOTH);
            assertThat(kernel.machine.caches().counters().cleaned() - cleaned).isEqualTo(64);
            assertThat(kernel.machine.caches().counters().invalidated() - invalidated)
                    .isEqualTo(64);
        }
    }

    @Test
    void onACoherentMachineTheSameDriverWorksWithoutSync() {
        try (MemoryFixture snooped = MemoryFixture.coherent()) {
            Device there = snooped.device();
            long buffer = snooped.mm.slab().kzalloc(64, Gfp.KERNEL);
            long at = buffer - AddressLayout.LINEAR_BASE;
            long dma = snooped.mapping.mapSingle(there, buffer, 64, BOTH);
            snooped.machine.cpu().store8(buffer, (byte) 3);
            assertThat(snooped.bus.load8(at)).isEqualTo((byte) 3);
            snooped.bus.store8(at, (byte) 4);
            assertThat(snooped.machine.cpu().load8(buffer)).isEqualTo((byte) 4);
            snooped.mapping.unmapSingle(there, dma, 64, BOTH);
            assertThat(snooped.machine.caches().counters().cleaned()).isZero();
        }
    }

    @Nested
    class ReachOfADevice {
        private final DmaRangeMap window =
                new DmaRangeMap(List.of(new DmaRangeMap.Range(0, 0xc000_0000L, 0x3f00_0000L)));

        @Test
        void isTestedByTheInclusiveEnd() {
            device.dma().dmaMask(phys + 63);
            mapping.unmapSingle(device, mapping.mapSingle(device, va, 64, TO), 64, TO);
            refuses(Errno.ENOMEM, () -> mapping.mapSingle(device, va, 65, TO));
        }

        @Test
        void endsAtTheSmallerOfMaskAndBusLimit() {
            device.dma().busDmaLimit(phys + 63);
            mapping.unmapSingle(device, mapping.mapSingle(device, va, 64, TO), 64, TO);
            refuses(Errno.ENOMEM, () -> mapping.mapSingle(device, va, 65, TO));
            device.dma().dmaMask(-1);
            refuses(Errno.ENOMEM, () -> mapping.mapSingle(device, va, 65, TO));
            device.dma().busDmaLimit(0);
            mapping.unmapSingle(device, mapping.mapSingle(device, va, 65, TO), 65, TO);
        }

        @Test
        void isTranslatedByTheWindowOfItsBus() {
            device.dma().rangeMap(window);
            long dma = mapping.mapSingle(device, va, 64, FROM);
            assertThat(dma).isEqualTo(0xc000_0000L + phys);
            deviceWrites(phys, 9);
            mapping.unmapSingle(device, dma, 64, FROM);
            assertThat(cpu.load8(va)).isEqualTo((byte) 9);
        }

        @Test
        void endsWithItsWindowsAndNeverWraps() {
            device.dma().rangeMap(window);
            device.dma().dmaMask(-1);
            long outside = AddressLayout.LINEAR_BASE + 0x3f00_0000L;
            assertThat(mapping.tryMapSingle(device, outside, 64, TO, DmaAttrs.NONE))
                    .isEqualTo(DmaAddr.MAPPING_ERROR);
            assertThat(mapping.mappingError(device, DmaAddr.MAPPING_ERROR)).isTrue();
            assertThat(mapping.mappingError(device, 0)).isFalse();
        }

        @Test
        void isLoggedOnceWhenExceeded() {
            device.dma().dmaMask(0xff_ffff);
            device.dma().busDmaLimit(0xffff);
            long high = AddressLayout.LINEAR_BASE + 0x2000_0000L;
            mapping.tryMapSingle(device, high, 512, TO, DmaAttrs.NONE);
            mapping.tryMapSingle(device, high, 512, TO, DmaAttrs.NONE);
            assertThat(kernel.lines())
                    .filteredOn(line -> line.contains("overflow"))
                    .containsExactly(
                            "platform test0: DMA addr 0x0000000020000000+512 overflow"
                                    + " (mask ffffff, bus limit ffff).");
        }

        @Test
        void isNoneWithoutAMask() {
            device.dma().dmaMask(0);
            refuses(Errno.ENOMEM, () -> mapping.mapSingle(device, va, 64, TO));
            assertThat(kernel.lines()).last().isEqualTo("platform test0: DMA mask not set");
        }

        @Test
        void ofRegistersIsNotTranslated() {
            device.dma().rangeMap(window);
            long dma = mapping.mapResource(device, 0x3f20_1000L, 0x100, TO, 0);
            assertThat(dma).isEqualTo(0x3f20_1000L);
            mapping.unmapResource(device, dma, 0x100, TO, 0);
            device.dma().dmaMask(0x3f20_1000L);
            refuses(Errno.ENOMEM, () -> mapping.mapResource(device, 0x3f20_1000L, 2, TO, 0));
        }
    }

    @Test
    void memoryOfVmallocIsRejected() {
        long scattered = kernel.mm.vmalloc().vmalloc(64);
        refuses(Errno.ENOMEM, () -> mapping.mapSingle(device, scattered, 64, TO));
        assertThat(kernel.lines())
                .last()
                .isEqualTo("platform test0: rejecting DMA map of vmalloc memory");
        assertThatThrownBy(() -> mapping.mapSingle(device, 0x1000, 64, TO))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void noDirectionIsNoDirection() {
        ThrowingCallable[] calls = {
            () -> mapping.mapSingle(device, va, 64, DmaDirection.NONE),
            () -> mapping.unmapSingle(device, phys, 64, DmaDirection.NONE),
            () -> mapping.syncSingleForCpu(device, phys, 64, DmaDirection.NONE),
            () -> mapping.mapSg(device, Scatterlist.ofOne(va, 8), 1, DmaDirection.NONE),
        };
        for (ThrowingCallable call : calls) {
            assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class SmallBuffers {
        @Test
        void whereKmallocAlignsToLinesAreMapped() {
            for (int size = 1; size < 256; size++) {
                long dma = mapping.mapSingle(device, va, size, FROM);
                mapping.unmapSingle(device, dma, size, FROM);
            }
        }

        @Test
        void whereKmallocDoesNotAreRefusedByTheirSizeAlone() {
            Slab packed = new Slab(cpu, kernel.machine.ram(), kernel.calls, kernel.mm.pages(), 8);
            var small =
                    new Mm(
                            kernel.mm.memblock(),
                            kernel.mm.pages(),
                            packed,
                            kernel.mm.vmalloc(),
                            kernel.mm.io(),
                            kernel.mm.remap(),
                            kernel.mm.resources(),
                            kernel.mm.virtual(),
                            kernel.mm.checks());
            var ops =
                    new DirectDma(
                                    cpu,
                                    kernel.log,
                                    small,
                                    MemorySources.small(
                                            kernel.machine, kernel.calls, kernel.log, small),
                                    Swiotlb.none(kernel.machine, kernel.log))
                            .opsFor(device);
            for (int size : new int[] {1, 8, 32, 65, 96}) {
                assertThat(ops.map(phys, size, FROM, 0)).isEqualTo(DmaAddr.MAPPING_ERROR);
                assertThat(ops.map(phys, size, BOTH, 0)).isEqualTo(DmaAddr.MAPPING_ERROR);
                assertThat(ops.map(phys, size, TO, 0)).isEqualTo(phys);
            }
            for (int size : new int[] {33, 64, 100, 128, 192, 256, 300}) {
                assertThat(ops.map(phys, size, FROM, 0)).isEqualTo(phys);
            }
            device.dma().coherent(true);
            assertThat(ops.map(phys, 8, FROM, 0)).isEqualTo(phys);
        }
    }

    @Nested
    class Lists {
        private Scatterlist pages(int entries) {
            Scatterlist sg = new Scatterlist(entries);
            for (int i = 0; i < entries; i++) {
                sg.setPage(i, kernel.mm.pages().allocPages(Gfp.KERNEL, 0), 4096, 0);
            }
            return sg;
        }

        @Test
        void areMappedEntryByEntryAndNeverMerged() {
            Scatterlist sg = pages(4);
            assertThat(mapping.mapSg(device, sg, 4, FROM)).isEqualTo(4);
            for (int i = 0; i < 4; i++) {
                assertThat(sg.dmaAddress(i)).isEqualTo(sg.phys(i));
                assertThat(sg.dmaLength(i)).isEqualTo(4096);
                deviceWrites(sg.phys(i), i + 1);
            }
            assertThat(mapping.getMergeBoundary(device)).isZero();
            mapping.unmapSg(device, sg, 4, FROM);
            for (int i = 0; i < 4; i++) {
                assertThat(cpu.load8(sg.va(i))).isEqualTo((byte) (i + 1));
            }
        }

        @Test
        void ofAChainAreMappedThroughItsLinks() {
            Scatterlist sg = pages(3);
            Scatterlist behind = pages(2);
            sg.chain(behind);
            assertThat(mapping.mapSg(device, sg, 4, TO)).isEqualTo(4);
            assertThat(behind.dmaAddress(1)).isEqualTo(behind.phys(1));
            mapping.unmapSg(device, sg, 4, TO);
        }

        @Test
        void thatDoNotFitLeaveNothingMapped() {
            Scatterlist sg = pages(3);
            sg.setPage(2, 0x3000_0000L, 4096, 0);
            device.dma().dmaMask(0x2fff_ffffL);
            refuses(Errno.EIO, () -> mapping.mapSg(device, sg, 3, BOTH));
            assertThat(mapping.tryMapSg(device, sg, 3, BOTH, 0)).isZero();
            SgTable table = new SgTable(sg);
            assertThat(mapping.tryMapSgTable(device, table, BOTH, 0))
                    .isEqualTo(-Errno.EIO.number());
            assertThat(device.dma().binding()).isNotNull();
            assertThat(device.dma().binding().open().count()).isZero();
            assertThat(mapping.mapSg(device, sg, 2, BOTH)).isEqualTo(2);
            mapping.unmapSg(device, sg, 2, BOTH);
        }

        @Test
        void areSyncedAsAWhole() {
            SgTable table = new SgTable(pages(2));
            mapping.mapSgTable(device, table, BOTH, 0);
            assertThat(table.nents()).isEqualTo(2);
            Scatterlist sg = table.sgl();
            cpu.load8(sg.va(1));
            deviceWrites(sg.phys(1), 9);
            assertThat(cpu.load8(sg.va(1))).isNotEqualTo((byte) 9);
            mapping.syncSgTableForCpu(device, table, BOTH);
            assertThat(cpu.load8(sg.va(1))).isEqualTo((byte) 9);
            cpu.store8(sg.va(1), (byte) 10);
            mapping.syncSgTableForDevice(device, table, BOTH);
            assertThat(deviceReads(sg.phys(1))).isEqualTo((byte) 10);
            mapping.unmapSgTable(device, table, BOTH, 0);
        }

        @Test
        void withoutEntriesAreRefused() {
            assertThatThrownBy(() -> mapping.mapSg(device, pages(1), 0, TO))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class Misuse {
        @Test
        void isAnUnmapWithOtherValuesThanTheMap() {
            long dma = mapping.mapSingle(device, va, 64, TO);
            assertThatThrownBy(() -> mapping.unmapSingle(device, dma, 32, TO))
                    .isInstanceOf(OwnershipViolation.class)
                    .hasMessageContaining("0x20 bytes, TO_DEVICE")
                    .hasMessageContaining("0x40 bytes, mapped TO_DEVICE");
            assertThatThrownBy(() -> mapping.unmapSingle(device, dma, 64, FROM))
                    .isInstanceOf(OwnershipViolation.class);
            mapping.unmapSingle(device, dma, 64, TO);
            assertThatThrownBy(() -> mapping.unmapSingle(device, dma, 64, TO))
                    .isInstanceOf(OwnershipViolation.class);
        }

        @Test
        void isAListThatIsShorterThanSaid() {
            Scatterlist one = Scatterlist.ofOne(va, 64);
            assertThatThrownBy(() -> mapping.mapSg(device, one, 2, TO))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("2 entries of a list of 1");
        }

        @Test
        void isARangeThatLeavesRam() {
            device.dma().dmaMask(-1);
            long lastPage = MemoryFixture.GIB - 4096;
            mapping.unmapPage(device, mapping.mapPage(device, lastPage, 0, 4096, TO), 4096, TO);
            for (long size : new long[] {4097, Long.MAX_VALUE, -1}) {
                assertThatThrownBy(() -> mapping.mapPage(device, lastPage, 0, size, TO))
                        .as("%d bytes", size)
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }

        @Test
        void goesOnAsInLinuxUnlessItIsStrict() {
            try (MemoryFixture lenient = MemoryFixture.lenient()) {
                Device there = lenient.device();
                long buffer = lenient.mm.slab().kmalloc(64, Gfp.KERNEL);
                long dma = lenient.mapping.mapSingle(there, buffer, 64, TO);
                lenient.mapping.unmapSingle(there, dma, 32, FROM);
                assertThatCode(() -> lenient.mapping.checkGivenBack(there))
                        .doesNotThrowAnyException();
            }
        }

        @Test
        void isToLeaveWithMemoryStillLent() {
            mapping.mapSingle(device, va, 64, TO);
            mapping.mapSg(device, Scatterlist.ofOne(va + 128, 64), 1, FROM);
            mapping.allocCoherent(device, 100, Gfp.KERNEL);
            assertThatThrownBy(() -> mapping.checkGivenBack(device))
                    .isInstanceOf(OwnershipViolation.class)
                    .hasMessageContaining("0x40 bytes, mapped TO_DEVICE")
                    .hasMessageContaining("FROM_DEVICE")
                    .hasMessageContaining("0x64 bytes, coherent");
        }
    }

    @Nested
    class AScope {
        @Test
        void lendsTheBytesUntilItIsClosed() {
            try (StreamingMapping rx = mapping.map(device, va, 128, FROM)) {
                deviceWrites(phys, 9);
                assertThat(rx.dmaAddr()).isEqualTo(new DmaAddr(phys));
                try (var _ = rx.syncForCpu()) {
                    assertThat(cpu.load8(va)).isEqualTo((byte) 9);
                }
                deviceWrites(phys + 64, 10);
            }
            assertThat(cpu.load8(va + 64)).isEqualTo((byte) 10);
            mapping.checkGivenBack(device);
        }

        @Test
        void cannotUnmapItsSuccessor() {
            StreamingMapping first = mapping.map(device, va, 128, FROM);
            first.close();
            try (StreamingMapping second = mapping.map(device, va, 128, FROM)) {
                first.close();
                assertThatThrownBy(first::syncForCpu).isInstanceOf(IllegalStateException.class);
                assertThat(second.dma()).isEqualTo(phys);
            }
        }

        @Test
        void isNotClosedWhileTheCpuHoldsIt() {
            StreamingMapping rx = mapping.map(device, va, 128, FROM);
            var scope = rx.syncForCpu(64, 64);
            assertThatThrownBy(rx::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("CPU");
            assertThatThrownBy(rx::syncForCpu).isInstanceOf(IllegalStateException.class);
            scope.close();
            scope.close();
            rx.close();
            assertThatThrownBy(() -> rx.syncForCpu(64, 65))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
