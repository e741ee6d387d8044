/**
 * The CPU: virtual addresses, loads and stores, cache maintenance, interrupts, and their cost.
 *
 * <p><b>Doors.</b> {@link dmakit.machine.cpu.Cpu}; {@link dmakit.machine.cpu.PageTable}, its
 * mappings; {@link dmakit.machine.cpu.AddressLayout}, where addresses lie.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine.bus}, {@code dmakit.machine.memory}, {@code
 * dmakit.machine.irq}, {@code dmakit.machine.time}; {@code dmakit.machine.random}, for the moments
 * at which stores that wait take effect; {@code dmakit.machine.trace}.
 *
 * <p><b>Never.</b> Knows what the kernel means by an address.
 */
@NullMarked
package dmakit.machine.cpu;

import org.jspecify.annotations.NullMarked;
