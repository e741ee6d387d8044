/**
 * Register and descriptor tables of Intel I/OAT, also called QuickData and Crystal Beach DMA.
 *
 * <p><b>Doors.</b> {@link dmakit.datasheet.ioat.IoatRegister}, what channels share; {@link
 * dmakit.datasheet.ioat.IoatChannelRegister}, one channel; {@link
 * dmakit.datasheet.ioat.IoatDescriptor}, the descriptor in memory.
 *
 * <p><b>Leans on.</b> {@code dmakit.datasheet}.
 *
 * <p><b>Never.</b> Knows what a register does.
 *
 * <p><b>Always.</b> {@code spec/ioat.txt} is the same table transcribed a second time.
 */
@NullMarked
package dmakit.datasheet.ioat;

import org.jspecify.annotations.NullMarked;
