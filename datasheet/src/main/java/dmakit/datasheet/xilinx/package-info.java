/**
 * Registers and descriptors of Xilinx cores: AXI DMA, AXI CDMA and the 1G/2.5G Ethernet subsystem.
 *
 * <p><b>Doors.</b> {@link dmakit.datasheet.xilinx.AxiDmaRegister} and {@link
 * dmakit.datasheet.xilinx.AxiDmaDescriptor}; one enum for each block of registers.
 *
 * <p><b>Leans on.</b> {@code dmakit.datasheet}.
 *
 * <p><b>Never.</b> Behaves: this is data.
 */
@NullMarked
package dmakit.datasheet.xilinx;

import org.jspecify.annotations.NullMarked;
