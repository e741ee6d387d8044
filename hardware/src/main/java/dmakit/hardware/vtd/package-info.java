/**
 * Intel VT-d: a DMA remapping unit in legacy mode, with second-level translation per requester id.
 *
 * <p><b>Doors.</b> {@link dmakit.hardware.vtd.Vtd}, and the translations it {@linkplain
 * dmakit.hardware.vtd.Vtd#stream gives out}.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine.bus}, {@code dmakit.machine.memory} for its tables;
 * {@code dmakit.datasheet.vtd}.
 *
 * <p><b>Never.</b> Forgets a translation that nobody told it to forget, unless for want of room.
 *
 * <p><b>Always.</b> A walk reads at most one root entry, one context entry and one entry per level,
 * whatever memory holds.
 */
@NullMarked
package dmakit.hardware.vtd;

import org.jspecify.annotations.NullMarked;
