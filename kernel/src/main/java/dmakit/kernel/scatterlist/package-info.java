/**
 * Memory in pieces: lists of segments as devices and the CPU see them.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.scatterlist.Scatterlist} for the entries, {@link
 * dmakit.kernel.scatterlist.SgTable} for a list with its two counts, {@link
 * dmakit.kernel.scatterlist.SgCopy} and {@link dmakit.kernel.scatterlist.SgMappingIterator} for
 * their bytes.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.mm}, for pages and addresses.
 *
 * <p><b>Never.</b> Maps anything for a device: it only keeps what a mapping found.
 *
 * <p><b>Always.</b> The CPU's view ({@code phys}, {@code length}) and the device's view ({@code
 * dmaAddress}, {@code dmaLength}) of one entry are independent: entry 3 of one need not be entry 3
 * of the other.
 *
 * <p><b>In Linux.</b> {@code lib/scatterlist.c}, {@code include/linux/scatterlist.h}.
 */
@NullMarked
package dmakit.kernel.scatterlist;

import org.jspecify.annotations.NullMarked;
