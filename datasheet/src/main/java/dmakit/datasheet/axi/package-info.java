/**
 * The AXI copy engine: registers of the controller and of its channels. The device is invented
 * here; these two tables are its manual.
 *
 * <p><b>Doors.</b> {@link dmakit.datasheet.axi.AxiCopyChannelRegister}, {@link
 * dmakit.datasheet.axi.AxiCopyRegister}.
 *
 * <p><b>Leans on.</b> {@code dmakit.datasheet}.
 *
 * <p><b>Never.</b> Holds state: a table has no values but those after a reset.
 */
@NullMarked
package dmakit.datasheet.axi;

import org.jspecify.annotations.NullMarked;
