package dmakit.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.MemoryFixture;
import dmakit.kernel.check.Finding;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.check.Role;
import dmakit.kernel.mm.MemoryChecks.Outcome;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.memory.DeviceView;
import dmakit.machine.memory.Shadow;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class MemoryChecksTest {
    private static final long PAGE = VirtualMemory.PAGE_BYTES;

    private final MemoryFixture kernel = MemoryFixture.nonCoherent();
    private final Findings findings = kernel.calls.findings();
    private final Slab slab = kernel.mm.slab();
    private final Vmalloc areas = kernel.mm.vmalloc();
    private final PageAllocator pages = kernel.mm.pages();
    private final MemoryChecks checks = kernel.mm.checks();
    private final Shadow shadow = kernel.machine.ram().shadow();
    private final Cpu cpu = kernel.machine.cpu();
    private final long early = slab.kmalloc(100, Gfp.KERNEL);

    MemoryChecksTest() {
        findings.enable();
    }

    @AfterEach
    void close() {
        kernel.close();
    }

    private List<FindingId> ids() {
        return findings.all().stream().map(Finding::id).toList();
    }

    private FindingId only() {
        assertThat(findings.all()).hasSize(1);
        return findings.all().getFirst().id();
    }

    private List<Role> roles() {
        return findings.all().getFirst().sites().stream().map(Finding.Place::role).toList();
    }

    private void load(long va, long bytes) {
        assertThat(checks.access(va, bytes, false)).isEqualTo(Outcome.GOES_ON);
    }

    private void store(long va, long bytes) {
        assertThat(checks.access(va, bytes, true)).isEqualTo(Outcome.GOES_ON);
    }

    @Nested
    class AnObjectOfKmalloc {
        @Test
        void endsAtTheByteThatWasAskedFor() {
            for (int size : new int[] {1, 13, 64, 96, 256, 4096, 8192, 10_000, 1 << 17}) {
                long va = slab.kmalloc(size, Gfp.KERNEL);
                store(va, size);
                load(va + size - 1, 1);
                assertThat(findings.all()).as("%d bytes", size).isEmpty();
            }
            long va = slab.kmalloc(64, Gfp.KERNEL);
            store(va + 64, 1);
            assertThat(only()).isEqualTo(FindingId.OUT_OF_BOUNDS);
            assertThat(findings.all().getFirst().message())
                    .contains("0 bytes behind the end of 64 bytes");
            assertThat(roles()).containsExactly(Role.ALLOCATED);
        }

        @Test
        void ofEverySizeHasARedzoneBehindIt() {
            for (int size = 1; size <= 1 << 18; size = size * 5 / 4 + 1) {
                shadow.check(0, 1, false);
                long va = slab.kmalloc(size, Gfp.KERNEL);
                long phys = va - AddressLayout.LINEAR_BASE;
                assertThat(shadow.check(phys, size, true)).as("%d bytes", size).isNull();
                assertThat(shadow.check(phys + size, 1, true)).as("%d bytes", size).isNotNull();
            }
        }

        @Test
        void isAlignedAsEver() {
            for (int size = 64; size <= 65536; size *= 2) {
                assertThat(slab.kmalloc(size, Gfp.KERNEL) % size).isZero();
            }
        }

        @Test
        void mayBeUsedUpToItsRealSizeOnceThatWasAsked() {
            long va = slab.kmalloc(100, Gfp.KERNEL);
            assertThat(slab.ksize(va)).isEqualTo(128);
            store(va, 128);
            assertThat(findings.all()).isEmpty();
            store(va + 128, 1);
            assertThat(only()).isEqualTo(FindingId.OUT_OF_BOUNDS);
        }

        @Test
        void growsAndShrinks() {
            long va = slab.kmalloc(100, Gfp.KERNEL);
            cpu.store64(va, 77);
            assertThat(slab.krealloc(va, 120, Gfp.KERNEL)).isEqualTo(va);
            store(va, 120);
            long moved = slab.krealloc(va, 1000, Gfp.KERNEL);
            store(moved, 1000);
            assertThat(cpu.load64(moved)).isEqualTo(77);
            assertThat(findings.all()).isEmpty();
            load(va, 8);
            assertThat(only()).isEqualTo(FindingId.USE_AFTER_FREE);
        }

        @Test
        void isNotUsedOnceFreed() {
            long va = slab.kmalloc(100, Gfp.KERNEL);
            slab.kfree(va);
            load(va + 50, 4);
            assertThat(only()).isEqualTo(FindingId.USE_AFTER_FREE);
            assertThat(roles()).containsExactly(Role.ALLOCATED, Role.FREED);
            assertThat(slab.kmalloc(100, Gfp.KERNEL)).isNotEqualTo(va);
        }

        @Test
        void ofBeforeTheSearchIsFine() {
            store(early, 100);
            slab.kfree(early);
            assertThat(findings.all()).isEmpty();
        }
    }

    @Nested
    class AFree {
        @Test
        void ofTheSameObjectAgainIsOne() {
            long va = slab.kmalloc(100, Gfp.KERNEL);
            slab.kfree(va);
            slab.kfree(va);
            assertThat(only()).isEqualTo(FindingId.DOUBLE_FREE);
            assertThat(roles()).containsExactly(Role.ALLOCATED, Role.FREED);
        }

        @Test
        void ofWhatIsNoObjectIsRefused() {
            long va = slab.kmalloc(100, Gfp.KERNEL);
            slab.kfree(va + 8);
            slab.kfree(AddressLayout.LINEAR_BASE + 64);
            slab.kfree(0x7fff_0000_0000L);
            areas.vfree(va + 4096);
            assertThat(ids()).containsOnly(FindingId.INVALID_FREE);
            slab.kfree(va);
        }

        @Test
        void byAnotherFamilyIsRefused() {
            long va = areas.vmalloc(100);
            slab.kfree(va);
            assertThat(only()).isEqualTo(FindingId.INVALID_FREE);
            assertThat(findings.all().getFirst().message()).contains("vfree()");
            load(va, 100);
            areas.vfree(va);
            assertThat(findings.all()).hasSize(1);
        }

        @Test
        void ofPagesWithAnotherOrderFreesThem() {
            long va = pages.getFreePages(Gfp.KERNEL, 2);
            pages.freePagesAt(va, 0);
            assertThat(only()).isEqualTo(FindingId.INVALID_FREE);
            load(va, 8);
            assertThat(ids()).containsExactly(FindingId.INVALID_FREE, FindingId.USE_AFTER_FREE);
        }

        @Test
        void ofWhatADeviceStillHasNamesTheMapping() {
            long va = slab.kzalloc(100, Gfp.KERNEL);
            shadow.lend(
                    va - AddressLayout.LINEAR_BASE,
                    100,
                    Shadow.Use.DEVICE_WRITES,
                    "dma0",
                    findings.here());
            slab.kfree(va);
            assertThat(only()).isEqualTo(FindingId.BUFFER_FREED_WHILE_MAPPED);
            assertThat(findings.all().getFirst().device()).isEqualTo("dma0");
            assertThat(roles()).containsExactly(Role.ALLOCATED, Role.MAPPED);
        }

        @Test
        void ofVeryManyKeepsMemoryBounded() {
            long before = pages.freePages(Zone.DMA) + pages.freePages(Zone.DMA32);
            for (int i = 0; i < 10 * Allocations.RESTING_COUNT_MAX; i++) {
                slab.kfree(slab.kmalloc(2000, Gfp.KERNEL));
            }
            long after = pages.freePages(Zone.DMA) + pages.freePages(Zone.DMA32);
            assertThat((before - after) * PAGE).isLessThan(2 * Allocations.RESTING_BYTES_MAX);
            assertThat(findings.all()).isEmpty();
        }
    }

    @Nested
    class Pages {
        @Test
        void areUsedUntilFreed() {
            long va = pages.getFreePages(Gfp.KERNEL, 1);
            store(va, 2 * PAGE);
            assertThat(findings.all()).isEmpty();
            pages.freePagesAt(va, 1);
            store(va + PAGE, 1);
            assertThat(only()).isEqualTo(FindingId.USE_AFTER_FREE);
            assertThat(roles()).containsExactly(Role.ALLOCATED, Role.FREED);
        }

        @Test
        void thatNobodyAllocatedAreWild() {
            long free = pages.getFreePages(Gfp.KERNEL, 0);
            long wild = free + (64L << 20);
            load(wild, 4);
            assertThat(only()).isEqualTo(FindingId.WILD_ACCESS);
            assertThat(checks.access(AddressLayout.LINEAR_BASE + (2L << 30), 4, false))
                    .isEqualTo(Outcome.FAULTS);
        }

        @Test
        void areTakenFromThoseAtRestWhenThereAreNoOthers() {
            List<Long> all = new ArrayList<>();
            for (long phys; (phys = pages.take(Gfp.KERNEL.with(Gfp.NOWARN), 10)) >= 0; ) {
                all.add(phys);
            }
            for (int order = 9; order >= 0; order--) {
                while (pages.take(Gfp.KERNEL.with(Gfp.NOWARN), order) >= 0) {
                    // Until none is left.
                }
            }
            pages.give(all.getFirst(), 10);
            long va = pages.getFreePages(Gfp.KERNEL, 10);
            pages.freePagesAt(va, 10);
            assertThat(pages.getFreePages(Gfp.KERNEL, 10)).isEqualTo(va);
        }
    }

    @Nested
    class VirtualAreas {
        @Test
        void endAtTheByteAndThenAtThePage() {
            long va = areas.vmalloc(PAGE + 100);
            store(va, PAGE + 100);
            assertThat(findings.all()).isEmpty();
            store(va + PAGE + 100, 1);
            assertThat(only()).isEqualTo(FindingId.OUT_OF_BOUNDS);
            assertThat(checks.access(va + 2 * PAGE, 1, false)).isEqualTo(Outcome.FAULTS);
            assertThat(ids()).containsOnly(FindingId.OUT_OF_BOUNDS);
        }

        @Test
        void areNotUsedOnceFreed() {
            long va = areas.vmalloc(100);
            areas.vfree(va);
            assertThat(checks.access(va, 1, true)).isEqualTo(Outcome.FAULTS);
            assertThat(only()).isEqualTo(FindingId.USE_AFTER_FREE);
            assertThat(areas.vmalloc(100)).isNotEqualTo(va);
            areas.vfree(va);
            assertThat(ids()).containsExactly(FindingId.USE_AFTER_FREE, FindingId.DOUBLE_FREE);
        }

        @Test
        void ofRegistersAreNotUsedOnceUnmapped() {
            long va = kernel.mm.io().ioremap(0x8000_0010L, 16);
            load(va, 4);
            kernel.mm.io().iounmap(va);
            assertThat(checks.access(va, 4, true)).isEqualTo(Outcome.FAULTS);
            assertThat(only()).isEqualTo(FindingId.USE_AFTER_FREE);
        }
    }

    @Nested
    class MemoryOfADevice {
        private final DeviceView device =
                new DeviceView(kernel.machine.ram(), kernel.machine.caches(), false, "dma0");
        private final long va = slab.kzalloc(256, Gfp.KERNEL);
        private final long phys = va - AddressLayout.LINEAR_BASE;

        @Test
        void isLeftAlone() {
            cpu.clean(phys, 256);
            Shadow.Lease lease =
                    shadow.lend(phys, 256, Shadow.Use.DEVICE_WRITES, "dma0", findings.here());
            load(va + 8, 4);
            store(va + 8, 4);
            assertThat(ids())
                    .containsExactly(
                            FindingId.CPU_READ_WHILE_DEVICE_OWNS,
                            FindingId.CPU_WRITE_WHILE_DEVICE_OWNS);
            assertThat(findings.all().getFirst().message()).contains("offset 8 of 256 bytes");
            lease.end();
            store(va + 8, 4);
            assertThat(findings.all()).hasSize(2);
        }

        @Test
        void isReadStaleWhereTheCpuStillHasACopy() {
            cpu.clean(phys, 256);
            device.store64(phys + 64, -1);
            load(va, 64);
            assertThat(findings.all()).isEmpty();
            load(va + 64, 8);
            assertThat(only()).isEqualTo(FindingId.STALE_READ);
            assertThat(findings.all().getFirst().message()).contains("as 0x00").contains("0xff");
        }

        @Test
        void isLostWhereADirtyLineComesLater() {
            cpu.store64(va, 1);
            device.store64(phys + 8, -1);
            cpu.clean(phys, 64);
            assertThat(only()).isEqualTo(FindingId.LOST_WRITE);
        }

        @Test
        void isReadBeforeItIsThere() {
            cpu.store64(va, 1);
            device.load64(phys);
            assertThat(only()).isEqualTo(FindingId.LOST_WRITE);
            assertThat(findings.all().getFirst().device()).isEqualTo("dma0");
        }

        @Test
        void isReadBeforeAnybodyWroteIt() {
            long fresh = slab.kmalloc(256, Gfp.KERNEL);
            cpu.fill(fresh, 128, (byte) 1);
            cpu.clean(fresh - AddressLayout.LINEAR_BASE, 256);
            device.load64(fresh - AddressLayout.LINEAR_BASE + 120);
            assertThat(findings.all()).isEmpty();
            device.load64(fresh - AddressLayout.LINEAR_BASE + 128);
            assertThat(only()).isEqualTo(FindingId.UNINITIALISED_TO_DEVICE);
        }
    }

    @Test
    void whatIsNeverFreedIsReportedWhereItWasAllocated() {
        long kept = slab.kmalloc(100, Gfp.KERNEL);
        long freed = slab.kmalloc(200, Gfp.KERNEL);
        areas.vmalloc(300);
        slab.kfree(freed);
        assertThat(checks.reportLeaks(site -> false)).isZero();
        assertThat(checks.reportLeaks(site -> true)).isEqualTo(2);
        assertThat(ids()).containsExactly(FindingId.LEAK_MEMORY, FindingId.LEAK_MEMORY);
        assertThat(findings.all().getFirst().message()).contains("100 bytes of kmalloc");
        assertThat(findings.lineOf(findings.all().getFirst().site()).function())
                .isEqualTo("whatIsNeverFreedIsReportedWhereItWasAllocated");
        assertThat(checks.reportLeaks(site -> true)).isZero();
        assertThat(kept).isPositive();
    }

    @Test
    void theObjectOfAnAddressIsKnownWithItsBounds() {
        long va = slab.kmalloc(100, Gfp.KERNEL);
        assertThat(checks.objectAt(va + 99))
                .satisfies(held -> {
                    assertThat(held.va()).isEqualTo(va);
                    assertThat(held.size()).isEqualTo(100);
                    assertThat(held.isFreed()).isFalse();
                });
        slab.kfree(va);
        assertThat(checks.objectAt(va).isFreed()).isTrue();
        assertThat(checks.objectAt(early)).isNull();
    }
}
