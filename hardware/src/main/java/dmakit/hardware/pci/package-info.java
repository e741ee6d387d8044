/**
 * PCI: a host bridge, and what every function behind it has: configuration space, regions, messages
 * and a way to memory that the system can shut.
 *
 * <p><b>Doors.</b> {@link dmakit.hardware.pci.PciFunction}, which a device is built around; {@link
 * dmakit.hardware.pci.PciHost}, which it is plugged into.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine}; {@code dmakit.datasheet.pci}.
 *
 * <p><b>Never.</b> Knows a device, or who serves its messages. It is a bus: the devices know it.
 */
@NullMarked
package dmakit.hardware.pci;

import org.jspecify.annotations.NullMarked;
