/**
 * PCI: finds functions behind host bridges, gives them addresses, and brings them together with
 * drivers.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.pci.PciBus}; {@link dmakit.kernel.pci.PciDevice}, what a
 * driver gets; {@link dmakit.kernel.pci.PciDriver}, which it implements.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.device}, {@code dmakit.kernel.mm}; {@code
 * dmakit.datasheet.pci} for configuration space.
 *
 * <p><b>Never.</b> Knows a device's own registers.
 *
 * <p><b>Always.</b> A function is reached through configuration space alone: what its command
 * register does not allow, it does not do.
 *
 * <p><b>In Linux.</b> {@code drivers/pci/}, {@code Documentation/PCI/pci.rst}.
 */
@NullMarked
package dmakit.kernel.pci;

import org.jspecify.annotations.NullMarked;
