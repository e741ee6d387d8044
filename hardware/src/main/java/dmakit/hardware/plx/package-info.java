/**
 * The DMA function of a PEX 87xx, PCI 10b5:87d0, on a board with memory of its own.
 *
 * <p><b>Doors.</b> {@link dmakit.hardware.plx.PlxDma}.
 *
 * <p><b>Leans on.</b> {@code dmakit.hardware.pci}, the bus it sits on; {@code dmakit.datasheet.plx}
 * for every bit.
 *
 * <p><b>Never.</b> Transfers inside a register access, or takes unbounded host time in one event.
 *
 * <p><b>Always.</b> What became of a descriptor is in memory before the interrupt says so.
 */
@NullMarked
package dmakit.hardware.plx;

import org.jspecify.annotations.NullMarked;
