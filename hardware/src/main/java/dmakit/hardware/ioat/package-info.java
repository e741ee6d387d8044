/**
 * Intel I/OAT, the DMA engine with RAID operations in Intel's server chipsets.
 *
 * <p><b>Doors.</b> {@link dmakit.hardware.ioat.Ioat}.
 *
 * <p><b>Leans on.</b> {@code dmakit.hardware.pci}, the bus it sits on; {@code
 * dmakit.datasheet.ioat}.
 *
 * <p><b>Never.</b> Transfers inside a register access, or moves more than a request's worth per
 * operand in one event.
 *
 * <p><b>Always.</b> Its sums and syndromes are computed here, from the field's definition.
 */
@NullMarked
package dmakit.hardware.ioat;

import org.jspecify.annotations.NullMarked;
