package dmakit.kernel.drivers.xilinx;

import dmakit.datasheet.Register;
import dmakit.datasheet.xilinx.AxiDmaDescriptor;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.Gfp;
import dmakit.machine.cpu.Cpu;

/**
 * The hardware descriptors of one channel, in coherent memory. Each names its neighbour as the next
 * one, the last the first; they are given out in that order, so that what is prepared one after the
 * other is linked already.
 */
final class SegmentRing {
    /** Descriptors of a channel. */
    @Linux(file = "drivers/dma/xilinx/xilinx_dma.c", symbol = "XILINX_DMA_NUM_DESCS")
    static final int COUNT = 255;

    /** From one to the next, in bytes: Linux keeps words of its own behind each. */
    static final int STRIDE = 128;

    /** Whether nothing is left. */
    static final int NONE = -1;

    private final Cpu cpu;
    private final DmaMapping mapping;
    private final Device dev;
    private final CoherentBuffer memory;
    private final int[] free = new int[COUNT];
    private int freeAt;
    private int freeCount;

    SegmentRing(Cpu cpu, DmaMapping mapping, Device dev) {
        this.cpu = cpu;
        this.mapping = mapping;
        this.dev = dev;
        memory = mapping.allocCoherent(dev, (long) COUNT * STRIDE, Gfp.KERNEL);
        for (int i = 0; i < COUNT; i++) {
            link(i, dma(neighbour(i)));
            free[i] = i;
        }
        freeCount = COUNT;
    }

    void close() {
        mapping.freeCoherent(dev, memory);
    }

    /** Takes the descriptor that was given back longest ago, or {@link #NONE}. */
    int take() {
        if (freeCount == 0) {
            return NONE;
        }
        int taken = free[freeAt];
        freeAt = (freeAt + 1) % COUNT;
        freeCount--;
        return taken;
    }

    /** Gives one back, empty but for its link. */
    @Linux(file = "drivers/dma/xilinx/xilinx_dma.c", symbol = "xilinx_dma_clean_hw_desc")
    void give(int segment) {
        for (AxiDmaDescriptor word : AxiDmaDescriptor.MAP.registers()) {
            if (word.offset() > AxiDmaDescriptor.NXTDESC_MSB.offset()) {
                store(segment, word, 0);
            }
        }
        link(segment, dma(neighbour(segment)));
        free[(freeAt + freeCount) % COUNT] = segment;
        freeCount++;
    }

    private static int neighbour(int segment) {
        return (segment + 1) % COUNT;
    }

    void link(int segment, long nextDma) {
        storeAddress(segment, AxiDmaDescriptor.NXTDESC, nextDma);
    }

    /** Which descriptor follows, as the hardware sees it. */
    long nextDma(int segment) {
        return cpu.load64(va(segment) + AxiDmaDescriptor.NXTDESC.offset());
    }

    void storeAddress(int segment, Register low, long address) {
        cpu.store64(va(segment) + low.offset(), address);
    }

    void store(int segment, Register word, int value) {
        cpu.store32(va(segment) + word.offset(), value);
    }

    int load(int segment, Register word) {
        return cpu.load32(va(segment) + word.offset());
    }

    long va(int segment) {
        return memory.va() + (long) segment * STRIDE;
    }

    long dma(int segment) {
        return memory.dma() + (long) segment * STRIDE;
    }

    /** The number of the descriptor at an address, or {@link #NONE}. */
    int at(long dma) {
        long offset = dma - memory.dma();
        return offset >= 0 && offset < (long) COUNT * STRIDE && offset % STRIDE == 0
                ? (int) (offset / STRIDE)
                : NONE;
    }
}
