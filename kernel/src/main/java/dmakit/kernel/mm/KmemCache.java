package dmakit.kernel.mm;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Objects of one kind, aligned as their maker wants. They are objects of {@code kmalloc}, which are
 * checked as such, and counted.
 */
@Linux(file = "mm/slab.h", symbol = "kmem_cache")
public final class KmemCache {
    private final Slab slab;
    private final String name;
    private final long size;
    private final long room;
    private final @Nullable LongConsumer constructor;
    private int used;
    private boolean destroyed;

    /**
     * Creates an empty cache.
     *
     * @param name for messages
     * @param size of an object in bytes, at least 1
     * @param align of objects, a power of two up to {@link Slab#SIZE_MAX}, or 0 for any
     * @param constructor is told the address of each object before it is given out; null for none
     * @throws KernelException EINVAL for a size or an alignment that is none
     */
    @Linux(file = "include/linux/slab.h", symbol = "kmem_cache_create")
    public KmemCache(
            Slab slab, String name, long size, long align, @Nullable LongConsumer constructor) {
        if (size <= 0
                || size > Slab.SIZE_MAX
                || align < 0
                || align > Slab.SIZE_MAX
                || Long.bitCount(align) > 1) {
            throw new KernelException(
                    Errno.EINVAL, "cache %s: %d bytes, aligned to %d", name, size, align);
        }
        this.slab = slab;
        this.name = name;
        this.size = size;
        this.constructor = constructor;
        // Objects of a power of two are aligned to their size.
        room = align <= slab.minAlign() ? size : powerOfTwo(Math.max(size, align));
    }

    private static long powerOfTwo(long bytes) {
        return bytes == 1 ? 1 : Long.highestOneBit(bytes - 1) << 1;
    }

    /**
     * Allocates an object.
     *
     * @return its address in the linear map
     * @throws KernelException ENOMEM
     */
    @Linux(file = "include/linux/slab.h", symbol = "kmem_cache_alloc")
    public long alloc(Gfp gfp) {
        checkLives();
        long va = gfp.has(Gfp.ZERO) ? slab.kzalloc(room, gfp) : slab.kmalloc(room, gfp);
        used++;
        LongConsumer construct = constructor;
        if (construct != null) {
            construct.accept(va);
        }
        return va;
    }

    /** As {@link #alloc}, zeroed. */
    @Linux(file = "include/linux/slab.h", symbol = "kmem_cache_zalloc")
    public long zalloc(Gfp gfp) {
        return alloc(gfp.with(Gfp.ZERO));
    }

    /**
     * Frees an object; 0 is ignored.
     *
     * @throws IllegalArgumentException as {@link Slab#kfree}
     */
    @Linux(file = "mm/slub.c", symbol = "kmem_cache_free")
    public void free(long va) {
        checkLives();
        if (va != 0) {
            slab.kfree(va);
            used--;
        }
    }

    /**
     * Ends the cache.
     *
     * @throws IllegalStateException when not all objects are back; they stay allocated
     */
    @Linux(file = "mm/slab_common.c", symbol = "kmem_cache_destroy")
    public void destroy() {
        checkLives();
        destroyed = true;
        if (used != 0) {
            throw new IllegalStateException(
                    "kmem_cache_destroy %s: Slab cache still has %d objects".formatted(name, used));
        }
    }

    /** Bytes of an object, as asked for. */
    @Linux(file = "mm/slub.c", symbol = "kmem_cache_size")
    public long size() {
        return size;
    }

    /** Objects that are out. */
    public int usedCount() {
        return used;
    }

    private void checkLives() {
        if (destroyed) {
            throw new IllegalStateException("cache %s was destroyed".formatted(name));
        }
    }
}
