/**
 * Cards on an ISA bus.
 *
 * <p><b>Doors.</b> {@link dmakit.hardware.isa.IsaSound}, which plays and records.
 *
 * <p><b>Leans on.</b> {@code dmakit.hardware} for the wires of a DMA channel; {@code
 * dmakit.datasheet.isa}.
 *
 * <p><b>Never.</b> Knows which controller is at the other end.
 */
@NullMarked
package dmakit.hardware.isa;

import org.jspecify.annotations.NullMarked;
