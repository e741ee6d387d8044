package dmakit.kernel.iommu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
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
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.scatterlist.SgTable;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.PageTable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class IommuDmaTest {
    private static final DmaDirection TO = DmaDirection.TO_DEVICE;
    private static final DmaDirection FROM = DmaDirection.FROM_DEVICE;
    private static final DmaDirection BOTH = DmaDirection.BIDIRECTIONAL;

    private IommuFixture board = new IommuFixture();
    private Device device = board.device("/coherent@60001000");
    private long buffer = board.kernel.mm().pages().getFreePages(Gfp.KERNEL, 2);

    @AfterEach
    void close() {
        board.close();
    }

    private void boot(String commandLine, String path) {
        board.close();
        board = new IommuFixture(commandLine);
        device = board.device(path);
        buffer = board.kernel.mm().pages().getFreePages(Gfp.KERNEL, 2);
    }

    private <T> T inTask(Supplier<T> body) {
        return board.kernel.call("test", body);
    }

    private Cpu cpu() {
        return board.machine.cpu();
    }

    private long freePages() {
        long pages = 0;
        for (Zone zone : Zone.values()) {
            pages += board.kernel.mm().pages().freePages(zone);
        }
        return pages;
    }

    private IovaDomain iovas() {
        return board.iommus.domainOf(device).orElseThrow().space().iovas();
    }

    private static void enomem(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        DmaException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOMEM));
    }

    @Nested
    class OneBuffer {
        @Test
        void getsAddressesFromTheTopOf32Bits() {
            assertThat(board.mapping.mapSingle(device, buffer, 4096, TO)).isEqualTo(0xffff_f000L);
            assertThat(board.mapping.mapSingle(device, buffer, 4096, TO)).isEqualTo(0xffff_e000L);
        }

        @Test
        void givenBackIsGivenAwayNext() {
            long first = board.mapping.mapSingle(device, buffer, 4096, TO);
            board.mapping.mapSingle(device, buffer, 4096, TO);
            board.mapping.unmapSingle(device, first, 4096, TO);
            assertThat(board.mapping.mapSingle(device, buffer, 4096, TO)).isEqualTo(first);
        }

        @Test
        void keepsItsOffsetAndTheWholePageIsMapped() {
            long dma = board.mapping.mapSingle(device, buffer + 0x123, 16, TO);
            assertThat(dma).isEqualTo(0xffff_f123L);
            long phys = board.kernel.mm().virtual().virtToPhys(buffer);
            assertThat(board.domain().reach(0xffff_f000L)).isEqualTo(phys);
            assertThat(board.domain().reach(0xffff_ffffL)).isEqualTo(phys + 0xfff);
            board.mapping.unmapSingle(device, dma, 16, TO);
            assertThat(board.domain().reach(dma)).isEqualTo(-1);
        }

        @Test
        void acrossAPageBoundaryHasTwoPages() {
            long dma = board.mapping.mapSingle(device, buffer + 0xff8, 16, TO);
            assertThat(dma).isEqualTo(0xffff_eff8L);
            board.mapping.unmapSingle(device, dma, 16, TO);
            assertThat(board.domain().leaves).isEmpty();
        }

        @Test
        void isReadOrWrittenAsItsDirectionSays() {
            board.mapping.mapSingle(device, buffer, 4096, TO);
            board.mapping.mapSingle(device, buffer, 4096, FROM);
            board.mapping.mapSingle(device, buffer, 4096, BOTH);
            board.mapping.mapSingle(device, buffer, 4096, TO, DmaAttrs.PRIVILEGED);
            assertThat(board.domain().leaves.descendingMap().values())
                    .extracting(TestDomain.Leaf::prot)
                    .containsExactly(
                            IommuProt.READ | IommuProt.CACHE,
                            IommuProt.WRITE | IommuProt.CACHE,
                            IommuProt.READ | IommuProt.WRITE | IommuProt.CACHE,
                            IommuProt.READ | IommuProt.CACHE | IommuProt.PRIV);
        }

        @Test
        void ofADeviceThatDoesNotSnoopIsNotMappedSnooping() {
            Device engine = board.device("/engine@60000000");
            board.mapping.mapSingle(engine, buffer, 4096, TO);
            assertThat(board.domain().leaves.firstEntry().getValue().prot())
                    .isEqualTo(IommuProt.READ);
        }

        @Test
        void obeysMaskAndLimitOfTheBus() {
            device.dma().dmaMask(0x00ff_ffff);
            assertThat(board.mapping.mapSingle(device, buffer, 4096, TO)).isEqualTo(0x00ff_f000L);
            device.dma().busDmaLimit(0x0fff);
            assertThat(board.mapping.tryMapSingle(device, buffer, 4096, TO, 0))
                    .isEqualTo(DmaAddr.MAPPING_ERROR);
        }

        @Test
        void needsSyncsOfADeviceThatSnoopsOnlyWhereTheyAreChecked() {
            board.mapping.setMask(device, 0xffff_ffffL);
            long dma = board.mapping.mapSingle(device, buffer, 4096, TO);
            assertThat(board.mapping.needSync(device, dma)).isFalse();
            board.kernel.findings().enable();
            assertThat(board.mapping.needSync(device, dma)).isTrue();
        }

        @Test
        void withoutPageTablesLeavesNothing() {
            board.domain().leafCountMax = 1;
            int before = iovas().rangeCount();
            assertThat(board.mapping.tryMapSingle(device, buffer, 8192, TO, 0))
                    .isEqualTo(DmaAddr.MAPPING_ERROR);
            assertThat(board.domain().leaves).isEmpty();
            board.domain().leafCountMax = 100;
            board.mapping.mapSingle(device, buffer, 8192, TO);
            assertThat(iovas().rangeCount()).isEqualTo(before + 1);
        }

        @Test
        void ofNoBytesAtAPagesStartIsRefused() {
            assertThat(board.mapping.tryMapSingle(device, buffer, 0, TO, 0))
                    .isEqualTo(DmaAddr.MAPPING_ERROR);
            assertThat(board.domain().leaves).isEmpty();
        }

        @Test
        void ofHugeLengthIsRefused() {
            var ops = device.dma().binding().ops();
            for (long size : new long[] {1L << 33, Long.MAX_VALUE, -1, -4096, Long.MIN_VALUE}) {
                assertThat(ops.map(0x40_0000, size, TO, DmaAttrs.SKIP_CPU_SYNC))
                        .as("0x%x bytes", size)
                        .isEqualTo(DmaAddr.MAPPING_ERROR);
            }
            assertThat(board.domain().leaves).isEmpty();
            assertThat(iovas().rangeCount()).isZero();
        }

        @Test
        void withAMaskOfZeroGoesByThirtyTwoBits() {
            board.mapping.setMask(device, 0);
            assertThat(board.mapping.getMask(device)).isEqualTo(0xffff_ffffL);
            board.mapping.setMask(device, -1);
            assertThat(board.mapping.tryMapSingle(device, buffer, 4096, TO, 0))
                    .isNotEqualTo(DmaAddr.MAPPING_ERROR);
        }

        @Test
        void thatIsNotMappedIsNotGivenAwayTwice() {
            var ops = device.dma().binding().ops();
            ops.unmap(0xffff_f000L, 4096, TO, 0);
            assertThat(board.lines())
                    .anyMatch(line ->
                            line.startsWith("WARNING: CPU: 0 PID: ")
                                    && line.endsWith(" iommu_dma_unmap_page"));
            assertThat(ops.map(0x40_0000, 4096, TO, 0)).isEqualTo(0xffff_f000L);
            assertThat(ops.map(0x40_0000, 4096, TO, 0)).isEqualTo(0xffff_e000L);
        }

        @Test
        void withLowBitsToKeepBeyondAPageIsRefused() {
            device.dma().minAlignMask(0xfff);
            board.mapping.mapSingle(device, buffer, 4096, TO);
            device.dma().minAlignMask(0x1fff);
            assertThat(board.mapping.tryMapSingle(device, buffer, 4096, TO, 0))
                    .isEqualTo(DmaAddr.MAPPING_ERROR);
            assertThat(board.lines())
                    .contains("platform coherent@60001000: Unsupported alignment constraint");
        }

        @Test
        void ofRegistersIsMappedAsSuch() {
            long dma = board.mapping.mapResource(device, 0x6000_0010, 32, FROM, 0);
            assertThat(dma).isEqualTo(0xffff_f010L);
            assertThat(board.domain().leaves.firstEntry().getValue().prot() & IommuProt.MMIO)
                    .isNotZero();
            board.mapping.unmapResource(device, dma, 32, FROM, 0);
            assertThat(board.domain().leaves).isEmpty();
        }
    }

    @Nested
    class Caches {
        private final Device engine = board.device("/engine@60000000");

        @Test
        void areCleanedForTheDeviceAndInvalidatedForTheCpu() {
            cpu().store64(buffer, 1);
            long dma = board.mapping.mapSingle(engine, buffer, 4096, BOTH);
            long phys = board.domain().iovaToPhys(dma);
            assertThat(board.machine.caches().isDirty(phys)).isFalse();
            cpu().store64(buffer + 256, 1);
            board.mapping.syncSingleForDevice(engine, dma + 256, 64, BOTH);
            assertThat(board.machine.caches().isDirty(phys + 256)).isFalse();
            cpu().load64(buffer + 512);
            board.dram.store8(phys + 512, (byte) 42);
            board.mapping.syncSingleForCpu(engine, dma + 512, 64, BOTH);
            assertThat(cpu().load8(buffer + 512)).isEqualTo((byte) 42);
            cpu().load64(buffer + 1024);
            board.dram.store8(phys + 1024, (byte) 43);
            board.mapping.unmapSingle(engine, dma, 4096, BOTH);
            assertThat(cpu().load8(buffer + 1024)).isEqualTo((byte) 43);
        }

        @Test
        void ofListsAreMaintainedByTheCpusView() {
            Scatterlist sg = new Scatterlist(2);
            sg.setBuffer(0, buffer + 8192, 4096);
            sg.setBuffer(1, buffer, 4096);
            cpu().store64(buffer, 1);
            cpu().store64(buffer + 8192, 1);
            assertThat(board.mapping.mapSg(engine, sg, 2, BOTH)).isEqualTo(1);
            long phys = buffer - AddressLayout.LINEAR_BASE;
            assertThat(board.machine.caches().isDirty(phys)).isFalse();
            assertThat(board.machine.caches().isDirty(phys + 8192)).isFalse();
            cpu().load64(buffer + 64);
            board.dram.store8(phys + 64, (byte) 44);
            board.mapping.syncSgForCpu(engine, sg, 2, BOTH);
            assertThat(cpu().load8(buffer + 64)).isEqualTo((byte) 44);
            board.mapping.unmapSg(engine, sg, 2, BOTH);
        }
    }

    @Nested
    class Copies {
        @Test
        void areMadeOfSmallBuffersOfADeviceThatDoesNotSnoop() {
            boot("swiotlb=4096,force", "/engine@60000000");
            cpu().store8(buffer + 1, (byte) 5);
            long dma = board.mapping.mapSingle(device, buffer, 96, FROM);
            long copy = board.domain().iovaToPhys(dma);
            assertThat(copy).isNotEqualTo(buffer - AddressLayout.LINEAR_BASE);
            board.dram.store8(copy, (byte) 9);
            board.mapping.unmapSingle(device, dma, 96, FROM);
            assertThat(cpu().load8(buffer)).isEqualTo((byte) 9);
            assertThat(cpu().load8(buffer + 1)).as("was there before").isEqualTo((byte) 5);
        }

        @Test
        void areNotMadeForTheDeviceToRead() {
            boot("swiotlb=4096,force", "/engine@60000000");
            long dma = board.mapping.mapSingle(device, buffer, 96, TO);
            assertThat(board.domain().iovaToPhys(dma))
                    .isEqualTo(buffer - AddressLayout.LINEAR_BASE);
        }

        @Test
        void needAPool() {
            boot("swiotlb=noforce", "/engine@60000000");
            device = board.function("/outside@71000000", 8);
            assertThat(board.mapping.tryMapSingle(device, buffer, 96, FROM, 0))
                    .isEqualTo(DmaAddr.MAPPING_ERROR);
            assertThat(board.lines())
                    .contains(
                            "pci 0000:00:01.0: DMA bounce buffers are inactive, unable to"
                                    + " map unaligned transaction.");
        }

        @Test
        void ofAnyBufferShowAnUntrustedFunctionNothingElse() {
            boot("swiotlb=4096,force", "/coherent@60001000");
            device = board.function("/outside@71000000", 8);
            device.dma().coherent(true);
            cpu().fill(buffer, 4096, (byte) 0x5a);
            long dma = board.mapping.mapSingle(device, buffer + 0x100, 0x80, TO);
            long page = board.domain().iovaToPhys(dma & -4096);
            long at = board.domain().iovaToPhys(dma);
            for (long phys = page; phys < page + 4096; phys++) {
                boolean meant = phys >= at && phys < at + 0x80;
                assertThat(board.bus.load8(phys)).isEqualTo((byte) (meant ? 0x5a : 0));
            }
            board.mapping.unmapSingle(device, dma, 0x80, TO);
            assertThat(board.mapping.maxMappingSize(device)).isEqualTo(256 << 10);
            Scatterlist sg = new Scatterlist(2);
            sg.setBuffer(0, buffer, 4096);
            sg.setBuffer(1, buffer + 4096, 4096);
            assertThat(board.mapping.mapSg(device, sg, 2, TO)).as("never joined").isEqualTo(2);
            board.mapping.unmapSg(device, sg, 2, TO);
            assertThat(board.domain().leaves).isEmpty();
        }
    }

    @Nested
    class CoherentMemory {
        private void usesAll(CoherentBuffer memory) {
            for (long at = 0; at < memory.size(); at += 4096) {
                long phys = board.domain().iovaToPhys(memory.dma() + at);
                assertThat(board.dram.load8(phys)).isZero();
                cpu().store64(memory.va() + at, 77 + at);
                board.machine.caches().clean(board.machine.ram().offsetOf(phys), 64);
                assertThat(board.bus.load8(phys)).isEqualTo((byte) (77 + at));
            }
        }

        private void allocatesAndFrees(Gfp gfp, int attrs) {
            inTask(() -> {
                long before = freePages();
                CoherentBuffer memory = board.mapping.allocAttrs(device, 20_000, gfp, attrs);
                usesAll(memory);
                assertThat(memory.dma() % 32_768).isZero();
                board.mapping.freeAttrs(device, 20_000, memory.va(), memory.dma(), attrs);
                assertThat(board.domain().leaves).isEmpty();
                assertThat(freePages()).isEqualTo(before);
                return memory;
            });
        }

        @Test
        void ofScatteredPages() {
            allocatesAndFrees(Gfp.KERNEL, 0);
        }

        @Test
        void ofSinglePages() {
            allocatesAndFrees(Gfp.KERNEL, DmaAttrs.ALLOC_SINGLE_PAGES);
        }

        @Test
        void ofOneBlock() {
            allocatesAndFrees(Gfp.KERNEL, DmaAttrs.FORCE_CONTIGUOUS);
        }

        @Test
        void forWhoMayNotSleep() {
            allocatesAndFrees(Gfp.ATOMIC, 0);
        }

        @Test
        void forADeviceThatDoesNotSnoop() {
            device = board.device("/engine@60000000");
            allocatesAndFrees(Gfp.KERNEL, 0);
            allocatesAndFrees(Gfp.KERNEL, DmaAttrs.FORCE_CONTIGUOUS);
            allocatesAndFrees(Gfp.ATOMIC, 0);
        }

        @Test
        void isInTheVirtualAreaEvenForADeviceThatSnoops() {
            CoherentBuffer memory =
                    inTask(() -> board.mapping.allocCoherent(device, 4096, Gfp.KERNEL));
            assertThat(AddressLayout.isVmalloc(memory.va())).isTrue();
            CoherentBuffer atomic = board.mapping.allocCoherent(device, 4096, Gfp.ATOMIC);
            assertThat(AddressLayout.isLinear(atomic.va())).isTrue();
        }

        @Test
        void forWhoMayNotSleepOnADeviceThatDoesNotSnoopComesFromThePools() {
            device = board.device("/engine@60000000");
            long before = freePages();
            CoherentBuffer memory = board.mapping.allocCoherent(device, 4096, Gfp.ATOMIC);
            assertThat(freePages()).isEqualTo(before);
            board.mapping.freeCoherent(device, memory);
            assertThat(board.mapping.allocCoherent(device, 4096, Gfp.ATOMIC).va())
                    .isEqualTo(memory.va());
        }

        @Test
        void isMadeOfLargeBlocksWhereTheyAre() {
            inTask(() -> board.mapping.allocCoherent(device, 4 << 20, Gfp.KERNEL));
            assertThat(board.domain().leaves).hasSize(2);
        }

        @Test
        void goesByTheMaskForAllocations() {
            device.dma().coherentDmaMask(0x00ff_ffff);
            CoherentBuffer memory =
                    inTask(() -> board.mapping.allocCoherent(device, 4096, Gfp.KERNEL));
            assertThat(memory.dma()).isEqualTo(0x00ff_f000L);
        }

        @Test
        void withoutAddressesOrTablesLeavesNothing() {
            inTask(() -> {
                long before = freePages();
                board.domain().leafCountMax = 3;
                enomem(() -> board.mapping.allocCoherent(device, 20_000, Gfp.KERNEL));
                enomem(() ->
                        board.mapping.allocAttrs(
                                device, 20_000, Gfp.KERNEL, DmaAttrs.FORCE_CONTIGUOUS));
                board.domain().leafCountMax = 100;
                device.dma().coherentDmaMask(0x1fff);
                enomem(() -> board.mapping.allocCoherent(device, 20_000, Gfp.KERNEL));
                enomem(() -> board.mapping.allocCoherent(device, 20_000, Gfp.ATOMIC));
                assertThat(freePages()).isEqualTo(before);
                assertThat(board.domain().leaves).isEmpty();
                return 0;
            });
        }

        @Test
        void largerThanRamIsRefused() {
            inTask(() -> {
                long before = freePages();
                enomem(() -> board.mapping.allocCoherent(device, 300 << 20, Gfp.KERNEL));
                enomem(() -> board.mapping.allocCoherent(device, Long.MAX_VALUE, Gfp.KERNEL));
                assertThat(freePages()).isEqualTo(before);
                return 0;
            });
        }

        @Test
        void isMappedIntoAProcessPageByPage() {
            CoherentBuffer memory =
                    inTask(() -> board.mapping.allocCoherent(device, 20_000, Gfp.KERNEL));
            PageTable table = new PageTable(0, 16 << 20);
            Vma vma = new Vma(table, 0x10000, 0x10000 + 4 * 4096, 1, Vma.READ | Vma.SHARED);
            board.mapping.mmapCoherent(device, vma, memory.va(), memory.dma(), 20_000);
            for (int i = 0; i < 4; i++) {
                assertThat(PageTable.physOf(table.entryOf(0x10000 + i * 4096), 0))
                        .isEqualTo(board.domain().iovaToPhys(memory.dma() + (i + 1) * 4096));
            }
            Vma beyond = new Vma(table, 0x20000, 0x20000 + 4 * 4096, 2, Vma.READ | Vma.SHARED);
            assertThatThrownBy(() ->
                            board.mapping.mmapCoherent(
                                    device, beyond, memory.va(), memory.dma(), 20_000))
                    .isInstanceOfSatisfying(
                            DmaException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENXIO));
        }

        @Test
        void isATableOfItsPages() {
            CoherentBuffer memory =
                    inTask(() ->
                            board.mapping.allocAttrs(
                                    device, 20_000, Gfp.KERNEL, DmaAttrs.ALLOC_SINGLE_PAGES));
            SgTable table = board.mapping.getSgTable(device, memory.va(), memory.dma(), 20_000);
            assertThat(table.sgl().bytes()).isEqualTo(20_000);
            assertThat(table.sgl().phys(0)).isEqualTo(board.domain().iovaToPhys(memory.dma()));
        }
    }

    @Nested
    class PagesInTheCaches {
        @Test
        void areMappedAndGoBack() {
            inTask(() -> {
                long before = freePages();
                DmaPages pages = board.mapping.allocPages(device, 10_000, BOTH, Gfp.KERNEL);
                assertThat(board.domain().iovaToPhys(pages.dma())).isEqualTo(pages.page());
                board.mapping.freePages(device, 10_000, pages.page(), pages.dma(), BOTH);
                assertThat(freePages()).isEqualTo(before);
                assertThat(board.domain().leaves).isEmpty();
                return 0;
            });
        }

        @Test
        void thatAreScatteredAreOneSegmentForTheDevice() {
            inTask(() -> {
                long before = freePages();
                SgTable table =
                        board.mapping.allocNoncontiguous(
                                device, 20_000, BOTH, Gfp.KERNEL, DmaAttrs.ALLOC_SINGLE_PAGES);
                assertThat(table.nents()).isEqualTo(1);
                assertThat(table.sgl().dmaLength(0)).isEqualTo(20_480);
                long va = board.mapping.vmapNoncontiguous(device, 20_000, table);
                cpu().store8(va + 19_999, (byte) 3);
                long dma = table.sgl().dmaAddress(0);
                assertThat(board.bus.load8(board.domain().iovaToPhys(dma + 19_999)))
                        .isEqualTo((byte) 3);
                board.mapping.vunmapNoncontiguous(device, va);
                board.mapping.freeNoncontiguous(device, 20_000, table, BOTH);
                assertThat(freePages()).isEqualTo(before);
                assertThat(board.domain().leaves).isEmpty();
                return 0;
            });
        }
    }

    @Nested
    class InTwoSteps {
        private final long phys = buffer - AddressLayout.LINEAR_BASE;

        @Test
        void piecesOfMemoryFillOneRange() {
            DmaIova state = new DmaIova();
            assertThat(board.mapping.iovaTryAlloc(device, state, phys + 0x800, 0x2800)).isTrue();
            assertThat(state.dma() & 0xfff).isEqualTo(0x800);
            assertThat(
                            board.mapping.tryIovaLink(
                                    device, state, phys + 0x800, 0, 0x800, TO, DmaAttrs.NONE))
                    .isZero();
            assertThat(
                            board.mapping.tryIovaLink(
                                    device, state, phys + 0x3000, 0x800, 0x1000, TO, DmaAttrs.NONE))
                    .isZero();
            assertThat(
                            board.mapping.tryIovaLink(
                                    device, state, phys + 0x10, 0x1800, 0x10, TO, DmaAttrs.NONE))
                    .as("not the first, and inside of a page")
                    .isEqualTo(-Errno.EIO.number());
            board.mapping.iovaSync(device, state, 0, 0x1800);
            assertThat(board.domain().iovaToPhys(state.dma() + 0x900)).isEqualTo(phys + 0x3100);
            board.mapping.iovaDestroy(device, state, 0x1800, TO, DmaAttrs.NONE);
            assertThat(board.domain().leaves).isEmpty();
            assertThat(board.mapping.mapSingle(device, buffer, 0x3000, TO))
                    .as("all four pages are free again")
                    .isEqualTo(0xffff_c000L);
        }

        @Test
        void whatIsUnlinkedKeepsItsAddresses() {
            DmaIova state = new DmaIova();
            assertThat(board.mapping.iovaTryAlloc(device, state, phys, 0x1000)).isTrue();
            board.mapping.tryIovaLink(device, state, phys, 0, 0x1000, TO, DmaAttrs.NONE);
            board.mapping.iovaUnlink(device, state, 0, 0x1000, TO, DmaAttrs.NONE);
            assertThat(board.domain().leaves).isEmpty();
            assertThat(board.mapping.mapSingle(device, buffer, 4096, TO)).isNotEqualTo(state.dma());
            board.mapping.iovaFree(device, state);
            assertThat(state.isUsed()).isFalse();
        }
    }

    @Nested
    class Functions {
        private final Device function = board.function("/pci@70000000", 8);

        private void take32Bits() {
            iovasOf(function).reserve(0, 0xffff_ffffL);
        }

        private static IovaDomain iovasOf(IommuFixture board, Device device) {
            return board.iommus.domainOf(device).orElseThrow().space().iovas();
        }

        private IovaDomain iovasOf(Device device) {
            return iovasOf(board, device);
        }

        @Test
        void getAddressesOf32BitsAsLongAsThereAreSome() {
            function.dma().dmaMask((1L << 39) - 1);
            function.dma().busDmaLimit(0);
            assertThat(board.mapping.mapSingle(function, buffer, 4096, TO)).isEqualTo(0xffff_f000L);
            take32Bits();
            // The host bridge takes in 4 GiB and no more.
            assertThat(board.mapping.tryMapSingle(function, buffer, 4096, TO, 0))
                    .isEqualTo(DmaAddr.MAPPING_ERROR);
            assertThat(board.lines()).contains("pci 0000:00:01.0: Using 39-bit DMA addresses");
        }

        @Test
        void sayOnceThatTheyGoBeyond() {
            Device outside = board.function("/outside@71000000", 8);
            outside.dma().coherent(true);
            outside.dma().dmaMask((1L << 39) - 1);
            iovasOf(outside).reserve(0, 0xffff_ffffL);
            assertThat(board.mapping.mapSingle(outside, buffer, 4096, TO))
                    .isEqualTo((1L << 39) - 4096);
            board.mapping.mapSingle(outside, buffer, 4096, TO);
            assertThat(board.lines())
                    .filteredOn(line -> line.endsWith("Using 39-bit DMA addresses"))
                    .hasSize(1);
        }

        @Test
        void getHighAddressesAtOnceWhenTheCommandLineSaysSo() {
            boot("iommu.forcedac=1", "/coherent@60001000");
            assertThat(board.lines()).contains("Forcing DAC for PCI devices");
            Device outside = board.function("/outside@71000000", 8);
            outside.dma().coherent(true);
            outside.dma().dmaMask((1L << 39) - 1);
            assertThat(board.mapping.mapSingle(outside, buffer, 4096, TO))
                    .isEqualTo((1L << 39) - 4096);
        }
    }

    @Test
    void whatADeviceIsToldOfLimits() {
        assertThat(board.mapping.getMergeBoundary(device)).isEqualTo(4095);
        assertThat(board.mapping.getRequiredMask(device)).isEqualTo(0xffff_ffffL);
        assertThat(board.mapping.maxMappingSize(device)).isEqualTo(Long.MAX_VALUE);
        assertThat(board.mapping.optMappingSize(device)).isEqualTo(128 << 10);
        assertThat(board.mapping.isSupported(device, 0xff)).isTrue();
        assertThat(board.mapping.canMmap(device)).isTrue();
    }

    @Test
    void aTrafficOfManyBuffersLeavesNothing() {
        long before = freePages();
        List<Long> open = new ArrayList<>();
        for (int round = 0; round < 5000; round++) {
            if (round % 3 == 2) {
                board.mapping.unmapSingle(device, open.remove(round % open.size()), 4096, BOTH);
            } else {
                open.add(board.mapping.mapSingle(device, buffer, 4096, BOTH));
            }
        }
        assertThat(open).doesNotHaveDuplicates();
        open.forEach(dma -> board.mapping.unmapSingle(device, dma, 4096, BOTH));
        assertThat(board.domain().leaves).isEmpty();
        assertThat(device.dma().binding().open().count()).isZero();
        assertThat(freePages()).isEqualTo(before);
        board.kernel.run("sleep", () -> board.kernel.sched().msleep(3000));
        assertThat(iovas().rangeCount())
                .as("two magazines and the one the depot keeps")
                .isLessThanOrEqualTo(3 * IovaCache.MAGAZINE_SIZE);
    }
}
