/**
 * The driver for the AXI copy engine: the plainest dmaengine provider there can be, for copies and
 * nothing else. Who writes a first provider may start from it.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.drivers.axicopy.AxiCopyDriver}, for the platform bus.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.dmaengine}; {@code dmakit.datasheet.axi} for the
 * register map.
 *
 * <p><b>Never.</b> Reaches the chip but through its registers and its interrupt.
 */
@NullMarked
package dmakit.kernel.drivers.axicopy;

import org.jspecify.annotations.NullMarked;
