package dmakit.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.MemoryFixture;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.CpuFault;
import dmakit.machine.cpu.MemoryType;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VmallocTest {
    private static final long PAGE = 4096;

    private final MemoryFixture kernel = MemoryFixture.nonCoherent();
    private final Vmalloc areas = kernel.mm.vmalloc();
    private final Cpu cpu = kernel.machine.cpu();

    @AfterEach
    void close() {
        kernel.close();
    }

    @Test
    void memoryIsContiguousForTheCpuAndFaultsBehindItsEnd() {
        long va = areas.vzalloc(3 * PAGE);
        assertThat(AddressLayout.isVmalloc(va)).isTrue();
        cpu.store64(va + PAGE - 4, 0x1122_3344_5566_7788L);
        assertThat(cpu.load64(va + PAGE - 4)).isEqualTo(0x1122_3344_5566_7788L);
        assertThatThrownBy(() -> cpu.load8(va + 3 * PAGE)).isInstanceOf(CpuFault.class);
    }

    @Test
    void memoryThatWasFreedFaultsAndGivesItsPagesBack() {
        long free = kernel.mm.pages().freePages(Zone.DMA);
        long va = areas.vmalloc(5 * PAGE);
        assertThat(kernel.mm.pages().freePages(Zone.DMA)).isEqualTo(free - 5);
        areas.vfree(va);
        areas.vfree(0);
        assertThat(kernel.mm.pages().freePages(Zone.DMA)).isEqualTo(free);
        assertThatThrownBy(() -> cpu.load8(va)).isInstanceOf(CpuFault.class);
        assertThatThrownBy(() -> areas.vfree(va)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anAreaIsFreedByItsKindOnly() {
        long page = kernel.mm.pages().allocPages(Gfp.KERNEL, 0);
        long va = areas.map(page, PAGE, MemoryType.WRITE_COMBINE, Vmalloc.Use.COHERENT);
        assertThatThrownBy(() -> areas.vfree(va))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("COHERENT")
                .hasMessageContaining("PAGES");
        assertThat(areas.unmap(va, Vmalloc.Use.COHERENT).phys()).isEqualTo(page);
    }

    @Test
    void sizesThatMakeNoSenseAreRefusedAndNothingIsLost() {
        long free = kernel.mm.pages().freePages(Zone.DMA);
        for (long size : new long[] {0, -1, Long.MAX_VALUE, 1L << 31}) {
            assertThatThrownBy(() -> areas.vmalloc(size))
                    .isInstanceOfSatisfying(
                            KernelException.class,
                            e -> assertThat(e.errno()).isEqualTo(Errno.ENOMEM));
        }
        assertThatThrownBy(() -> areas.vmalloc((1L << 30) - PAGE))
                .isInstanceOf(KernelException.class);
        assertThat(kernel.mm.pages().freePages(Zone.DMA)).isEqualTo(free);
    }

    @Test
    void anyOrderOfMapsAndUnmapsKeepsAreasApartAndReusesTheLowestHole() {
        Rng rng = Rng.named(7, "vmalloc");
        TreeMap<Long, Long> mapped = new TreeMap<>();
        for (int step = 0; step < 3000; step++) {
            if (rng.nextInt(100) < 55) {
                long size = PAGE * (1 + rng.nextInt(16));
                long va = areas.map(0x1000, size, MemoryType.WRITE_BACK, Vmalloc.Use.COHERENT);
                var below = mapped.floorEntry(va + size);
                assertThat(below == null || below.getKey() + below.getValue() + PAGE <= va)
                        .as("step %d: 0x%x too near %s", step, va, below)
                        .isTrue();
                mapped.put(va, size);
                assertThat(areas.areaOf(va + size - 1)).isNotNull();
            } else if (!mapped.isEmpty()) {
                List<Long> all = new ArrayList<>(mapped.keySet());
                long va = all.get(rng.nextInt(all.size()));
                areas.unmap(va, Vmalloc.Use.COHERENT);
                mapped.remove(va);
            }
        }
        mapped.keySet().forEach(va -> areas.unmap(va, Vmalloc.Use.COHERENT));
        long again = areas.map(0x1000, PAGE, MemoryType.WRITE_BACK, Vmalloc.Use.COHERENT);
        try (MemoryFixture fresh = MemoryFixture.nonCoherent()) {
            assertThat(again)
                    .isEqualTo(
                            fresh.mm
                                    .vmalloc()
                                    .map(
                                            0x1000,
                                            PAGE,
                                            MemoryType.WRITE_BACK,
                                            Vmalloc.Use.COHERENT));
        }
    }
}
