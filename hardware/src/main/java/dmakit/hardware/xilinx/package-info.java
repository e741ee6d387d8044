/**
 * Xilinx's cores for programmable logic: the AXI DMA between memory and streams, and the AXI CDMA
 * between memory and memory.
 *
 * <p><b>Doors.</b> {@link dmakit.hardware.xilinx.AxiDma}, {@link dmakit.hardware.xilinx.AxiCdma}.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine}; {@link dmakit.hardware.AxiStream} for what is on the
 * other side; {@code dmakit.datasheet.xilinx} for every bit.
 *
 * <p><b>Never.</b> Transfers inside a register access, or takes more than a burst in one event.
 *
 * <p><b>Always.</b> An endless chain of descriptors takes simulated time.
 */
@NullMarked
package dmakit.hardware.xilinx;

import org.jspecify.annotations.NullMarked;
