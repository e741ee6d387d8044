/**
 * The driver for Intel I/OAT: a dmaengine provider of copies and of RAID's sums.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.drivers.ioat.IoatDriver}, for the PCI bus.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.dmaengine}; {@code dmakit.datasheet.ioat} for registers
 * and descriptors; {@code dmakit.kernel.mapping} for the ring; {@code dmakit.kernel.pci}.
 *
 * <p><b>Never.</b> Reaches the function but through its registers, its ring in memory and its
 * interrupts.
 *
 * <p><b>Always.</b> Places in the ring are taken in the order of submission. What has ended is told
 * by the completion word in memory, never by a register.
 *
 * <p><b>In Linux.</b> {@code drivers/dma/ioat}.
 */
@NullMarked
package dmakit.kernel.drivers.ioat;

import org.jspecify.annotations.NullMarked;
