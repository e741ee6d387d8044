/**
 * The register table of the DMA function in PLX (now Broadcom) ExpressLane PEX 87xx parts, and the
 * descriptors of its ring.
 *
 * <p><b>Doors.</b> {@link dmakit.datasheet.plx.PlxRegister}; {@link
 * dmakit.datasheet.plx.PlxDescriptor}.
 *
 * <p><b>Leans on.</b> {@code dmakit.datasheet}.
 *
 * <p><b>Never.</b> Knows what a register does.
 */
@NullMarked
package dmakit.datasheet.plx;

import org.jspecify.annotations.NullMarked;
