package dmakit.kernel.mapping;

import dmakit.kernel.Calls;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.machine.cpu.Cpu;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Small blocks of coherent memory, cut from chunks that are kept until the pool is destroyed.
 *
 * <p>The block that was freed last is given out first. A free block begins with 16 bytes of the
 * pool: where the next free one is, and its own bus address; a block that is not zeroed still has
 * them when it is given out.
 */
@Linux(file = "mm/dmapool.c", symbol = "dma_pool")
public final class DmaPool {
    /** The largest block, in bytes. */
    public static final long SIZE_MAX = Integer.MAX_VALUE;

    /** Characters of a name that are kept. */
    public static final int NAME_LENGTH_MAX = 31;

    /** The head of a free block: two pointers. */
    private static final int HEAD_BYTES = 16;

    private static final byte POISON_FREED = (byte) 0xa7;
    private static final byte POISON_ALLOCATED = (byte) 0xa9;
    private static final int DUMP_BYTES = 16;

    private final DmaPools pools;
    private final MappingCore core;
    private final Coherent coherent;
    private final Calls calls;
    private final Cpu cpu;
    private final Device device;
    private final String name;
    private final int size;
    private final int allocation;
    private final int boundary;
    private final int perPart;
    private final int perChunk;
    private final TreeMap<Long, Chunk> chunks = new TreeMap<>();

    /** A stack: the block that was freed last lies on top. */
    private long[] freeVa = new long[0];

    private long[] freeDma = new long[0];
    private int freeCount;
    private int active;
    private @Nullable Chunk last;
    private boolean destroyed;

    /** Memory of the mapping API, and which of its blocks are out. */
    private static final class Chunk {
        private final long va;
        private final long dma;
        private final boolean[] out;

        Chunk(long va, long dma, int blocks) {
            this.va = va;
            this.dma = dma;
            out = new boolean[blocks];
        }
    }

    DmaPool(
            DmaPools pools,
            MappingCore core,
            Coherent coherent,
            Device device,
            String name,
            long wanted,
            long align,
            long boundaryWanted) {
        this.pools = pools;
        this.core = core;
        this.coherent = coherent;
        calls = core.calls();
        cpu = core.cpu();
        this.device = device;
        this.name = name.length() > NAME_LENGTH_MAX ? name.substring(0, NAME_LENGTH_MAX) : name;
        long step = align == 0 ? 1 : align;
        check(Long.bitCount(step) == 1, "align", align);
        check(wanted > 0 && wanted <= SIZE_MAX, "size", wanted);
        long rounded = (Math.max(wanted, HEAD_BYTES) + step - 1) & -step;
        check(rounded > 0 && rounded <= SIZE_MAX, "size rounded up to align", rounded);
        size = (int) rounded;
        allocation = (int) Math.max(rounded, VirtualMemory.PAGE_BYTES);
        check(
                boundaryWanted == 0
                        || (Long.compareUnsigned(boundaryWanted, rounded) >= 0
                                && Long.bitCount(boundaryWanted) == 1),
                "boundary",
                boundaryWanted);
        boundary =
                boundaryWanted == 0 || Long.compareUnsigned(boundaryWanted, allocation) > 0
                        ? allocation
                        : (int) boundaryWanted;
        perPart = boundary / size;
        perChunk = blocksOfChunk();
    }

    private void check(boolean good, String what, long value) {
        if (!good) {
            throw new DmaException(
                    Errno.EINVAL, "pool %s of %s: %s 0x%x", name, device, what, value);
        }
    }

    private int blocksOfChunk() {
        int count = allocation / boundary * perPart;
        return count + allocation % boundary / size;
    }

    /** No block crosses a boundary: the rest before one is left out. */
    private int offsetOf(int index) {
        return index / perPart * boundary + index % perPart * size;
    }

    // What drivers call.

    /**
     * Takes a block. It is not zeroed.
     *
     * @throws DmaException ENOMEM when there is no memory for another chunk
     */
    @Linux(file = "mm/dmapool.c", symbol = "dma_pool_alloc")
    public CoherentBuffer alloc(Gfp gfp) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("dma_pool_alloc", "%s, 0x%x".formatted(name, gfp.bits()));
        }
        checkLives();
        if (gfp.isBlocking()) {
            calls.mightSleep("dma_pool_alloc");
        }
        if (freeCount == 0) {
            grow(gfp.without(Gfp.ZERO));
        }
        int top = --freeCount;
        long va = freeVa[top];
        long dma = freeDma[top];
        active++;
        mark(va, true);
        boolean zero = gfp.has(Gfp.ZERO);
        if (pools.poisons()) {
            checkPoison(va);
            if (!zero) {
                cpu.fill(va, size, POISON_ALLOCATED);
            }
        }
        if (zero) {
            cpu.fill(va, size, (byte) 0);
        }
        return new CoherentBuffer(va, dma, size);
    }

    /** As {@link #alloc}; all of the block is zeroed. */
    @Linux(file = "include/linux/dmapool.h", symbol = "dma_pool_zalloc")
    public CoherentBuffer zalloc(Gfp gfp) {
        return alloc(gfp.with(Gfp.ZERO));
    }

    /** Gives a block back; may be called anywhere. */
    public void free(CoherentBuffer block) {
        free(block.va(), block.dma());
    }

    /**
     * Gives a block back; may be called anywhere. What is no block of this pool is believed, as
     * Linux does, where nobody looks for mistakes.
     *
     * @param dma what {@link #alloc} answered with {@code va}
     */
    @Linux(file = "mm/dmapool.c", symbol = "dma_pool_free")
    public void free(long va, long dma) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("dma_pool_free", "%s, 0x%x, 0x%x".formatted(name, va, dma));
        }
        checkLives();
        if (pools.poisons() && isRefused(va, dma)) {
            return;
        }
        Chunk chunk = chunkOf(va);
        int index = chunk == null ? -1 : indexOf((int) (va - chunk.va));
        long handle = dma;
        if (chunk == null || index < 0) {
            if (isForeign(va, dma)) {
                return;
            }
        } else {
            handle = checkedHandle(chunk.dma + (va - chunk.va), va, dma);
            if (!chunk.out[index] && isTwice(va, dma)) {
                return;
            }
            chunk.out[index] = false;
        }
        active--;
        push(va, handle);
    }

    /**
     * Ends the pool. Chunks of a pool whose blocks are not all back are lost, because somebody may
     * still use them.
     */
    @Linux(file = "mm/dmapool.c", symbol = "dma_pool_destroy")
    public void destroy() {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("dma_pool_destroy", name);
        }
        checkLives();
        calls.mightSleep("dma_pool_destroy");
        destroyed = true;
        pools.remove(this);
        if (active != 0) {
            core.log().devErr(device, "dma_pool_destroy %s busy", name);
            if (core.rules().areOn()) {
                report(
                        FindingId.POOL_BUSY,
                        "pool %s is destroyed with %d blocks out",
                        name,
                        active);
            }
            core.misuse("pool %s of %s is destroyed with %d blocks out", name, device, active);
            return;
        }
        try (var _ = calls.internally()) {
            for (Chunk chunk : chunks.values()) {
                coherent.free(device, allocation, chunk.va, chunk.dma, DmaAttrs.NONE);
            }
        }
    }

    // What it has.

    /** Its name. */
    public String name() {
        return name;
    }

    /** Whose it is. */
    public Device device() {
        return device;
    }

    /** Bytes of a block: those asked for, at least 16, rounded up to the alignment. */
    public int blockBytes() {
        return size;
    }

    /** Blocks that are out. */
    public int activeCount() {
        return active;
    }

    /** Blocks of all chunks. */
    public int blockCount() {
        return chunks.size() * perChunk;
    }

    /** Chunks there are. */
    public int chunkCount() {
        return chunks.size();
    }

    // Chunks.

    private void grow(Gfp gfp) {
        CoherentBuffer memory;
        try (var _ = calls.internally()) {
            memory = coherent.alloc(device, allocation, gfp, DmaAttrs.NONE);
        }
        Chunk chunk = new Chunk(memory.va(), memory.dma(), perChunk);
        chunks.put(chunk.va, chunk);
        if (pools.poisons()) {
            cpu.fill(chunk.va, allocation, POISON_FREED);
        }
        for (int index = perChunk - 1; index >= 0; index--) {
            int offset = offsetOf(index);
            push(chunk.va + offset, chunk.dma + offset);
        }
    }

    private void push(long va, long dma) {
        if (freeCount == freeVa.length) {
            int room = Math.max(perChunk, freeCount * 2);
            freeVa = Arrays.copyOf(freeVa, room);
            freeDma = Arrays.copyOf(freeDma, room);
        }
        cpu.store64(va, freeCount == 0 ? 0 : freeVa[freeCount - 1]);
        cpu.store64(va + Long.BYTES, dma);
        freeVa[freeCount] = va;
        freeDma[freeCount] = dma;
        freeCount++;
    }

    private void mark(long va, boolean out) {
        Chunk chunk = chunkOf(va);
        int index = chunk == null ? -1 : indexOf((int) (va - chunk.va));
        if (chunk != null && index >= 0) {
            chunk.out[index] = out;
        }
    }

    private @Nullable Chunk chunkOf(long va) {
        Chunk recent = last;
        if (recent != null && holds(recent, va)) {
            return recent;
        }
        Map.Entry<Long, Chunk> below = chunks.floorEntry(va);
        if (below == null || !holds(below.getValue(), va)) {
            return null;
        }
        last = below.getValue();
        return last;
    }

    private boolean holds(Chunk chunk, long va) {
        return Long.compareUnsigned(va - chunk.va, allocation) < 0;
    }

    /** Which block begins at an offset into a chunk, or -1. */
    private int indexOf(int offset) {
        int part = offset / boundary;
        int inPart = offset - part * boundary;
        int index = inPart / size;
        boolean isBlock = index * size == inPart && index < perPart && offset <= allocation - size;
        return isBlock ? part * perPart + index : -1;
    }

    // Mistakes.

    private void checkLives() {
        if (destroyed) {
            throw new IllegalStateException("pool %s of %s was destroyed".formatted(name, device));
        }
    }

    /** Whether what is no block is left alone; it is kept as one where nobody looks. */
    private boolean isForeign(long va, long dma) {
        if (core.rules().areOn()) {
            report(
                    FindingId.FREE_COHERENT_MISMATCH,
                    "freed 0x%x, dma:0x%x to pool %s, which it is no block of",
                    va,
                    dma,
                    name);
            return true;
        }
        core.misuse("va:0x%x, dma:0x%x is no block of pool %s of %s", va, dma, name, device);
        return false;
    }

    private long checkedHandle(long right, long va, long dma) {
        if (right == dma) {
            return dma;
        }
        if (core.rules().areOn()) {
            report(
                    FindingId.FREE_COHERENT_MISMATCH,
                    "freed a block of pool %s with handle dma:0x%x, it has dma:0x%x",
                    name,
                    dma,
                    right);
            return right;
        }
        core.misuse("va:0x%x of pool %s has dma:0x%x, freed as dma:0x%x", va, name, right, dma);
        return dma;
    }

    private boolean isTwice(long va, long dma) {
        if (core.rules().areOn()) {
            report(
                    FindingId.POOL_DOUBLE_FREE,
                    "freed dma:0x%x of pool %s, which is free",
                    dma,
                    name);
            return true;
        }
        core.misuse("va:0x%x of pool %s of %s is free", va, name, device);
        return false;
    }

    private void report(FindingId id, String format, Object... values) {
        Findings findings = calls.findings();
        findings.report(id, format, values).device(device.name()).add();
    }

    // As with slub_debug.

    @Linux(file = "mm/dmapool.c", symbol = "pool_block_err")
    private boolean isRefused(long va, long dma) {
        boolean known = false;
        for (Chunk chunk : chunks.values()) {
            known |= Long.compareUnsigned(dma - chunk.dma, allocation) < 0;
        }
        if (!known) {
            error("pool_block_err %s, 0x%016x/0x%016x (bad dma)", name, va, dma);
        } else if (isFree(va)) {
            error("pool_block_err %s, dma 0x%016x already free", name, dma);
        } else {
            cpu.fill(va, size, POISON_FREED);
            return false;
        }
        if (core.rules().areOn()) {
            report(
                    known ? FindingId.POOL_DOUBLE_FREE : FindingId.FREE_COHERENT_MISMATCH,
                    "the pool refused to free 0x%x, dma:0x%x",
                    va,
                    dma);
        }
        return true;
    }

    private boolean isFree(long va) {
        for (int i = 0; i < freeCount; i++) {
            if (freeVa[i] == va) {
                return true;
            }
        }
        return false;
    }

    /** Behind the head of a free block lies what it was filled with, unless somebody wrote. */
    @Linux(file = "mm/dmapool.c", symbol = "pool_check_block")
    private void checkPoison(long va) {
        byte[] bytes = new byte[size];
        cpu.load(va, bytes, 0, size);
        for (int i = HEAD_BYTES; i < size; i++) {
            if (bytes[i] != POISON_FREED) {
                error("pool_check_block %s, 0x%016x (corrupted)", name, va);
                dump(bytes);
                return;
            }
        }
    }

    private void error(String format, Object... values) {
        core.log().devErr(device, format, values);
    }

    @Linux(file = "lib/hexdump.c", symbol = "print_hex_dump")
    private void dump(byte[] bytes) {
        for (int at = 0; at < bytes.length; at += DUMP_BYTES) {
            StringBuilder hex = new StringBuilder();
            StringBuilder text = new StringBuilder();
            for (int i = at; i < Math.min(bytes.length, at + DUMP_BYTES); i++) {
                hex.append(String.format(Locale.ROOT, "%02x ", bytes[i]));
                text.append(bytes[i] >= ' ' && bytes[i] < 0x7f ? (char) bytes[i] : '.');
            }
            core.log().err("%s", String.format(Locale.ROOT, "%08x: %-49s%s", at, hex, text));
        }
    }

    @Override
    public String toString() {
        return "pool %s of %s".formatted(name, device);
    }
}
