/**
 * The AXI copy engine: up to 16 channels that share one AXI port, each burst given to one of them.
 * It has no manual, it is invented here; its pipeline keeps time with that of a public one in
 * Verilog.
 *
 * <p><b>Doors.</b> {@link dmakit.hardware.axi.AxiCopy}.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine}; {@code dmakit.datasheet.axi} for its registers.
 *
 * <p><b>Never.</b> Starts a burst that crosses a 4 KiB boundary (AXI, A3.4.1), or moves a byte in a
 * register access.
 */
@NullMarked
package dmakit.hardware.axi;

import org.jspecify.annotations.NullMarked;
