package dmakit.kernel.mm;

import dmakit.kernel.Calls;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.machine.Check;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.memory.Ram;
import dmakit.machine.memory.Shadow;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * {@code kmalloc}: objects of a few sizes, cut from pages; larger ones are pages.
 *
 * <p>Objects of a power of two are aligned to their size. The object freed last is given out first,
 * so the same calls always get the same addresses.
 */
@Linux(file = "mm/slub.c", symbol = "kmalloc")
public final class Slab {
    /**
     * Smallest alignment of objects where small buffers of non-coherent devices bounce: {@code
     * ARCH_KMALLOC_MINALIGN} of arm64.
     */
    @Linux(file = "arch/arm64/include/asm/cache.h", symbol = "ARCH_KMALLOC_MINALIGN")
    public static final int MIN_ALIGN = 8;

    /** Largest size in bytes. */
    @Linux(file = "include/linux/slab.h", symbol = "KMALLOC_MAX_SIZE")
    public static final long SIZE_MAX = VirtualMemory.PAGE_BYTES << PageAllocator.ORDER_MAX;

    /** What {@code kmalloc(0)} gives: no memory, but no failure either. */
    @Linux(file = "include/linux/slab.h", symbol = "ZERO_SIZE_PTR")
    public static final long ZERO_SIZE = 16;

    private static final int[] SIZES = {
        8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192
    };
    private static final int CACHED_MAX = 8192;

    /** Bytes behind an object that nobody may use, while mistakes are looked for. */
    private static final int REDZONE = 32;

    /** Objects above this size have a redzone only where rounding leaves room for one. */
    private static final long REDZONE_SIZE_MAX = 1 << 18;

    private static final int SLAB_ORDER_MAX = 3;
    private static final int OBJECTS_WANTED = 8;
    private static final int LG2_CHUNK = 12;

    private final Calls calls;
    private final Cpu cpu;
    private final Ram ram;
    private final PageAllocator pages;
    private final Shadow shadow;
    private final Allocations allocations;
    private final int minAlign;
    private final Cache[] normal = new Cache[SIZES.length];
    private final Cache[] dma = new Cache[SIZES.length];
    private final @Nullable SlabPages[] @Nullable [] owners;

    /**
     * Creates the caches.
     *
     * @param minAlign alignment of all objects, a power of two of at least {@link #MIN_ALIGN}: that
     *     where small buffers can bounce, the size of a cache line where they cannot
     */
    @Linux(file = "mm/slab_common.c", symbol = "create_kmalloc_caches")
    public Slab(Cpu cpu, Ram ram, Calls calls, PageAllocator pages, int minAlign) {
        Check.argument(
                minAlign >= MIN_ALIGN && Integer.bitCount(minAlign) == 1,
                "alignment %d is no power of two of at least %d",
                minAlign,
                MIN_ALIGN);
        this.calls = calls;
        this.cpu = cpu;
        this.ram = ram;
        this.pages = pages;
        shadow = ram.shadow();
        allocations = pages.allocations();
        this.minAlign = minAlign;
        for (int i = 0; i < SIZES.length; i++) {
            normal[i] = new Cache(SIZES[i]);
            dma[i] = new Cache(SIZES[i]);
        }
        owners = new SlabPages[(int) (ram.size() >> (VirtualMemory.LG2_PAGE + LG2_CHUNK)) + 1][];
    }

    /**
     * Allocates memory that is physically contiguous.
     *
     * @param size in bytes; 0 gives {@link #ZERO_SIZE}
     * @return its address in the linear map
     * @throws KernelException ENOMEM also for sizes above {@link #SIZE_MAX}
     */
    @Linux(file = "include/linux/slab.h", symbol = "kmalloc")
    public long kmalloc(long size, Gfp gfp) {
        enter("kmalloc", size, gfp);
        return allocate(size, gfp);
    }

    /** As {@link #kmalloc}, zeroed. */
    @Linux(file = "include/linux/slab.h", symbol = "kzalloc")
    public long kzalloc(long size, Gfp gfp) {
        enter("kzalloc", size, gfp);
        return allocate(size, gfp.with(Gfp.ZERO));
    }

    /**
     * Allocates a zeroed array.
     *
     * @param count of elements
     * @param size of one in bytes
     * @throws KernelException ENOMEM also when their product is no size
     */
    @Linux(file = "include/linux/slab.h", symbol = "kcalloc")
    public long kcalloc(long count, long size, Gfp gfp) {
        enter("kcalloc", size, gfp);
        boolean fits = size == 0 || Long.compareUnsigned(count, Long.divideUnsigned(-1, size)) <= 0;
        return allocate(fits ? count * size : -1, gfp.with(Gfp.ZERO));
    }

    /**
     * Gives an object another size, moving it when it must; its first bytes stay.
     *
     * @param va of the object; 0 allocates
     * @param size wanted, in bytes; 0 frees
     * @return its address
     * @throws KernelException ENOMEM; then the object is as before
     */
    @Linux(file = "include/linux/slab.h", symbol = "krealloc")
    public long krealloc(long va, long size, Gfp gfp) {
        enter("krealloc", size, gfp);
        if (size == 0) {
            free(va);
            return ZERO_SIZE;
        }
        long before = sizeOf(va);
        if (before >= size) {
            resize(va, size);
            return va;
        }
        long moved = allocate(size, gfp);
        if (before > 0) {
            byte[] content = new byte[(int) before];
            cpu.load(va, content, 0, content.length);
            cpu.store(moved, content, 0, content.length);
        }
        free(va);
        return moved;
    }

    /**
     * Frees an object; 0 and {@link #ZERO_SIZE} are ignored.
     *
     * @throws IllegalArgumentException when no object starts at {@code va}, or it was freed before
     */
    @Linux(file = "mm/slub.c", symbol = "kfree")
    public void kfree(long va) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("kfree", "0x" + Long.toHexString(va));
        }
        free(va);
    }

    /**
     * Bytes that an object really has; 0 for 0 and {@link #ZERO_SIZE}.
     *
     * @throws IllegalArgumentException when no object starts at {@code va}
     */
    @Linux(file = "mm/slab_common.c", symbol = "ksize")
    public long ksize(long va) {
        calls.enter();
        long bytes = sizeOf(va);
        resize(va, bytes);
        return bytes;
    }

    /** Bytes that an object of a size really gets. */
    @Linux(file = "mm/slab_common.c", symbol = "kmalloc_size_roundup")
    public long sizeRoundup(long size) {
        if (size == 0 || Long.compareUnsigned(size, SIZE_MAX) > 0) {
            return size;
        }
        return size <= CACHED_MAX
                ? SIZES[indexFor(size)]
                : VirtualMemory.PAGE_BYTES << PageAllocator.orderFor(size);
    }

    /** Alignment of all objects, in bytes. */
    public int minAlign() {
        return minAlign;
    }

    private void enter(String function, long size, Gfp gfp) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(function, "%d, 0x%x".formatted(size, gfp.bits()));
        }
        if (gfp.isBlocking()) {
            calls.mightSleep(function);
        }
    }

    private long allocate(long size, Gfp gfp) {
        if (size == 0) {
            return ZERO_SIZE;
        }
        long va = Long.compareUnsigned(size, SIZE_MAX) > 0 ? 0 : allocateFor(size, gfp);
        if (va == 0) {
            throw new KernelException(
                    Errno.ENOMEM,
                    "no kmalloc of %s bytes; the largest is %d",
                    Long.toUnsignedString(size),
                    SIZE_MAX);
        }
        if (gfp.has(Gfp.ZERO)) {
            cpu.fill(va, sizeRoundup(size), (byte) 0);
        }
        if (allocations.isOn()) {
            long room = roomAt(va);
            allocations.add(Allocation.Kind.SLAB, va, size, room, 0);
            shadow.allocated(va - AddressLayout.LINEAR_BASE, size, room, gfp.has(Gfp.ZERO));
        }
        return va;
    }

    private long allocateFor(long size, Gfp gfp) {
        if (!allocations.isOn()) {
            return allocateSized(size, gfp);
        }
        // Rounded as ever, or the alignment that comes with a power of two would be lost.
        long least = sizeRoundup(size);
        boolean fits = size + REDZONE <= least || size > REDZONE_SIZE_MAX;
        long va = allocateSized(fits ? size : least + 1, gfp);
        return va == 0 && allocations.wakeAll() ? allocateSized(size, gfp) : va;
    }

    /** While mistakes are looked for: another end of the object's bytes, inside of its room. */
    private void resize(long va, long size) {
        Allocation object = allocations.isOn() ? allocations.at(va) : null;
        if (object != null && object.kind() == Allocation.Kind.SLAB && size <= object.room()) {
            object.size(size);
            shadow.allocated(va - AddressLayout.LINEAR_BASE, size, object.room(), true);
        }
    }

    private long allocateSized(long size, Gfp gfp) {
        Gfp unzeroed = gfp.without(Gfp.ZERO);
        if (size > CACHED_MAX) {
            int order = PageAllocator.orderFor(size);
            long phys = pages.take(unzeroed, order);
            if (phys == PageAllocator.NONE) {
                return 0;
            }
            own(new SlabPages(null, phys, order), true);
            return AddressLayout.LINEAR_BASE + phys;
        }
        Cache[] caches = gfp.has(Gfp.DMA) ? dma : normal;
        return caches[indexFor(size)].allocate(unzeroed);
    }

    private int indexFor(long size) {
        int index = indexOf(size);
        // As Linux: a size that is misaligned as such is served by the one it rounds up to.
        return SIZES[index] % minAlign == 0
                ? index
                : indexOf((SIZES[index] + minAlign - 1) & -minAlign);
    }

    private static int indexOf(long size) {
        for (int i = 0; i < SIZES.length; i++) {
            if (size <= SIZES[i]) {
                return i;
            }
        }
        throw new IllegalArgumentException("no cache for objects of " + size + " bytes");
    }

    private void free(long va) {
        if (va == 0 || va == ZERO_SIZE) {
            return;
        }
        if (!allocations.isOn()) {
            freeNow(va);
            return;
        }
        Allocation object = allocations.take(Allocation.Kind.SLAB, va);
        if (object != null) {
            shadow.freed(va - AddressLayout.LINEAR_BASE, object.room());
            allocations.rest(object, freed -> freeNow(freed.va()));
        } else if (allocations.isUnknown(va)) {
            freeUnknown(va);
        }
    }

    /** What was allocated before mistakes were looked for is freed as ever. */
    private void freeUnknown(long va) {
        if (isObject(va)) {
            freeNow(va);
        } else {
            allocations.reportInvalid(Allocation.Kind.SLAB, va);
        }
    }

    private boolean isObject(long va) {
        try {
            ownerOf(va);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private void freeNow(long va) {
        SlabPages owner = ownerOf(va);
        Cache cache = owner.cache;
        if (cache == null) {
            own(owner, false);
            pages.give(owner.phys, owner.order);
        } else {
            cache.free(owner, va);
        }
    }

    private long sizeOf(long va) {
        if (va == 0 || va == ZERO_SIZE) {
            return 0;
        }
        Allocation object = allocations.isOn() ? allocations.at(va) : null;
        return object == null ? roomAt(va) : Math.min(sizeRoundup(object.size()), object.room());
    }

    private long roomAt(long va) {
        SlabPages owner = ownerOf(va);
        return owner.cache == null
                ? VirtualMemory.PAGE_BYTES << owner.order
                : owner.cache.objectBytes;
    }

    /** The pages of an object that is allocated and starts at {@code va}. */
    private SlabPages ownerOf(long va) {
        long offset =
                AddressLayout.isLinear(va)
                        ? ram.offsetOf(va - AddressLayout.LINEAR_BASE)
                        : Ram.NOT_RAM;
        SlabPages owner = null;
        if (offset != Ram.NOT_RAM) {
            long page = offset >> VirtualMemory.LG2_PAGE;
            @Nullable SlabPages[] chunk = owners[(int) (page >> LG2_CHUNK)];
            owner = chunk == null ? null : chunk[(int) (page & ((1 << LG2_CHUNK) - 1))];
        }
        if (owner == null) {
            throw new IllegalArgumentException(
                    "va:0x%x is no kmalloc object: freed before, or never one".formatted(va));
        }
        long inPages = va - AddressLayout.LINEAR_BASE - owner.phys;
        int bytes = owner.cache == null ? Integer.MAX_VALUE : owner.cache.objectBytes;
        Check.argument(
                inPages % bytes == 0,
                "va:0x%x lies inside of a kmalloc object that starts at va:0x%x",
                va,
                va - inPages % bytes);
        Check.argument(
                owner.cache == null || owner.isUsed((int) (inPages / bytes)),
                "kmalloc object at va:0x%x is free, size %d",
                va,
                bytes);
        return owner;
    }

    private void own(SlabPages block, boolean owned) {
        long first = ram.offsetOf(block.phys) >> VirtualMemory.LG2_PAGE;
        for (long page = first; page < first + (1L << block.order); page++) {
            int at = (int) (page >> LG2_CHUNK);
            @Nullable SlabPages[] chunk = owners[at];
            if (chunk == null) {
                chunk = new SlabPages[1 << LG2_CHUNK];
                owners[at] = chunk;
            }
            chunk[(int) (page & ((1 << LG2_CHUNK) - 1))] = owned ? block : null;
        }
    }

    /** A block of pages: objects of one cache, or one large object. */
    private static final class SlabPages {
        private final @Nullable Cache cache;
        private final long phys;
        private final int order;
        private final short[] free;
        private final long[] used;
        private int freeCount;
        private int partialIndex = -1;

        SlabPages(@Nullable Cache cache, long phys, int order) {
            this.cache = cache;
            this.phys = phys;
            this.order = order;
            int objects =
                    cache == null
                            ? 0
                            : (int) (VirtualMemory.PAGE_BYTES << order) / cache.objectBytes;
            free = new short[objects];
            used = new long[(objects + 63) >> 6];
            for (int i = 0; i < objects; i++) {
                free[i] = (short) (objects - 1 - i);
            }
            freeCount = objects;
        }

        boolean isUsed(int object) {
            return (used[object >> 6] & (1L << object)) != 0;
        }

        int takeObject() {
            int object = free[--freeCount];
            used[object >> 6] |= 1L << object;
            return object;
        }

        void giveObject(int object) {
            used[object >> 6] &= ~(1L << object);
            free[freeCount++] = (short) object;
        }
    }

    /** All objects of one size and kind. */
    private final class Cache {
        private final int objectBytes;
        private final int order;
        private SlabPages[] partial = new SlabPages[4];
        private int partialCount;

        Cache(int objectBytes) {
            this.objectBytes = objectBytes;
            order =
                    Math.min(
                            SLAB_ORDER_MAX,
                            PageAllocator.orderFor((long) objectBytes * OBJECTS_WANTED));
        }

        long allocate(Gfp gfp) {
            if (partialCount == 0) {
                long phys = pages.take(gfp, order);
                if (phys == PageAllocator.NONE) {
                    return 0;
                }
                SlabPages block = new SlabPages(this, phys, order);
                own(block, true);
                shadow.unused(phys, VirtualMemory.PAGE_BYTES << order);
                addPartial(block);
            }
            SlabPages block = partial[partialCount - 1];
            int object = block.takeObject();
            if (block.freeCount == 0) {
                removePartial(block);
            }
            return AddressLayout.LINEAR_BASE + block.phys + (long) object * objectBytes;
        }

        void free(SlabPages block, long va) {
            block.giveObject((int) (va - AddressLayout.LINEAR_BASE - block.phys) / objectBytes);
            shadow.unused(va - AddressLayout.LINEAR_BASE, objectBytes);
            if (block.freeCount == 1) {
                addPartial(block);
            }
            // The last empty block stays, so that one object coming and going costs no pages.
            if (block.freeCount == block.free.length && partialCount > 1) {
                removePartial(block);
                own(block, false);
                pages.give(block.phys, block.order);
            }
        }

        private void addPartial(SlabPages block) {
            if (partialCount == partial.length) {
                partial = Arrays.copyOf(partial, partialCount * 2);
            }
            block.partialIndex = partialCount;
            partial[partialCount++] = block;
        }

        private void removePartial(SlabPages block) {
            SlabPages last = partial[--partialCount];
            partial[block.partialIndex] = last;
            last.partialIndex = block.partialIndex;
            block.partialIndex = -1;
        }
    }
}
