package dmakit.kernel.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.DmaException;
import dmakit.kernel.MemoryFixture;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DmaAddr;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dma.DmaIova;
import dmakit.kernel.dma.DmaPages;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.Vma;
import dmakit.kernel.mm.Zone;
import dmakit.kernel.scatterlist.SgTable;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.PageTable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SharedPagesTest {
    private static final DmaDirection FROM = DmaDirection.FROM_DEVICE;
    private static final DmaDirection BOTH = DmaDirection.BIDIRECTIONAL;

    private final MemoryFixture kernel = MemoryFixture.nonCoherent();
    private final DmaMapping mapping = kernel.mapping;
    private final Cpu cpu = kernel.machine.cpu();
    private final Device device = kernel.device();

    @AfterEach
    void close() {
        kernel.close();
    }

    private long freePages() {
        return kernel.mm.pages().freePages(Zone.DMA);
    }

    @Test
    void pagesAreZeroedAndInTheCachesUntilTheyAreSynced() {
        long free = freePages();
        DmaPages pages = mapping.allocPages(device, 5000, BOTH, Gfp.KERNEL);
        assertThat(freePages()).isEqualTo(free - 2);
        assertThat(pages.va()).isEqualTo(AddressLayout.LINEAR_BASE + pages.page());
        assertThat(cpu.load64(pages.va() + 4992)).isZero();
        cpu.store8(pages.va(), (byte) 7);
        mapping.syncSingleForDevice(device, pages.dma(), 5000, BOTH);
        assertThat(kernel.bus.load8(pages.dma())).isEqualTo((byte) 7);
        kernel.bus.store8(pages.dma(), (byte) 8);
        assertThat(cpu.load8(pages.va())).isEqualTo((byte) 7);
        mapping.syncSingleForCpu(device, pages.dma(), 5000, BOTH);
        assertThat(cpu.load8(pages.va())).isEqualTo((byte) 8);
        mapping.freePages(device, 5000, pages.page(), pages.dma(), BOTH);
        assertThat(freePages()).isEqualTo(free);
        mapping.checkGivenBack(device);
    }

    @Test
    void theMaskForAllocationsDecidesWhereTheyLie() {
        device.dma().coherentDmaMask(DmaMapping.bitMask(28));
        DmaPages pages = mapping.allocNoncoherent(device, 4096, FROM, Gfp.KERNEL);
        assertThat(pages.dma()).isLessThan(1L << 28);
        mapping.freeNoncoherent(device, 4096, pages.va(), pages.dma(), FROM);
        device.dma().coherentDmaMask(0);
        assertThatThrownBy(() -> mapping.allocPages(device, 4096, FROM, Gfp.KERNEL))
                .isInstanceOf(DmaException.class);
        assertThat(kernel.lines()).last().asString().contains("coherent DMA mask is 0");
    }

    @Test
    void zonesAndCompoundPagesAreRefused() {
        for (Gfp flag : new Gfp[] {Gfp.DMA, Gfp.DMA32, Gfp.HIGHMEM, Gfp.COMP}) {
            assertThatThrownBy(() -> mapping.allocPages(device, 8, FROM, Gfp.KERNEL.with(flag)))
                    .isInstanceOf(DmaException.class);
        }
        for (long size : new long[] {0, -1, (4 << 20) + 1, Long.MAX_VALUE}) {
            assertThatThrownBy(() -> mapping.allocPages(device, size, FROM, Gfp.KERNEL))
                    .isInstanceOf(DmaException.class);
        }
    }

    @Test
    void freeingWithAnotherSizeOrDirectionIsMisuse() {
        DmaPages pages = mapping.allocPages(device, 8192, FROM, Gfp.KERNEL);
        assertThatThrownBy(() -> mapping.freePages(device, 4096, pages.page(), pages.dma(), FROM))
                .isInstanceOf(OwnershipViolation.class);
        assertThatThrownBy(() -> mapping.freePages(device, 8192, pages.page(), pages.dma(), BOTH))
                .isInstanceOf(OwnershipViolation.class);
        mapping.freePages(device, 8192, pages.page(), pages.dma(), FROM);
    }

    @Test
    void withoutTranslationScatteredPagesAreOneEntryForBothSides() {
        long free = freePages();
        SgTable table = mapping.allocNoncontiguous(device, 10_000, FROM, Gfp.KERNEL, 0);
        assertThat(table.nents()).isEqualTo(1);
        assertThat(table.origNents()).isEqualTo(1);
        assertThat(table.sgl().dmaLength(0)).isEqualTo(12_288);
        long va = mapping.vmapNoncontiguous(device, 10_000, table);
        assertThat(va).isEqualTo(AddressLayout.LINEAR_BASE + table.sgl().phys(0));
        kernel.bus.store8(table.sgl().dmaAddress(0), (byte) 3);
        mapping.syncSgTableForCpu(device, table, FROM);
        assertThat(cpu.load8(va)).isEqualTo((byte) 3);
        mapping.vunmapNoncontiguous(device, va);
        mapping.freeNoncontiguous(device, 10_000, table, FROM);
        assertThat(freePages()).isEqualTo(free);
        assertThatThrownBy(() ->
                        mapping.allocNoncontiguous(
                                device, 8, FROM, Gfp.KERNEL, DmaAttrs.WRITE_COMBINE))
                .isInstanceOf(DmaException.class);
    }

    @Test
    void aProcessSeesThemThroughItsCaches() {
        PageTable table = new PageTable(AddressLayout.USER_BASE, AddressLayout.USER_SIZE);
        DmaPages pages = mapping.allocPages(device, 12_000, BOTH, Gfp.KERNEL);
        long start = AddressLayout.USER_BASE;
        Vma vma = new Vma(table, start, start + 8192, 1);
        mapping.mmapPages(device, vma, 12_000, pages.page());
        cpu.userTable(table);
        cpu.store8(start, (byte) 6);
        assertThat(cpu.load8(pages.va() + 4096)).isEqualTo((byte) 6);
        assertThat(kernel.bus.load8(pages.dma() + 4096)).isZero();
        for (Vma outside :
                new Vma[] {
                    new Vma(table, start, start + 8192, 2), new Vma(table, start, start + 4096, 3)
                }) {
            assertThatThrownBy(() -> mapping.mmapPages(device, outside, 12_000, pages.page()))
                    .isInstanceOf(DmaException.class);
        }
        SgTable scattered = mapping.allocNoncontiguous(device, 12_000, BOTH, Gfp.KERNEL, 0);
        Vma second = new Vma(table, start + 16384, start + 24576, 1);
        mapping.mmapNoncontiguous(device, second, 12_000, scattered);
        cpu.store8(start + 16384, (byte) 4);
        assertThat(cpu.load8(AddressLayout.LINEAR_BASE + scattered.sgl().phys(0) + 4096))
                .isEqualTo((byte) 4);
    }

    @Test
    void physicalMemoryIsRamUnlessItIsSaidNotToBe() {
        long page = kernel.mm.pages().allocPages(Gfp.KERNEL, 0);
        long dma = mapping.mapPhys(device, page + 64, 128, BOTH, 0);
        assertThat(dma).isEqualTo(page + 64);
        mapping.unmapPhys(device, dma, 128, BOTH, 0);
        long registers = 0x7e00_0000L;
        assertThat(mapping.mapPhys(device, registers, 4096, BOTH, DmaAttrs.MMIO))
                .isEqualTo(registers);
        mapping.unmapPhys(device, registers, 4096, BOTH, DmaAttrs.MMIO);
        assertThat(mapping.tryMapPage(device, page, 0, 64, BOTH, DmaAttrs.MMIO))
                .isEqualTo(DmaAddr.MAPPING_ERROR);
        mapping.checkGivenBack(device);
    }

    @Test
    void withoutTranslationThereAreNoAddressesToLink() {
        DmaIova state = new DmaIova();
        state.set(5, 5);
        assertThat(mapping.iovaTryAlloc(device, state, 0x10_0000, 4096)).isFalse();
        assertThat(state.isUsed()).isFalse();
        assertThatThrownBy(() -> mapping.tryIovaLink(device, state, 0x10_0000, 0, 4096, BOTH, 0))
                .isInstanceOf(IllegalStateException.class);
        assertThat(mapping.getMergeBoundary(device)).isZero();
    }

    @Test
    void syncsOfASnoopingDeviceThatSetItsMaskAreNotNeeded() {
        device.dma().coherent(true);
        mapping.setMask(device, DmaMapping.bitMask(32));
        assertThat(device.dma().skipsSync()).isTrue();
        assertThat(mapping.needSync(device, 0)).isFalse();
        device.dma().coherent(false);
        mapping.setMask(device, DmaMapping.bitMask(32));
        assertThat(mapping.needSync(device, 0)).isTrue();
    }

    @Nested
    class Managed {
        @Test
        void memoryGoesWithTheDriverTheLatestFirst() {
            long free = freePages();
            CoherentBuffer first = mapping.dmamAllocCoherent(device, 4096, Gfp.KERNEL);
            mapping.dmamAllocAttrs(device, 100, Gfp.KERNEL, DmaAttrs.WRITE_COMBINE);
            CoherentBuffer third = mapping.dmamAllocCoherent(device, 8192, Gfp.KERNEL);
            assertThat(device.devres().names()).hasSize(3);
            mapping.dmamFreeCoherent(device, 8192, third.va(), third.dma());
            assertThat(device.devres().names()).hasSize(2);
            device.devres().releaseAll();
            assertThat(freePages()).isEqualTo(free);
            assertThatThrownBy(
                            () -> mapping.dmamFreeCoherent(device, 4096, first.va(), first.dma()))
                    .isInstanceOf(OwnershipViolation.class);
        }

        @Test
        void anotherSizeIsWarnedOfAndObeyed() {
            CoherentBuffer buffer = mapping.dmamAllocCoherent(device, 8192, Gfp.KERNEL);
            assertThatThrownBy(
                            () -> mapping.dmamFreeCoherent(device, 4096, buffer.va(), buffer.dma()))
                    .isInstanceOf(OwnershipViolation.class);
            assertThat(kernel.lines()).last().asString().contains("freed as 4096 bytes");
            assertThat(device.devres().names()).isEmpty();
        }
    }

    @Nested
    class OldAttributes {
        @Test
        void memoryThatNeedNotBeConsistentIsCachedAndSyncedByHand() {
            int attrs = DmaAttrs.NON_CONSISTENT | DmaAttrs.WRITE_BARRIER;
            long free = freePages();
            CoherentBuffer buffer = mapping.allocAttrs(device, 4096, Gfp.KERNEL, attrs);
            assertThat(AddressLayout.isLinear(buffer.va())).isTrue();
            cpu.store8(buffer.va(), (byte) 1);
            assertThat(kernel.bus.load8(buffer.dma())).isZero();
            mapping.cacheSync(device, buffer.va(), 64, DmaDirection.TO_DEVICE);
            assertThat(kernel.bus.load8(buffer.dma())).isEqualTo((byte) 1);
            kernel.bus.store8(buffer.dma(), (byte) 2);
            mapping.cacheSync(device, buffer.va(), 64, FROM);
            assertThat(cpu.load8(buffer.va())).isEqualTo((byte) 2);
            mapping.freeAttrs(device, 4096, buffer.va(), buffer.dma(), attrs);
            assertThat(freePages()).isEqualTo(free);
        }
    }

    @Nested
    class Limits {
        @Test
        void aMaskBelowTheEndOfRamIsALimit() {
            assertThat(mapping.isAddressingLimited(device)).isFalse();
            device.dma().dmaMask(DmaMapping.bitMask(29));
            assertThat(mapping.isAddressingLimited(device)).isTrue();
            device.dma().dmaMask(DmaMapping.bitMask(32));
            device.dma().busDmaLimit((1L << 29) - 1);
            assertThat(mapping.isAddressingLimited(device)).isTrue();
            assertThat(mapping.optMappingSize(device)).isEqualTo(Long.MAX_VALUE);
        }
    }

    @Nested
    class Found {
        private final Findings findings = kernel.calls.findings();

        Found() {
            findings.enable();
        }

        private java.util.List<FindingId> ids() {
            return findings.all().stream().map(finding -> finding.id()).toList();
        }

        @Test
        void aWrongSizeAndAWrongDirection() {
            long free = freePages();
            DmaPages pages = mapping.allocPages(device, 8192, FROM, Gfp.KERNEL);
            mapping.freePages(device, 4096, pages.page(), pages.dma(), FROM);
            assertThat(ids()).containsExactly(FindingId.FREE_COHERENT_MISMATCH);
            DmaPages more = mapping.allocPages(device, 8192, FROM, Gfp.KERNEL);
            mapping.freePages(device, 8192, more.page(), more.dma(), BOTH);
            assertThat(ids()).last().isEqualTo(FindingId.UNMAP_DIRECTION);
            assertThat(freePages()).isEqualTo(free);
        }

        @Test
        void aForeignUnmap() {
            DmaPages pages = mapping.allocPages(device, 4096, FROM, Gfp.KERNEL);
            mapping.unmapSingle(device, pages.dma(), 4096, FROM);
            assertThat(ids()).containsExactly(FindingId.UNMAP_TYPE);
        }

        @Test
        void nothingInCorrectUse() {
            DmaPages pages = mapping.allocPages(device, 8192, FROM, Gfp.KERNEL);
            cpu.store8(pages.va(), (byte) 1);
            mapping.syncSingleForDevice(device, pages.dma(), 8192, FROM);
            mapping.syncSingleForCpu(device, pages.dma(), 8192, FROM);
            mapping.freePages(device, 8192, pages.page(), pages.dma(), FROM);
            SgTable table = mapping.allocNoncontiguous(device, 8192, FROM, Gfp.KERNEL, 0);
            mapping.syncSgTableForDevice(device, table, FROM);
            mapping.freeNoncontiguous(device, 8192, table, FROM);
            assertThat(ids()).isEmpty();
        }
    }
}
