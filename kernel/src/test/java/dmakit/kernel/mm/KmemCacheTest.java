package dmakit.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.MemoryFixture;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KmemCacheTest {
    private final MemoryFixture kernel = MemoryFixture.nonCoherent();
    private final Slab slab = kernel.mm.slab();

    @AfterEach
    void close() {
        kernel.close();
    }

    @ParameterizedTest
    @CsvSource({"48, 0, 8", "48, 64, 64", "96, 64, 64", "100, 256, 256", "5000, 4096, 4096"})
    void objectsAreAligned(long size, long align, long multiple) {
        KmemCache cache = new KmemCache(slab, "objects", size, align, null);
        for (int i = 0; i < 5; i++) {
            assertThat(cache.alloc(Gfp.KERNEL) % multiple).isZero();
        }
        assertThat(cache.usedCount()).isEqualTo(5);
        assertThat(cache.size()).isEqualTo(size);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "-1, 0", "4194305, 0", "8, 3", "8, -1", "8, 8388608"})
    void whatIsNoSizeOrAlignmentIsRefused(long size, long align) {
        assertThatThrownBy(() -> new KmemCache(slab, "none", size, align, null))
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
    }

    @Test
    void eachObjectIsConstructedAndZeroedWhereAskedFor() {
        List<Long> constructed = new ArrayList<>();
        KmemCache cache = new KmemCache(slab, "objects", 32, 0, constructed::add);
        long first = cache.alloc(Gfp.KERNEL);
        kernel.machine.cpu().fill(first, 32, (byte) 1);
        cache.free(first);
        long again = cache.zalloc(Gfp.KERNEL);
        assertThat(kernel.machine.cpu().load64(again)).isZero();
        assertThat(constructed).containsExactly(first, again);
    }

    @Test
    void aCacheEndsWhenAllObjectsAreBack() {
        KmemCache cache = new KmemCache(slab, "objects", 32, 0, null);
        cache.free(cache.alloc(Gfp.KERNEL));
        cache.free(0);
        cache.destroy();
        assertThatThrownBy(() -> cache.alloc(Gfp.KERNEL)).isInstanceOf(IllegalStateException.class);
        KmemCache busy = new KmemCache(slab, "busy", 32, 0, null);
        busy.alloc(Gfp.KERNEL);
        assertThatThrownBy(busy::destroy)
                .hasMessage("kmem_cache_destroy busy: Slab cache still has 1 objects");
    }

    @Test
    void anArrayWhoseSizeWrapsIsRefused() {
        long va = slab.kcalloc(10, 30, Gfp.KERNEL);
        assertThat(kernel.machine.cpu().load64(va + 288)).isZero();
        for (long[] array : new long[][] {{1L << 32, 1L << 32}, {-1, 2}, {2, -1}}) {
            assertThatThrownBy(() -> slab.kcalloc(array[0], array[1], Gfp.KERNEL))
                    .isInstanceOfSatisfying(
                            KernelException.class,
                            e -> assertThat(e.errno()).isEqualTo(Errno.ENOMEM));
        }
    }
}
