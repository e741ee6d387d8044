package dmakit.kernel.drivers.xdmac;

import dmakit.datasheet.xdmac.XdmacDescriptor;
import dmakit.datasheet.xdmac.XdmacDescriptor.Ubc;
import dmakit.kernel.Linux;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.machine.cpu.Cpu;

/**
 * One descriptor of a list, in memory of the pool, and what was stored there last: the kernel
 * counts the residue by it.
 */
@Linux(file = "drivers/dma/at_xdmac.c", symbol = "struct at_xdmac_lld")
final class Lld {
    final CoherentBuffer memory;
    private final Cpu cpu;

    /** Where the descriptor after it is, or 0. */
    int next;

    int ubc;
    int configuration;
    int microblocksAfter;
    int destStride;

    Lld(Cpu cpu, CoherentBuffer memory) {
        this.cpu = cpu;
        this.memory = memory;
    }

    /** Where the controller finds it. */
    int dma() {
        return (int) memory.dma();
    }

    /** Begins a descriptor of one microblock that nothing follows. */
    void fill(int source, int dest, int newUbc, int newConfiguration) {
        fill(source, dest, newUbc, newConfiguration, 0, 0, 0);
    }

    /** Likewise, with the words of view 3. */
    void fill(
            int source,
            int dest,
            int newUbc,
            int newConfiguration,
            int pattern,
            int sourceStride,
            int newDestStride) {
        next = 0;
        ubc = newUbc;
        configuration = newConfiguration;
        microblocksAfter = 0;
        destStride = newDestStride;
        store(XdmacDescriptor.MBR_NDA, 0);
        store(XdmacDescriptor.MBR_UBC, ubc);
        store(XdmacDescriptor.MBR_SA, source);
        store(XdmacDescriptor.MBR_DA, dest);
        store(XdmacDescriptor.MBR_CFG, configuration);
        store(XdmacDescriptor.MBR_BC, 0);
        store(XdmacDescriptor.MBR_DS, pattern);
        store(XdmacDescriptor.MBR_SUS, sourceStride);
        store(XdmacDescriptor.MBR_DUS, newDestStride);
    }

    /** Has the controller go on with another one. */
    @Linux(file = "drivers/dma/at_xdmac.c", symbol = "at_xdmac_queue_desc")
    void chain(Lld after) {
        next = after.dma();
        ubc |= Ubc.NDE.mask();
        store(XdmacDescriptor.MBR_NDA, next);
        store(XdmacDescriptor.MBR_UBC, ubc);
    }

    /** Has its block go on for more microblocks, each a stride after the one before. */
    @Linux(file = "drivers/dma/at_xdmac.c", symbol = "at_xdmac_increment_block_count")
    void repeat(int more, int stride) {
        microblocksAfter += more;
        destStride = stride;
        store(XdmacDescriptor.MBR_BC, microblocksAfter);
        store(XdmacDescriptor.MBR_DUS, destStride);
    }

    private void store(XdmacDescriptor word, int value) {
        cpu.store32(memory.va() + word.offset(), value);
    }
}
