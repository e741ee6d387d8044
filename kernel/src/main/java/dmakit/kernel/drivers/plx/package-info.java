/**
 * The driver for the DMA function of PEX 87xx parts: one channel that copies, by a ring of
 * descriptors.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.drivers.plx.PlxDmaDriver}, for the PCI bus.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.dmaengine}, whose providers' side it implements; {@code
 * dmakit.kernel.pci}; {@code dmakit.datasheet.plx} for registers and descriptors.
 *
 * <p><b>Never.</b> Reaches the function but through its registers, its ring in memory and its
 * interrupt.
 *
 * <p><b>Always.</b> A descriptor is valid in the ring only when all its other words are.
 *
 * <p><b>In Linux.</b> {@code drivers/dma/plx_dma.c}. There the lock of the ring is held from
 * preparing to submitting and while callbacks run, so that a callback which prepares stands still
 * for ever; here a descriptor gets its place in the ring when it is submitted, and callbacks run
 * without the lock.
 */
@NullMarked
package dmakit.kernel.drivers.plx;

import org.jspecify.annotations.NullMarked;
