package dmakit.kernel.mapping;

import static dmakit.kernel.dma.DmaDirection.BIDIRECTIONAL;
import static dmakit.kernel.dma.DmaDirection.FROM_DEVICE;
import static dmakit.kernel.dma.DmaDirection.TO_DEVICE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.DmaException;
import dmakit.kernel.MemoryFixture;
import dmakit.kernel.check.Finding;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.check.Role;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DmaAddr;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.machine.bus.BusAnswer;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Windows;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class MappingFindingsTest {
    private final MemoryFixture kernel = MemoryFixture.lenient();
    private final DmaMapping mapping = kernel.mapping;
    private final Findings findings = kernel.calls.findings();
    private final Device device = kernel.device();
    private final Device other = new Device("other0", "platform", null, null);
    private final MasterPort port = kernel.machine.bus().master("test0", Windows.IDENTITY, false);
    private final long va = kernel.mm.slab().kmalloc(4096, Gfp.KERNEL);
    private final byte[] bytes = new byte[4096];

    MappingFindingsTest() {
        findings.enable();
    }

    @AfterEach
    void close() {
        kernel.close();
    }

    private long map(long at, long size, DmaDirection direction) {
        return mapping.mapSingle(device, at, size, direction);
    }

    private void reads(long dma, int count) {
        assertThat(port.read(dma, bytes, 0, count)).isEqualTo(BusAnswer.Done.DONE);
    }

    private void writes(long dma, int count) {
        assertThat(port.write(dma, bytes, 0, count)).isEqualTo(BusAnswer.Done.DONE);
    }

    private void clean() {
        assertThat(findings.all()).isEmpty();
    }

    private Finding only(FindingId id) {
        assertThat(findings.all()).extracting(Finding::id).containsExactly(id);
        return findings.all().getFirst();
    }

    private void only(FindingId id, String message) {
        assertThat(only(id).message()).contains(message);
    }

    private static int lineOfThis() {
        return StackWalker.getInstance()
                .walk(frames -> frames.skip(1).findFirst().orElseThrow().getLineNumber());
    }

    @Test
    void aDriverThatDoesAllOfItRightIsNotReported() {
        for (int round = 0; round < 3; round++) {
            long to = mapping.tryMapSingle(device, va, 128, TO_DEVICE, 0);
            long from = mapping.tryMapSingle(device, va + 128, 128, FROM_DEVICE, 0);
            assertThat(mapping.mappingError(device, to)).isFalse();
            assertThat(mapping.mappingError(device, from)).isFalse();
            reads(to, 128);
            writes(from, 128);
            mapping.syncSingleForCpu(device, from + 64, 64, FROM_DEVICE);
            mapping.syncSingleForDevice(device, from + 64, 64, FROM_DEVICE);
            writes(from + 100, 28);
            mapping.unmapSingle(device, to, 128, TO_DEVICE);
            mapping.unmapPage(device, from, 128, FROM_DEVICE);
            CoherentBuffer ring = mapping.allocCoherent(device, 5000, Gfp.KERNEL);
            reads(ring.dma() + 4000, 1000);
            writes(ring.dma(), 8);
            mapping.freeCoherent(device, ring);
            Scatterlist sg = new Scatterlist(2);
            sg.setBuffer(0, va, 64);
            sg.setBuffer(1, va + 64, 64);
            mapping.mapSg(device, sg, 2, BIDIRECTIONAL);
            writes(sg.dmaAddress(0), 128);
            mapping.syncSgForCpu(device, sg, 2, BIDIRECTIONAL);
            mapping.unmapSg(device, sg, 2, BIDIRECTIONAL);
        }
        mapping.checkGivenBack(device);
        clean();
    }

    @Nested
    class Unmapping {
        @Test
        void anAddressNobodyTestedIsReportedWithItsMapping() {
            int mappedAt = lineOfThis() + 1;
            long dma = mapping.tryMapSingle(device, va, 64, TO_DEVICE, 0);
            mapping.unmapSingle(device, dma, 64, TO_DEVICE);
            int unmappedAt = lineOfThis() - 1;
            Finding found = only(FindingId.MAP_ERROR_UNCHECKED);
            assertThat(findings.lineOf(found.site()).line()).isEqualTo(mappedAt);
            assertThat(found.sites()).hasSize(1);
            assertThat(found.sites().getFirst().role()).isEqualTo(Role.FREED);
            assertThat(findings.lineOf(found.sites().getFirst().site()).line())
                    .isEqualTo(unmappedAt);
        }

        @Test
        void anotherSizeIsReported() {
            mapping.unmapSingle(device, map(va, 128, TO_DEVICE), 64, TO_DEVICE);
            only(FindingId.UNMAP_SIZE, "unmapped 64 bytes, mapped 128");
        }

        @Test
        void anotherDirectionIsReported() {
            mapping.unmapSingle(device, map(va, 128, TO_DEVICE), 128, FROM_DEVICE);
            only(FindingId.UNMAP_DIRECTION, "unmapped FROM_DEVICE, mapped TO_DEVICE");
        }

        @Test
        void anotherFunctionIsReported() {
            Scatterlist sg = Scatterlist.ofOne(va, 64);
            mapping.mapSg(device, sg, 1, TO_DEVICE);
            mapping.unmapSingle(device, sg.dmaAddress(0), 64, TO_DEVICE);
            only(FindingId.UNMAP_TYPE, "mapped as sg list, given back as single");
        }

        @Test
        void anotherCountOfEntriesIsReported() {
            Scatterlist sg = new Scatterlist(2);
            sg.setBuffer(0, va, 64);
            sg.setBuffer(1, va + 64, 64);
            mapping.mapSg(device, sg, 2, TO_DEVICE);
            mapping.unmapSg(device, sg, 1, TO_DEVICE);
            only(FindingId.UNMAP_SG_NENTS, "unmapped 1 entries, mapped 2");
        }

        @Test
        void aSecondTimeIsReportedWithTheFirst() {
            long dma = map(va, 64, TO_DEVICE);
            mapping.unmapSingle(device, dma, 64, TO_DEVICE);
            mapping.unmapSingle(device, dma, 64, TO_DEVICE);
            only(FindingId.UNMAP_UNKNOWN, "given back before");
            assertThat(findings.all().getFirst().sites())
                    .extracting(Finding.Place::role)
                    .containsExactly(Role.MAPPED, Role.FREED);
        }

        @Test
        void ofAnotherDeviceIsReported() {
            mapping.unmapSingle(other, map(va, 64, TO_DEVICE), 64, TO_DEVICE);
            only(FindingId.UNMAP_UNKNOWN, "for other0, it is of test0");
        }

        @Test
        void ofAnOffsetIsReported() {
            mapping.unmapSingle(device, map(va, 128, TO_DEVICE) + 64, 64, TO_DEVICE);
            only(FindingId.UNMAP_UNKNOWN, "64 bytes into the mapping");
        }

        @Test
        void ofTheErrorAddressIsReported() {
            mapping.unmapSingle(device, DmaAddr.MAPPING_ERROR, 64, TO_DEVICE);
            only(FindingId.UNMAP_UNKNOWN, "DMA_MAPPING_ERROR");
        }

        @Test
        void ofAListThatWasRefusedIsReported() {
            device.dma().dmaMask(0xff);
            Scatterlist sg = Scatterlist.ofOne(va, 64);
            assertThat(mapping.tryMapSg(device, sg, 1, TO_DEVICE, 0)).isZero();
            mapping.unmapSg(device, sg, 1, TO_DEVICE);
            assertThat(findings.all())
                    .extracting(Finding::id)
                    .containsExactly(FindingId.MAP_ERROR_UNCHECKED);
        }

        @Test
        void neverIsReportedWhenTheDriverLeavesAndOnce() {
            map(va, 64, TO_DEVICE);
            mapping.checkGivenBack(device);
            mapping.checkLeft(_ -> true);
            only(FindingId.UNMAP_MISSING, "64 bytes, single TO_DEVICE is still mapped");
        }

        @Test
        void afterTheDriverOfTheDeviceHasLeftIsNoFurtherMistakeTheFirstTime() {
            long single = map(va, 64, TO_DEVICE);
            CoherentBuffer ring = mapping.allocCoherent(device, 64, Gfp.KERNEL);
            mapping.checkGivenBack(device);
            assertThat(findings.all())
                    .extracting(Finding::id)
                    .containsOnly(FindingId.UNMAP_MISSING);
            int told = findings.all().size();
            mapping.unmapSingle(device, single, 64, TO_DEVICE);
            mapping.freeCoherent(device, ring);
            assertThat(findings.all()).hasSize(told);
            assertThat(device.dma().binding().open().count()).isZero();
            mapping.unmapSingle(device, single, 64, TO_DEVICE);
            assertThat(findings.all().getLast().id()).isEqualTo(FindingId.UNMAP_UNKNOWN);
        }

        @Test
        void ofMoreThanIsRememberedOfDriversThatLeftIsReportedAsUnknown() {
            List<Long> dmas = new ArrayList<>();
            for (int i = 0; i <= LeakRules.LEFT_BEHIND_COUNT_MAX; i++) {
                dmas.add(map(va, 64, TO_DEVICE));
                mapping.checkGivenBack(device);
            }
            for (long dma : dmas) {
                mapping.unmapSingle(device, dma, 64, TO_DEVICE);
            }
            assertThat(findings.all())
                    .filteredOn(finding -> finding.id() == FindingId.UNMAP_UNKNOWN)
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.count()).isEqualTo(1));
        }

        @Test
        void coherentMemoryIsReportedForWhatDiffers() {
            CoherentBuffer size = mapping.allocCoherent(device, 8192, Gfp.KERNEL);
            mapping.freeCoherent(device, 4096, size.va(), size.dma());
            only(FindingId.FREE_COHERENT_MISMATCH, "freed 4096 bytes, allocated 8192");
            CoherentBuffer handle = mapping.allocCoherent(device, 64, Gfp.KERNEL);
            mapping.freeCoherent(device, 64, handle.va(), handle.dma() + 64);
            CoherentBuffer owner = mapping.allocCoherent(device, 64, Gfp.KERNEL);
            mapping.freeCoherent(other, 64, owner.va(), owner.dma());
            CoherentBuffer cpu = mapping.allocCoherent(device, 64, Gfp.KERNEL);
            mapping.freeCoherent(device, 64, cpu.va() + 8, cpu.dma());
            assertThat(findings.all())
                    .extracting(Finding::id)
                    .containsOnly(FindingId.FREE_COHERENT_MISMATCH);
            assertThat(findings.all()).hasSize(4);
            CoherentBuffer wc = mapping.allocWc(device, 64, Gfp.KERNEL);
            mapping.freeCoherent(device, wc);
            assertThat(findings.all().getLast().id()).isEqualTo(FindingId.UNMAP_ATTRS);
            mapping.checkGivenBack(device);
            assertThat(findings.all()).hasSize(5);
        }

        @Test
        void coherentMemoryTwiceIsReported() {
            CoherentBuffer buffer = mapping.allocCoherent(device, 64, Gfp.KERNEL);
            mapping.freeCoherent(device, buffer);
            mapping.freeCoherent(device, buffer);
            only(FindingId.UNMAP_UNKNOWN, "given back before");
        }
    }

    @Nested
    class Syncing {
        @Test
        void pastTheEndIsReported() {
            mapping.syncSingleForCpu(device, map(va, 64, FROM_DEVICE), 128, FROM_DEVICE);
            only(FindingId.SYNC_RANGE, "128 bytes at offset 0 of a mapping of 64");
        }

        @Test
        void theOtherWayIsReportedUnlessItIsBoth() {
            mapping.syncSingleForDevice(device, map(va, 64, TO_DEVICE), 64, FROM_DEVICE);
            only(FindingId.SYNC_DIRECTION, "synced FROM_DEVICE, mapped TO_DEVICE");
            mapping.syncSingleForDevice(device, map(va + 64, 64, BIDIRECTIONAL), 64, TO_DEVICE);
            only(FindingId.SYNC_DIRECTION);
        }

        @Test
        void afterTheUnmapIsReported() {
            long dma = map(va, 64, FROM_DEVICE);
            mapping.unmapSingle(device, dma, 64, FROM_DEVICE);
            mapping.syncSingleForCpu(device, dma, 64, FROM_DEVICE);
            only(FindingId.SYNC_UNMAPPED, "after it was unmapped");
        }

        @Test
        void ofCoherentMemoryIsReported() {
            CoherentBuffer buffer = mapping.allocCoherent(device, 64, Gfp.KERNEL);
            mapping.syncSingleForCpu(device, buffer.dma(), 64, FROM_DEVICE);
            only(FindingId.SYNC_UNMAPPED, "coherent memory");
        }

        @Test
        void ofAnotherCountOfEntriesIsReported() {
            Scatterlist sg = new Scatterlist(2);
            sg.setBuffer(0, va, 64);
            sg.setBuffer(1, va + 64, 64);
            mapping.mapSg(device, sg, 2, FROM_DEVICE);
            mapping.syncSgForCpu(device, sg, 1, FROM_DEVICE);
            only(FindingId.UNMAP_SG_NENTS, "synced 1 entries, mapped 2");
        }
    }

    @Nested
    class Mapping {
        @Test
        void memoryOfVmallocIsReported() {
            long area = kernel.mm.vmalloc().vmalloc(4096);
            assertThat(mapping.tryMapSingle(device, area, 64, TO_DEVICE, 0))
                    .isEqualTo(DmaAddr.MAPPING_ERROR);
            only(FindingId.MAP_VMALLOC, "64 bytes, which is memory of vmalloc");
        }

        @Test
        void whatHasNoPhysicalAddressIsReportedByWhatItIs() {
            mapping.reject(FindingId.MAP_STACK, device, 0x7fff_0000, 16);
            mapping.reject(FindingId.MAP_TEXT, device, 0x5555_0000, 16);
            mapping.reject(FindingId.MAP_USER, device, 0x7f00_0000, 16);
            assertThat(findings.all())
                    .extracting(Finding::id)
                    .containsExactly(FindingId.MAP_STACK, FindingId.MAP_TEXT, FindingId.MAP_USER);
        }

        @Test
        void linesThatAnotherMappingWritesAreReported() {
            map(va, 32, FROM_DEVICE);
            clean();
            map(va + 32, 32, TO_DEVICE);
            only(FindingId.MAP_OVERLAP, "shares a cache line");
        }

        @Test
        void readersShareLinesAndOtherLinesAreNoOverlap() {
            map(va, 32, TO_DEVICE);
            map(va + 32, 32, TO_DEVICE);
            map(va + 64, 32, FROM_DEVICE);
            clean();
        }

        @Test
        void aLineTheCpuWritesBesideIsReportedWhenItIsTakenBack() {
            long dma = map(va, 32, FROM_DEVICE);
            writes(dma, 32);
            kernel.machine.cpu().store8(va + 40, (byte) 7);
            mapping.unmapSingle(device, dma, 32, FROM_DEVICE);
            only(FindingId.MAP_CACHELINE_SHARED, "the CPU wrote beside");
        }

        @Test
        void anEntryThatIsTooLongOrCrossesIsReported() {
            device.dma().maxSegmentSize(32);
            mapping.mapSg(device, Scatterlist.ofOne(va, 64), 1, TO_DEVICE);
            only(FindingId.SG_SEGMENT_TOO_LONG, "64 bytes, test0 takes 32");
            device.dma().maxSegmentSize(4096);
            device.dma().segmentBoundaryMask(0xff);
            mapping.mapSg(device, Scatterlist.ofOne(va + 0xf0, 64), 1, TO_DEVICE);
            assertThat(findings.all().getLast().id()).isEqualTo(FindingId.SG_BOUNDARY);
        }

        @Test
        void withAMaskThatWasRefusedIsReported() {
            assertThatThrownBy(() -> mapping.setMask(device, 0xff))
                    .isInstanceOf(DmaException.class);
            clean();
            map(va, 64, TO_DEVICE);
            map(va + 64, 64, TO_DEVICE);
            only(FindingId.MASK_UNSUPPORTED, "a mask of 0xff was refused");
        }

        @Test
        void withTheSecondMaskThatWasGrantedIsNot() {
            assertThatThrownBy(() -> mapping.setMask(device, 0xff))
                    .isInstanceOf(DmaException.class);
            mapping.setMask(device, 0xffff_ffffL);
            map(va, 64, TO_DEVICE);
            clean();
        }

        @Test
        void ofFreedMemoryIsReportedWhereAShadowIsKept() {
            kernel.machine.ram().shadow().turnOn();
            long phys = kernel.mm.virtual().virtToPhys(va);
            kernel.machine.ram().shadow().allocated(phys, 60, 64, true);
            mapping.unmapSingle(device, map(va, 60, TO_DEVICE), 60, TO_DEVICE);
            clean();
            map(va, 64, TO_DEVICE);
            only(FindingId.MAP_FREED, "at byte 60 it reaches past the end");
            kernel.machine.ram().shadow().freed(phys, 64);
            mapping.mapSingle(device, va, 60, TO_DEVICE);
            assertThat(findings.all().getLast().message()).contains("at byte 0 it is freed");
        }
    }

    @Nested
    class TheDevice {
        @Test
        void pastTheEndIsReportedToTheByte() {
            long dma = map(va, 100, FROM_DEVICE);
            writes(dma, 100);
            clean();
            writes(dma, 101);
            only(FindingId.DEVICE_UNMAPPED_ACCESS, "writes 1 bytes past the end");
        }

        @Test
        void afterTheUnmapIsReportedWithBothSites() {
            long dma = map(va, 64, FROM_DEVICE);
            mapping.unmapSingle(device, dma, 64, FROM_DEVICE);
            writes(dma + 8, 8);
            Finding found = only(FindingId.DEVICE_UNMAPPED_ACCESS);
            assertThat(found.message()).contains("given back already");
            assertThat(found.sites())
                    .extracting(Finding.Place::role)
                    .containsExactly(Role.MAPPED, Role.FREED);
        }

        @Test
        void withARawPhysicalAddressIsReported() {
            reads(kernel.mm.virtual().virtToPhys(va), 8);
            only(FindingId.DEVICE_UNMAPPED_ACCESS, "where nothing is mapped");
        }

        @Test
        void withAnAddressOfAnotherDeviceIsReported() {
            map(va + 2048, 64, TO_DEVICE);
            long dma = mapping.mapSingle(other, va, 64, TO_DEVICE);
            reads(dma, 64);
            only(FindingId.DEVICE_UNMAPPED_ACCESS, "mapped for other0, but test0 reads it");
        }

        @Test
        void againstTheDirectionIsReported() {
            writes(map(va, 64, TO_DEVICE), 8);
            only(FindingId.DEVICE_WRONG_DIRECTION, "test0 writes 8 bytes");
            reads(mapping.mapSingle(device, va + 64, 64, FROM_DEVICE), 8);
            assertThat(findings.all()).hasSize(2);
        }

        @Test
        void beyondEverythingIsReported() {
            map(va, 64, TO_DEVICE);
            assertThat(port.read(0x7_0000_0000L, bytes, 0, 8)).isInstanceOf(BusAnswer.Fault.class);
            only(FindingId.BUS_ERROR, "where nothing answers");
        }

        @Test
        void outsideOfItsWindowsIsReported() {
            MasterPort narrow =
                    kernel.machine
                            .bus()
                            .master(
                                    "test0",
                                    new Windows(List.of(new Windows.Window(0, 0, 0x1000))),
                                    false);
            map(va, 64, TO_DEVICE);
            assertThat(narrow.read(0x10_0000, bytes, 0, 8)).isInstanceOf(BusAnswer.Fault.class);
            only(FindingId.DEVICE_UNREACHABLE, "its bus does not carry");
        }

        @Test
        void withAMappingNobodyTestedIsReportedOnce() {
            long dma = mapping.tryMapSingle(device, va, 64, TO_DEVICE, DmaAttrs.NONE);
            reads(dma, 64);
            only(FindingId.MAP_ERROR_UNCHECKED, "was used without dma_mapping_error()");
            mapping.unmapSingle(device, dma, 64, TO_DEVICE);
            only(FindingId.MAP_ERROR_UNCHECKED);
        }
    }
}
