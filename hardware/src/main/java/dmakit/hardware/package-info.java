/**
 * What sits on the bus: one package per chip.
 *
 * <p><b>Doors.</b> Each chip's own package; chips do not know each other.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine} for the bus and the clock, {@code dmakit.datasheet}
 * for register maps.
 *
 * <p><b>Never.</b> Calls the kernel: a chip answers loads and stores and raises interrupts.
 */
@NullMarked
package dmakit.hardware;

import org.jspecify.annotations.NullMarked;
