/**
 * The lab that maps, copies and unmaps the same bytes through every back end of the DMA mapping
 * API.
 *
 * <p><b>Doors.</b> {@link dmakit.labs.mapping.MappingLab}.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel}, as any driver does.
 *
 * <p><b>Never.</b> Knows which back end serves it: the driver is the same for all.
 */
@NullMarked
package dmakit.labs.mapping;

import org.jspecify.annotations.NullMarked;
