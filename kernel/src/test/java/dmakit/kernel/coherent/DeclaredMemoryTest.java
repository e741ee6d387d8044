package dmakit.kernel.coherent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.MemoryFixture;
import dmakit.kernel.check.Finding;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.DmaRangeMap;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.Vma;
import dmakit.kernel.mm.Zone;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.PageTable;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class DeclaredMemoryTest {
    private static final long PAGE = 4096;
    private static final long BASE = 0x2000_0000;
    private static final long SIZE = 16 * PAGE;
    private static final long SEEN_AT = 0x8000_0000L;

    private final MemoryFixture kernel =
            MemoryFixture.prepared(memblock -> memblock.takeOut("reserved", BASE, SIZE));
    private final CoherentMemory memory =
            new CoherentMemory(kernel.machine.cpu(), kernel.calls, kernel.log, kernel.mm);
    private final Device device = kernel.device();

    @AfterEach
    void close() {
        kernel.close();
    }

    private CoherentBuffer alloc(long size) {
        return kernel.mapping.allocCoherent(device, size, Gfp.KERNEL);
    }

    private static void refuses(Errno errno, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Nested
    class Declared {
        Declared() {
            memory.declare(device, BASE, SEEN_AT, SIZE);
        }

        private DeviceCoherentPool own() {
            return (DeviceCoherentPool) device.dma().pool();
        }

        @Test
        void isWhereAllocationsComeFromWithTheAddressThatWasDeclared() {
            CoherentBuffer first = alloc(100);
            CoherentBuffer second = alloc(PAGE);
            assertThat(first.dma()).isEqualTo(SEEN_AT);
            assertThat(second.dma()).isEqualTo(SEEN_AT + PAGE);
            kernel.machine.cpu().store32(first.va(), 7);
            kernel.machine.cpu().barrier();
            assertThat(kernel.bus.load32(BASE)).isEqualTo(7);
        }

        @Test
        void givesRunsOfPowersOfTwoAlignedWithinIt() {
            alloc(PAGE);
            assertThat(alloc(3 * PAGE).dma()).isEqualTo(SEEN_AT + 4 * PAGE);
            assertThat(own().pool().takenPages()).isEqualTo(5);
            assertThat(alloc(PAGE).dma()).isEqualTo(SEEN_AT + PAGE);
        }

        @Test
        void zeroesTheBytesAskedForAndNoMore() {
            for (long at = 0; at < SIZE; at += 8) {
                kernel.bus.store64(BASE + at, -1);
            }
            CoherentBuffer buffer = alloc(2 * PAGE + 8);
            assertThat(kernel.machine.cpu().load64(buffer.va() + 2 * PAGE)).isZero();
            assertThat(kernel.machine.cpu().load64(buffer.va() + 2 * PAGE + 8)).isEqualTo(-1);
        }

        @Test
        void isFinalWhenItIsFullOrTooSmall() {
            long free = kernel.mm.pages().freePages(Zone.DMA);
            refuses(Errno.ENOMEM, () -> alloc(SIZE + 1));
            refuses(Errno.ENOMEM, () -> alloc(Long.MAX_VALUE));
            alloc(SIZE);
            refuses(Errno.ENOMEM, () -> alloc(1));
            assertThat(kernel.mm.pages().freePages(Zone.DMA)).isEqualTo(free);
        }

        @Test
        void isNotBoundByMasks() {
            device.dma().coherentDmaMask(0xff_ffff);
            assertThat(alloc(PAGE).dma()).isEqualTo(SEEN_AT);
        }

        @Test
        void isGivenBackByTheCpusAddressAlsoWithInterruptsDisabled() {
            CoherentBuffer buffer = alloc(3 * PAGE);
            boolean before = kernel.machine.cpu().disableInterrupts();
            kernel.mapping.freeCoherent(device, buffer);
            kernel.machine.cpu().restoreInterrupts(before);
            assertThat(own().pool().takenPages()).isZero();
        }

        @Test
        void believesTheSizeThatIsFreed() {
            CoherentBuffer first = alloc(PAGE);
            alloc(PAGE);
            kernel.mapping.freeCoherent(device, 2 * PAGE, first.va(), first.dma());
            assertThat(own().pool().takenPages()).isZero();
            kernel.mapping.freeCoherent(device, Long.MAX_VALUE, first.va(), first.dma());
            assertThat(own().pool().takenPages()).isZero();
        }

        @Test
        void isTheOnlyOneOfItsDevice() {
            refuses(Errno.EBUSY, () -> memory.declare(device, BASE, SEEN_AT, SIZE));
            memory.release(device);
            memory.declare(device, BASE, SEEN_AT, SIZE);
        }

        @Test
        void isGoneAfterItsRelease() {
            memory.release(device);
            memory.release(device);
            assertThat(alloc(PAGE).dma()).isNotEqualTo(SEEN_AT);
        }

        @Test
        void isMappedIntoProcessesAsFarAsTheAllocationReaches() {
            PageTable table = new PageTable(AddressLayout.USER_BASE, AddressLayout.USER_SIZE);
            alloc(PAGE);
            CoherentBuffer buffer = alloc(2 * PAGE);
            long start = AddressLayout.USER_BASE;
            Vma second = new Vma(table, start, start + PAGE, 1);
            kernel.mapping.mmapCoherent(device, second, buffer.va(), buffer.dma(), 2 * PAGE);
            assertThat(PageTable.physOf(table.entryOf(start), start)).isEqualTo(BASE + 3 * PAGE);
            Vma behind = new Vma(table, start, start + PAGE, 2);
            refuses(
                    Errno.ENXIO,
                    () ->
                            kernel.mapping.mmapCoherent(
                                    device, behind, buffer.va(), buffer.dma(), 2 * PAGE));
        }

        @Test
        void keepsPagesThatWereMarkedOccupied() {
            long va = memory.markOccupied(device, SEEN_AT + 0x10, PAGE);
            assertThat(alloc(PAGE).dma()).isEqualTo(SEEN_AT + 2 * PAGE);
            assertThat(kernel.machine.cpu().physOf(va)).isEqualTo(BASE + 0x10);
            refuses(Errno.EBUSY, () -> memory.markOccupied(device, SEEN_AT + PAGE, 1));
            refuses(Errno.EINVAL, () -> memory.markOccupied(device, SEEN_AT - PAGE, 1));
            refuses(Errno.EINVAL, () -> memory.markOccupied(device, SEEN_AT, SIZE + 1));
            refuses(Errno.EINVAL, () -> memory.markOccupied(device, SEEN_AT, Long.MAX_VALUE));
            refuses(Errno.EINVAL, () -> memory.markOccupied(kernel.device(), SEEN_AT, 1));
        }
    }

    @Test
    void anyOrderOfAllocationsAndFreesKeepsRunsApartAndLosesNone() {
        for (long seed = 1; seed <= 20; seed++) {
            Rng rng = Rng.named(seed, "coherent");
            CoherentPool pool = memory.pool(BASE, SIZE);
            TreeMap<Long, Long> taken = new TreeMap<>();
            long pages = 0;
            for (int step = 0; step < 400; step++) {
                long size = 1 + rng.nextInt((int) (5 * PAGE));
                long run = Long.highestOneBit((size - 1 >> 12 << 1) + 1) << 12;
                if (rng.nextInt(100) < 55) {
                    long at = pool.take(size);
                    if (at == CoherentPool.NONE) {
                        continue;
                    }
                    assertThat(at % run).as("seed %d step %d", seed, step).isZero();
                    assertThat(taken.subMap(at, at + run)).isEmpty();
                    var below = taken.lowerEntry(at);
                    assertThat(below == null || below.getKey() + below.getValue() <= at).isTrue();
                    taken.put(at, run);
                    pages += run >> 12;
                } else if (!taken.isEmpty()) {
                    long at = new ArrayList<>(taken.keySet()).get(rng.nextInt(taken.size()));
                    long freed = taken.remove(at);
                    pool.give(pool.vaAt(at), freed);
                    pages -= freed >> 12;
                }
                assertThat(pool.takenPages()).as("seed %d step %d", seed, step).isEqualTo(pages);
            }
            pool.close();
        }
    }

    @Test
    void memoryThatTheKernelUsesIsRefused() {
        refuses(Errno.EINVAL, () -> memory.declare(device, BASE - SIZE, 0, SIZE));
        assertThat(kernel.lines())
                .last()
                .isEqualTo("memremap attempted on ram 0x000000001fff0000 size: 0x10000");
        refuses(Errno.EINVAL, () -> memory.declare(device, BASE - PAGE, 0, SIZE));
        assertThat(kernel.lines())
                .last()
                .isEqualTo("memremap attempted on mixed range 0x000000001ffff000 size: 0x10000");
        int lines = kernel.lines().size();
        refuses(Errno.EINVAL, () -> memory.declare(device, BASE - SIZE, 0, SIZE));
        assertThat(kernel.lines()).hasSize(lines);
    }

    @Test
    void sizesThatNoRegionHasAreRefused() {
        refuses(Errno.EINVAL, () -> memory.declare(device, BASE, 0, 0));
        refuses(Errno.ENOMEM, () -> memory.declare(device, BASE, 0, -1));
        refuses(Errno.ENOMEM, () -> memory.declare(device, BASE, 0, CoherentPool.SIZE_MAX + 1));
        refuses(Errno.EINVAL, () -> memory.declare(device, -PAGE, 0, SIZE));
        refuses(Errno.EINVAL, () -> memory.declare(device, Long.MAX_VALUE - PAGE, 0, SIZE));
        assertThat(device.dma().pool()).isNull();
        memory.declare(device, BASE, 0, PAGE - 1);
        refuses(Errno.ENOMEM, () -> alloc(1));
    }

    @Test
    void withoutTheExclusiveFlagOtherMemoryFollows() {
        memory.declare(device, BASE, SEEN_AT, PAGE, 0);
        assertThat(alloc(PAGE).dma()).isEqualTo(SEEN_AT);
        CoherentBuffer other = alloc(PAGE);
        assertThat(other.dma()).isNotEqualTo(SEEN_AT + PAGE);
        kernel.mapping.freeCoherent(device, other);
        kernel.mapping.checkGivenBack(device);
    }

    @Test
    void managedMemoryLeavesWithTheDriverOrBefore() {
        memory.declareManaged(device, BASE, SEEN_AT, SIZE, CoherentMemory.EXCLUSIVE);
        device.devres().releaseAll();
        assertThat(device.dma().pool()).isNull();
        memory.declareManaged(device, BASE, SEEN_AT, SIZE, CoherentMemory.EXCLUSIVE);
        memory.releaseManaged(device);
        assertThat(device.dma().pool()).isNull();
        assertThat(device.devres().names()).isEmpty();
        memory.releaseManaged(device);
    }

    @Test
    void oneRegionOfTwoDevicesHasOneBitmapAndTwoPlaces() {
        Device windowed = new Device("test1", "platform", null, null);
        windowed.dma()
                .rangeMap(
                        new DmaRangeMap(
                                List.of(new DmaRangeMap.Range(0, 0xc000_0000L, 0x3f00_0000L))));
        CoherentPool pool = memory.pool(BASE, SIZE);
        memory.attach(device, pool);
        memory.attach(windowed, pool);
        assertThat(alloc(PAGE).dma()).isEqualTo(BASE);
        assertThat(kernel.mapping.allocCoherent(windowed, PAGE, Gfp.KERNEL).dma())
                .isEqualTo(0xc000_0000L + BASE + PAGE);
        assertThat(pool.takenPages()).isEqualTo(2);
        refuses(Errno.EBUSY, () -> memory.attach(device, pool));
        memory.detach(device);
        memory.attach(device, pool);
    }

    @Test
    void aRegionOutOfReachIsAttachedWithAWarning() {
        device.dma().coherentDmaMask(0xff_ffff);
        memory.attach(device, memory.pool(BASE, SIZE));
        assertThat(kernel.lines())
                .last()
                .isEqualTo(
                        "platform test0: reserved memory is beyond device's set DMA address"
                                + " range");
        assertThat(alloc(PAGE).dma()).isEqualTo(BASE);
    }

    @Test
    void refusalsOfAnAllocationAreDmaExceptions() {
        memory.declare(device, BASE, SEEN_AT, PAGE);
        assertThatThrownBy(() -> alloc(PAGE + 1))
                .isInstanceOf(DmaException.class)
                .hasMessageContaining("in its own memory");
    }

    @Nested
    class WhereMistakesAreLookedFor {
        private final MasterPort port =
                kernel.machine.bus().master("test0", Windows.IDENTITY, false);
        private final byte[] bytes = new byte[64];

        WhereMistakesAreLookedFor() {
            memory.declare(device, BASE, BASE, SIZE);
            kernel.calls.findings().enable();
        }

        private List<FindingId> findings() {
            return kernel.calls.findings().all().stream().map(Finding::id).toList();
        }

        @Test
        void theDeviceMayUseWhatItWasGivenUntilItIsFreed() {
            CoherentBuffer buffer = alloc(PAGE);
            port.read(buffer.dma(), bytes, 0, 64);
            port.write(buffer.dma() + PAGE - 64, bytes, 0, 64);
            kernel.mapping.freeCoherent(device, buffer);
            assertThat(findings()).isEmpty();
            port.read(buffer.dma(), bytes, 0, 64);
            assertThat(findings()).hasSize(1);
        }

        @Test
        void aWrongSizeIsReportedAndWhatWasMeantIsFreed() {
            CoherentBuffer buffer = alloc(4 * PAGE);
            kernel.mapping.freeCoherent(device, PAGE, buffer.va(), buffer.dma());
            assertThat(findings()).containsExactly(FindingId.FREE_COHERENT_MISMATCH);
            assertThat(alloc(SIZE).dma()).isEqualTo(BASE);
        }

        @Test
        void aSecondFreeIsReportedAndTakesNothingFromOthers() {
            CoherentBuffer buffer = alloc(PAGE);
            kernel.mapping.freeCoherent(device, buffer);
            kernel.mapping.freeCoherent(device, buffer);
            assertThat(findings()).hasSize(1);
        }
    }
}
