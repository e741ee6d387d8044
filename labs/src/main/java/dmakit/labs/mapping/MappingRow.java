package dmakit.labs.mapping;

import dmakit.labs.measure.Reading;

/**
 * What one back end took for one size.
 *
 * @param sizeBytes that were copied
 * @param backEnd they were mapped through
 * @param board it was run on
 * @param coherent whether devices snoop the CPU's caches there
 * @param commandLine the kernel had
 * @param pieces in which they were mapped: no more can be mapped at once
 * @param reading what a transfer took, from the mapping to the unmapping
 */
public record MappingRow(
        long sizeBytes,
        BackEnd backEnd,
        String board,
        boolean coherent,
        String commandLine,
        long pieces,
        Reading reading) {}
