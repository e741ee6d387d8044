/**
 * Clocks: what the device tree says of them, who has them and whether they run.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.clk.Clocks}; {@link dmakit.kernel.clk.Clk}, what a driver
 * gets.
 *
 * <p><b>Leans on.</b> {@code dmakit.devicetree}, for names and rates.
 *
 * <p><b>Never.</b> Drives a clock generator: a device runs whether its clock does or not.
 *
 * <p><b>In Linux.</b> {@code drivers/clk/clk.c}, {@code drivers/clk/clkdev.c}.
 */
@NullMarked
package dmakit.kernel.clk;

import org.jspecify.annotations.NullMarked;
