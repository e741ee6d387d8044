package dmakit.kernel.drivers.ioat;

import dmakit.datasheet.ioat.IoatDescriptor;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.Gfp;
import dmakit.machine.cpu.Cpu;
import java.util.ArrayList;
import java.util.List;

/** The descriptors of one channel, each linked to the next and the last to the first. */
final class Ring {
    /** Descriptors of a ring, as a shift: {@code IOAT_MAX_ORDER}. */
    static final int LG2_COUNT = 16;

    /** Descriptors of a ring. */
    static final int COUNT = 1 << LG2_COUNT;

    private static final int LG2_CHUNK_BYTES = 19;
    private static final int CHUNK_BYTES = 1 << LG2_CHUNK_BYTES;
    private static final int LG2_BYTES = 6;
    private static final int LG2_CHUNK = LG2_CHUNK_BYTES - LG2_BYTES;
    private static final int NEXT = 3;

    private final Cpu cpu;
    private final DmaMapping mapping;
    private final Device dev;
    private final List<CoherentBuffer> chunks = new ArrayList<>();

    /**
     * Allocates and links it.
     *
     * @throws dmakit.kernel.DmaException ENOMEM when there is no memory for it
     */
    @Linux(file = "drivers/dma/ioat/dma.c", symbol = "ioat_alloc_ring")
    Ring(Cpu cpu, DmaMapping mapping, Device dev) {
        this.cpu = cpu;
        this.mapping = mapping;
        this.dev = dev;
        try {
            while (chunks.size() << LG2_CHUNK < COUNT) {
                chunks.add(mapping.allocCoherent(dev, CHUNK_BYTES, Gfp.NOWAIT));
            }
        } catch (RuntimeException refusal) {
            free();
            throw refusal;
        }
        for (CoherentBuffer chunk : chunks) {
            cpu.fill(chunk.va(), chunk.size(), (byte) 0);
        }
        for (int place = 0; place < COUNT; place++) {
            store(place, NEXT, dma(place + 1));
        }
    }

    void free() {
        for (CoherentBuffer chunk : chunks) {
            mapping.freeCoherent(dev, chunk);
        }
        chunks.clear();
    }

    /** Where the function finds a descriptor; places count on beyond the end of the ring. */
    long dma(int place) {
        int at = place & COUNT - 1;
        return chunks.get(at >>> LG2_CHUNK).dma() + inChunk(at);
    }

    private long va(int place) {
        int at = place & COUNT - 1;
        return chunks.get(at >>> LG2_CHUNK).va() + inChunk(at);
    }

    private static long inChunk(int at) {
        return (long) (at & (1 << LG2_CHUNK) - 1) << LG2_BYTES;
    }

    /** Stores one of the eight words of a descriptor. */
    void store(int place, int word, long value) {
        cpu.store64(va(place) + (long) word * Long.BYTES, value);
    }

    /** What is in the first half of the first word: bytes, or the status of a check. */
    int size(int place) {
        return cpu.load32(va(place) + IoatDescriptor.SIZE.offset());
    }
}
