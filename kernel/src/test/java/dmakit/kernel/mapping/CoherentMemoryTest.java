package dmakit.kernel.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.MemoryFixture;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.DmaRangeMap;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.Vma;
import dmakit.kernel.mm.Zone;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.CpuFault;
import dmakit.machine.cpu.PageTable;
import dmakit.machine.memory.Ram;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class CoherentMemoryTest {
    private static final long GIB = 1L << 30;

    private final MemoryFixture kernel = MemoryFixture.nonCoherent();
    private final DmaMapping mapping = kernel.mapping;
    private final Cpu cpu = kernel.machine.cpu();
    private final Device device = kernel.device();

    @AfterEach
    void close() {
        kernel.close();
    }

    private static void refuses(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        DmaException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void bothSidesSeeWhatTheOtherWroteAtOnce() {
        CoherentBuffer buffer = mapping.allocCoherent(device, 1024, Gfp.KERNEL);
        cpu.store8(buffer.va() + 5, (byte) 1);
        assertThat(kernel.bus.load8(buffer.dma() + 5)).isEqualTo((byte) 1);
        kernel.bus.store8(buffer.dma() + 5, (byte) 2);
        assertThat(cpu.load8(buffer.va() + 5)).isEqualTo((byte) 2);
    }

    @Test
    void itIsZeroedEvenWhereCachesHoldOldBytes() {
        long old = kernel.mm.pages().getFreePages(Gfp.KERNEL, 2);
        cpu.fill(old, 16384, (byte) 0x5a);
        kernel.mm.pages().freePagesAt(old, 2);
        CoherentBuffer buffer = mapping.allocCoherent(device, 16384, Gfp.KERNEL);
        assertThat(AddressLayout.LINEAR_BASE + buffer.dma()).isEqualTo(old);
        byte[] seen = new byte[16384];
        kernel.bus.load(buffer.dma(), seen, 0, seen.length);
        assertThat(seen).containsOnly(0);
        assertThat(kernel.machine.caches().isDirty(buffer.dma())).isFalse();
    }

    @Test
    void itIsAlignedToThePowerOfTwoThatHoldsIt() {
        for (long size : new long[] {1, 4096, 4097, 3 * 4096, 100_000, 4 << 20}) {
            CoherentBuffer buffer = mapping.allocCoherent(device, size, Gfp.KERNEL);
            long block = Math.max(4096, Long.highestOneBit(2 * size - 1));
            assertThat(buffer.dma() % block).as("size %d", size).isZero();
            assertThat(buffer.size()).isEqualTo(size);
        }
    }

    @Test
    void itLiesPastTheCachesOnlyWhereTheDeviceDoesNotSnoop() {
        assertThat(AddressLayout.isVmalloc(mapping.allocCoherent(device, 8, Gfp.KERNEL).va()))
                .isTrue();
        device.dma().coherent(true);
        assertThat(AddressLayout.isLinear(mapping.allocCoherent(device, 8, Gfp.KERNEL).va()))
                .isTrue();
        assertThat(AddressLayout.isLinear(mapping.allocWc(device, 8, Gfp.KERNEL).va())).isTrue();
    }

    @Test
    void freeingGivesEverythingBack() {
        long free = kernel.mm.pages().freePages(Zone.DMA);
        CoherentBuffer buffer = mapping.allocCoherent(device, 12_000, Gfp.KERNEL);
        assertThat(kernel.mm.pages().freePages(Zone.DMA)).isEqualTo(free - 4);
        mapping.freeCoherent(device, buffer);
        assertThat(kernel.mm.pages().freePages(Zone.DMA)).isEqualTo(free);
        assertThatThrownBy(() -> cpu.load8(buffer.va())).isInstanceOf(CpuFault.class);
        assertThatThrownBy(() -> mapping.freeCoherent(device, buffer))
                .isInstanceOf(OwnershipViolation.class);
        mapping.freeCoherent(device, 4096, 0, 0);
    }

    @Test
    void sizesNobodyHasAreRefused() {
        for (long size : new long[] {0, -1, (4 << 20) + 1, Long.MAX_VALUE}) {
            refuses(Errno.ENOMEM, () -> mapping.allocCoherent(device, size, Gfp.KERNEL));
        }
        refuses(Errno.EINVAL, () -> mapping.allocCoherent(device, 8, Gfp.KERNEL.with(Gfp.COMP)));
    }

    @Test
    void freeingWithAnotherSizeOrInterruptsDisabledIsMisuse() {
        CoherentBuffer buffer = mapping.allocCoherent(device, 8192, Gfp.KERNEL);
        assertThatThrownBy(() -> mapping.freeCoherent(device, 4096, buffer.va(), buffer.dma()))
                .isInstanceOf(OwnershipViolation.class)
                .hasMessageContaining("0x1000 bytes")
                .hasMessageContaining("0x2000 bytes, coherent");
        boolean before = cpu.disableInterrupts();
        assertThatThrownBy(() -> mapping.freeCoherent(device, buffer))
                .isInstanceOf(OwnershipViolation.class);
        cpu.restoreInterrupts(before);
        mapping.freeCoherent(device, buffer);
    }

    @Test
    void memoryTheCpuWillNotTouchHasACookieOnly() {
        long free = kernel.mm.pages().freePages(Zone.DMA);
        int attrs = DmaAttrs.NO_KERNEL_MAPPING;
        CoherentBuffer buffer = mapping.allocAttrs(device, 4096, Gfp.KERNEL, attrs);
        assertThat(AddressLayout.isLinear(buffer.va())).isFalse();
        assertThat(AddressLayout.isVmalloc(buffer.va())).isFalse();
        mapping.freeAttrs(device, 4096, buffer.va(), buffer.dma(), attrs);
        assertThat(kernel.mm.pages().freePages(Zone.DMA)).isEqualTo(free);
    }

    @Nested
    class Zones {
        private final MemoryFixture big =
                MemoryFixture.with(
                        GIB - 1, new Ram.Bank(0, 2 * GIB), new Ram.Bank(4 * GIB, 4 * GIB));
        private final Device there = big.device();

        @AfterEach
        void close() {
            big.close();
        }

        private long alloc(long mask) {
            there.dma().coherentDmaMask(mask);
            return big.mapping.allocCoherent(there, 4096, Gfp.KERNEL.with(Gfp.DMA32)).dma();
        }

        @Test
        void followTheCoherentMaskAndNotTheFlagsOfTheCaller() {
            assertThat(alloc(DmaMapping.bitMask(64))).isGreaterThanOrEqualTo(4 * GIB);
            assertThat(alloc(DmaMapping.bitMask(32))).isBetween(GIB, 4 * GIB - 1);
            assertThat(alloc(DmaMapping.bitMask(30))).isLessThan(GIB);
            there.dma().dmaMask(DmaMapping.bitMask(24));
            assertThat(alloc(DmaMapping.bitMask(64))).isGreaterThanOrEqualTo(4 * GIB);
        }

        @Test
        void areRetriedLowerWhenThePageIsOutOfReach() {
            // 31 bits: DMA32 is tried first, and its lowest pages are just in reach.
            assertThat(alloc(DmaMapping.bitMask(31))).isBetween(GIB, 2 * GIB - 1);
            // 33 bits: NORMAL is tried first and reaches up to 8 GiB.
            assertThat(alloc(DmaMapping.bitMask(33))).isBetween(4 * GIB, 8 * GIB - 1);
            there.dma().busDmaLimit(4 * GIB + 100);
            assertThat(alloc(DmaMapping.bitMask(64))).isLessThan(4 * GIB);
        }

        @Test
        void belowEveryPageLeaveNothing() {
            there.dma().coherentDmaMask(DmaMapping.bitMask(12));
            refuses(Errno.ENOMEM, () -> big.mapping.allocCoherent(there, 4096, Gfp.KERNEL));
        }
    }

    @Nested
    class WithoutSleeping {
        @Test
        void memoryComesFromAPoolThatIsMappedAlready() {
            long free = kernel.mm.pages().freePages(Zone.DMA);
            CoherentBuffer first = mapping.allocCoherent(device, 4096, Gfp.ATOMIC);
            cpu.store64(first.va(), -1);
            assertThat(kernel.mm.pages().freePages(Zone.DMA)).isEqualTo(free);
            assertThat(kernel.bus.load64(first.dma())).isEqualTo(-1);
            mapping.freeCoherent(device, first);
            CoherentBuffer again = mapping.allocCoherent(device, 4096, Gfp.ATOMIC);
            assertThat(again.va()).isEqualTo(first.va());
            assertThat(cpu.load64(again.va())).isZero();
        }

        @Test
        void poolsAreSizedByRamAndSaidInTheLog() {
            assertThat(kernel.lines())
                    .containsSubsequence(
                            "DMA: preallocated 128 KiB GFP_KERNEL pool for atomic allocations",
                            "DMA: preallocated 128 KiB GFP_KERNEL|GFP_DMA pool for atomic"
                                    + " allocations",
                            "DMA: preallocated 128 KiB GFP_KERNEL|GFP_DMA32 pool for atomic"
                                    + " allocations");
        }

        @Test
        void anExhaustedPoolIsRefusedAndLoggedAndUsableAgain() {
            List<CoherentBuffer> taken = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                taken.add(mapping.allocCoherent(device, 4096, Gfp.ATOMIC));
            }
            refuses(Errno.ENOMEM, () -> mapping.allocCoherent(device, 4096, Gfp.ATOMIC));
            assertThat(kernel.lines()).last().isEqualTo("DMA pool exhausted for test0");
            int lines = kernel.lines().size();
            refuses(Errno.ENOMEM, () -> mapping.allocCoherent(device, 4096, Gfp.NOWAIT));
            assertThat(kernel.lines()).hasSize(lines);
            mapping.freeCoherent(device, taken.get(7));
            assertThat(mapping.allocCoherent(device, 4096, Gfp.ATOMIC)).isEqualTo(taken.get(7));
        }

        @Test
        void runsOfSeveralPagesAreAligned() {
            mapping.allocCoherent(device, 4096, Gfp.ATOMIC);
            CoherentBuffer three = mapping.allocCoherent(device, 3 * 4096, Gfp.ATOMIC);
            assertThat(three.dma() % 16384).isZero();
            CoherentBuffer one = mapping.allocCoherent(device, 4096, Gfp.ATOMIC);
            assertThat(one.dma()).isLessThan(three.dma());
        }

        @Test
        void aSnoopingDeviceGetsOrdinaryPages() {
            device.dma().coherent(true);
            CoherentBuffer buffer = mapping.allocCoherent(device, 4096, Gfp.ATOMIC);
            assertThat(AddressLayout.isLinear(buffer.va())).isTrue();
        }
    }

    @Nested
    class InAProcess {
        private final PageTable table =
                new PageTable(AddressLayout.USER_BASE, AddressLayout.USER_SIZE);
        private final CoherentBuffer buffer = mapping.allocCoherent(device, 10_000, Gfp.KERNEL);

        private Vma area(int pages, long offset) {
            long start = AddressLayout.USER_BASE;
            return new Vma(table, start, start + pages * 4096L, offset);
        }

        private void mmap(Vma vma) {
            mapping.mmapCoherent(device, vma, buffer.va(), buffer.dma(), 10_000);
        }

        @Test
        void thePagesFromTheOffsetOnAreSeenPastTheCaches() {
            Vma vma = area(2, 1);
            mmap(vma);
            cpu.userTable(table);
            cpu.store8(vma.start() + 5, (byte) 9);
            assertThat(kernel.bus.load8(buffer.dma() + 4096 + 5)).isEqualTo((byte) 9);
            assertThat(cpu.load8(buffer.va() + 4096 + 5)).isEqualTo((byte) 9);
        }

        @Test
        void areasThatLeaveTheAllocationAreRefused() {
            refuses(Errno.ENXIO, () -> mmap(area(4, 0)));
            refuses(Errno.ENXIO, () -> mmap(area(3, 1)));
            refuses(Errno.ENXIO, () -> mmap(area(1, 3)));
            mmap(area(1, 2));
        }

        @Test
        void itsPagesAreOneEntry() {
            var table = mapping.getSgTable(device, buffer.va(), buffer.dma(), 10_000);
            assertThat(table.sgl().phys(0)).isEqualTo(buffer.dma());
            assertThat(table.sgl().length(0)).isEqualTo(12_288);
        }
    }

    @Test
    void aWindowGivesBusAddresses() {
        device.dma()
                .rangeMap(
                        new DmaRangeMap(
                                List.of(new DmaRangeMap.Range(0, 0xc000_0000L, 0x3f00_0000L))));
        device.dma().busDmaLimit(0xfeff_ffffL);
        CoherentBuffer buffer = mapping.allocCoherent(device, 64, Gfp.KERNEL);
        assertThat(buffer.dma()).isGreaterThanOrEqualTo(0xc000_0000L);
        cpu.store8(buffer.va(), (byte) 4);
        assertThat(kernel.bus.load8(buffer.dma() - 0xc000_0000L)).isEqualTo((byte) 4);
        mapping.freeCoherent(device, buffer);
        mapping.checkGivenBack(device);
    }
}
