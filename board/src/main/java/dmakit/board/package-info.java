/**
 * Builds a machine from a device tree, wires its chips and binds drivers.
 *
 * <p><b>Doors.</b> A booted board.
 *
 * <p><b>Leans on.</b> {@code dmakit.devicetree} for the plan, {@code dmakit.hardware} for the
 * parts, {@code dmakit.kernel} for the system.
 *
 * <p><b>Never.</b> Models a chip or decides a kernel rule.
 */
@NullMarked
package dmakit.board;

import org.jspecify.annotations.NullMarked;
