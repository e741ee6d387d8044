/**
 * The register table of Analog Devices' AXI-DMAC, and its descriptors in memory.
 *
 * <p><b>Doors.</b> {@link dmakit.datasheet.axidmac.AxiDmacRegister}; {@link
 * dmakit.datasheet.axidmac.AxiDmacDescriptor}, what a core with scatter-gather reads for itself;
 * {@link dmakit.datasheet.axidmac.InterfaceType}, what each side of a core leads to.
 *
 * <p><b>Leans on.</b> {@code dmakit.datasheet}.
 *
 * <p><b>Never.</b> Knows what a register does.
 *
 * <p><b>Always.</b> Names and bit numbers are those of the register map of ADI's HDL documentation;
 * {@code spec/axi-dmac.txt} is the same table transcribed a second time.
 */
@NullMarked
package dmakit.datasheet.axidmac;

import org.jspecify.annotations.NullMarked;
