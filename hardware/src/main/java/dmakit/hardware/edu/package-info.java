/**
 * QEMU's {@code edu} device, PCI 1234:11e8, made for those who learn to write drivers.
 *
 * <p><b>Doors.</b> {@link dmakit.hardware.edu.Edu}.
 *
 * <p><b>Leans on.</b> {@code dmakit.hardware.pci}, the bus it sits on; {@code
 * dmakit.datasheet.edu}.
 *
 * <p><b>Never.</b> Knows who drives it.
 */
@NullMarked
package dmakit.hardware.edu;

import org.jspecify.annotations.NullMarked;
