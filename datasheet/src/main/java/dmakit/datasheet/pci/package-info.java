/**
 * PCI's configuration space: the header every function has, and the capabilities behind it.
 *
 * <p><b>Doors.</b> {@link dmakit.datasheet.pci.PciHeaderRegister}; one enum per capability.
 *
 * <p><b>Leans on.</b> {@code dmakit.datasheet}.
 *
 * <p><b>Never.</b> Knows what a register does, or what a device puts into it.
 */
@NullMarked
package dmakit.datasheet.pci;

import org.jspecify.annotations.NullMarked;
