/**
 * Where things are: {@code reg}, {@code ranges} and memory, as CPU physical addresses.
 *
 * <p><b>Doors.</b> {@link dmakit.devicetree.address.Reg} for the registers of a device, {@link
 * dmakit.devicetree.address.MemoryMap} for RAM and what is reserved in it, {@link
 * dmakit.devicetree.address.BusLayout} and {@link dmakit.devicetree.address.Translation} for who
 * needs the tuples and the walk themselves.
 *
 * <p><b>Leans on.</b> {@code dmakit.devicetree}.
 *
 * <p><b>Never.</b> Looks at {@code dma-ranges} on its own account, or allocates a dynamic region.
 *
 * <p><b>Always.</b> Addresses and sizes are unsigned 64-bit numbers in a {@code long}; ends are
 * inclusive ({@code last}).
 *
 * <p><b>In Linux.</b> {@code drivers/of/address.c}, {@code drivers/of/of_reserved_mem.c}.
 */
@NullMarked
package dmakit.devicetree.address;

import org.jspecify.annotations.NullMarked;
