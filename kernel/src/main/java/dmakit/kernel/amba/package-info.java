/**
 * The AMBA bus: cells that carry their identification in their registers, and drivers that are
 * chosen by it.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.amba.AmbaBus}; {@link dmakit.kernel.amba.AmbaDriver}, which
 * a driver implements.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.device}: the platform bus makes the devices and knows
 * who drives what; {@code dmakit.kernel.mm}, to reach registers.
 *
 * <p><b>Never.</b> Touches a cell before a driver asks for cells, or reads an identification twice.
 *
 * <p><b>In Linux.</b> {@code drivers/amba/bus.c}.
 */
@NullMarked
package dmakit.kernel.amba;

import org.jspecify.annotations.NullMarked;
