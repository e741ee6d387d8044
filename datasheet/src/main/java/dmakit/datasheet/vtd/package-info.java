/**
 * Intel VT-d: the registers of a DMA remapping unit, its tables in memory, and the descriptors of
 * its invalidation queue; legacy mode.
 *
 * <p><b>Doors.</b> {@link dmakit.datasheet.vtd.VtdRegister}, then the entries: {@link
 * dmakit.datasheet.vtd.RootEntry}, {@link dmakit.datasheet.vtd.ContextEntry}, {@link
 * dmakit.datasheet.vtd.SecondLevelEntry}.
 *
 * <p><b>Leans on.</b> {@code dmakit.datasheet}.
 *
 * <p><b>Never.</b> Knows what a register does.
 */
@NullMarked
package dmakit.datasheet.vtd;

import org.jspecify.annotations.NullMarked;
