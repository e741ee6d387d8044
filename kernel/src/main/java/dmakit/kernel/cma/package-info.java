/**
 * The contiguous memory allocator: areas set aside at boot for large physically contiguous buffers.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.cma.Cma}, all areas and the default one; {@link
 * dmakit.kernel.cma.CmaArea}.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.mm}.
 *
 * <p><b>Never.</b> Knows a device: which area it has is the device's to say.
 *
 * <p><b>Always.</b> A page of an area counts as free memory until it is allocated from the area.
 *
 * <p><b>In Linux.</b> {@code mm/cma.c}, {@code kernel/dma/contiguous.c}.
 */
@NullMarked
package dmakit.kernel.cma;

import org.jspecify.annotations.NullMarked;
