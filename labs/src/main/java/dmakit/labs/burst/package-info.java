/**
 * The lab that shows what the width of a beat, the length of a burst and the choice among channels
 * do to the time of a copy and to the use of the bus.
 *
 * <p><b>Doors.</b> {@link dmakit.labs.burst.BurstLab}.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel}, as any driver does; the copy engine of board {@code
 * zynqmp}, whose device tree says how it uses the bus.
 *
 * <p><b>Never.</b> Computes a time: all are of the simulated machine.
 */
@NullMarked
package dmakit.labs.burst;

import org.jspecify.annotations.NullMarked;
