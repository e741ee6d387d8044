/**
 * The driver for the PL330: a dmaengine provider for copies, peripherals and rings, which writes a
 * program for every transfer.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.drivers.pl330.Pl330Driver}, for the platform bus.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.dmaengine}; {@code dmakit.datasheet.pl330} for registers
 * and opcodes; {@code dmakit.kernel.mapping} for the memory of the programs.
 *
 * <p><b>Never.</b> Reaches the chip but through its registers, its programs in memory and its
 * interrupts.
 *
 * <p><b>Always.</b> A channel has a thread of the chip while it has a client, and at most two
 * programs: one that runs and the next.
 *
 * <p><b>In Linux.</b> {@code drivers/dma/pl330.c}.
 */
@NullMarked
package dmakit.kernel.drivers.pl330;

import org.jspecify.annotations.NullMarked;
