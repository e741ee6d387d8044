package dmakit.kernel.dmaengine;

import dmakit.kernel.Linux;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a channel offers to the driver of a peripheral.
 *
 * @param sourceWidths widths of the FIFO that is read
 * @param destinationWidths widths of the FIFO that is written
 * @param directions possible directions
 * @param burstWordsMin fewest words per burst
 * @param burstWordsMax most words per burst
 * @param sgBurstCountMax most scatterlist entries per descriptor the hardware takes at once; 0 is
 *     unlimited
 * @param canPause whether {@link Channel#pause} works
 * @param canResume whether {@link Channel#resume} works
 * @param canTerminate whether {@link Channel#terminateAsync} works
 * @param residueGranularity in which steps the residue is counted
 * @param descriptorReuse whether {@link Descriptor#setReuse} works
 */
@Linux(file = "include/linux/dmaengine.h", symbol = "struct dma_slave_caps")
public record SlaveCaps(
        Set<BusWidth> sourceWidths,
        Set<BusWidth> destinationWidths,
        Set<TransferDirection> directions,
        int burstWordsMin,
        int burstWordsMax,
        int sgBurstCountMax,
        boolean canPause,
        boolean canResume,
        boolean canTerminate,
        ResidueGranularity residueGranularity,
        boolean descriptorReuse) {

    /** Copies the sets; they iterate in the order of their enums. */
    public SlaveCaps {
        sourceWidths = frozen(BusWidth.class, sourceWidths);
        destinationWidths = frozen(BusWidth.class, destinationWidths);
        directions = frozen(TransferDirection.class, directions);
    }

    static <E extends Enum<E>> Set<E> frozen(Class<E> type, Set<E> set) {
        EnumSet<E> copy = EnumSet.noneOf(type);
        copy.addAll(set);
        return Collections.unmodifiableSet(copy);
    }
}
