/**
 * Ethernet: a MAC with its own buffer memory, and the wire between two of them.
 *
 * <p><b>Doors.</b> {@link dmakit.hardware.ethernet.AxiEthernet}, {@link
 * dmakit.hardware.ethernet.EthernetWire}.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine}; {@link dmakit.hardware.AxiStream} to the DMA; {@code
 * dmakit.datasheet.xilinx} for every bit.
 *
 * <p><b>Never.</b> Reaches memory: bytes come and go by streams.
 *
 * <p><b>Always.</b> A frame that is lost is counted by whoever lost it.
 */
@NullMarked
package dmakit.hardware.ethernet;

import org.jspecify.annotations.NullMarked;
