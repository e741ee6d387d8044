/**
 * Which interrupt controller a device signals, and on which line.
 *
 * <p><b>Doors.</b> {@link dmakit.devicetree.interrupt.InterruptSpec}.
 *
 * <p><b>Leans on.</b> {@code dmakit.devicetree}.
 *
 * <p><b>Never.</b> Knows what the cells mean to a controller.
 *
 * <p><b>Always.</b> {@code interrupts-extended} wins over {@code interrupts}; {@code interrupt-map}
 * is followed to the controller that ends the way.
 *
 * <p><b>In Linux.</b> {@code drivers/of/irq.c}.
 */
@NullMarked
package dmakit.devicetree.interrupt;

import org.jspecify.annotations.NullMarked;
