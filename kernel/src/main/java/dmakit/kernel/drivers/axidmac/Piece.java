package dmakit.kernel.drivers.axidmac;

import dmakit.datasheet.axidmac.AxiDmacDescriptor;
import dmakit.kernel.Linux;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.machine.cpu.Cpu;
import org.jspecify.annotations.Nullable;

/** What the core moves as one: rows. Of a core with scatter-gather, a descriptor in memory too. */
@Linux(file = "drivers/dma/dma-axi-dmac.c", symbol = "struct axi_dmac_sg")
final class Piece {
    /** No number of the core's: those have two bits. */
    static final int NOT_IN_CORE = 32;

    long source;
    long destination;

    /** Bytes of a row. */
    long rowBytes;

    long rows = 1;
    int sourceStride;
    int destinationStride;

    /** What the core calls it, while it has it. */
    int id = NOT_IN_CORE;

    /** Bytes that came when its packet ended early; else 0. */
    int partialBytes;

    /** Is to follow itself: it was the next, but still in the core. */
    boolean waitsForItself;

    /** Its descriptor, where the core reads those. */
    @Nullable CoherentBuffer memory;

    long bytes() {
        return rowBytes * rows;
    }

    boolean isInCore() {
        return id != NOT_IN_CORE;
    }

    /** Writes its descriptor. */
    @Linux(file = "drivers/dma/dma-axi-dmac.c", symbol = "struct axi_dmac_hw_desc")
    void write(Cpu cpu, CoherentBuffer into, int flags, long next) {
        long va = into.va();
        store(cpu, va, AxiDmacDescriptor.ID, id);
        store(cpu, va, AxiDmacDescriptor.DEST_ADDR, (int) destination);
        store(cpu, va, AxiDmacDescriptor.DEST_ADDR_HIGH, (int) (destination >>> Integer.SIZE));
        store(cpu, va, AxiDmacDescriptor.SRC_ADDR, (int) source);
        store(cpu, va, AxiDmacDescriptor.SRC_ADDR_HIGH, (int) (source >>> Integer.SIZE));
        store(cpu, va, AxiDmacDescriptor.NEXT_SG_ADDR, (int) next);
        store(cpu, va, AxiDmacDescriptor.NEXT_SG_ADDR_HIGH, (int) (next >>> Integer.SIZE));
        store(cpu, va, AxiDmacDescriptor.Y_LEN, (int) (rows - 1));
        store(cpu, va, AxiDmacDescriptor.X_LEN, (int) (rowBytes - 1));
        store(cpu, va, AxiDmacDescriptor.SRC_STRIDE, sourceStride);
        store(cpu, va, AxiDmacDescriptor.DST_STRIDE, destinationStride);
        writeFlags(cpu, into, flags);
    }

    /** Writes what happens after it: the core may be reading the descriptor. */
    static void writeFlags(Cpu cpu, CoherentBuffer into, int flags) {
        store(cpu, into.va(), AxiDmacDescriptor.FLAGS, flags);
    }

    private static void store(Cpu cpu, long va, AxiDmacDescriptor word, int value) {
        cpu.store32(va + word.offset(), value);
    }
}
