/**
 * Pictures of what labs found, as SVG.
 *
 * <p><b>Doors.</b> {@link dmakit.cli.plot.LineChart}, {@link dmakit.cli.plot.BarChart}.
 *
 * <p><b>Leans on.</b> The JDK's XML writer.
 *
 * <p><b>Never.</b> Asks how wide a text is: that depends on the fonts of the host.
 *
 * <p><b>Always.</b> The same numbers give the same bytes on every host.
 */
@NullMarked
package dmakit.cli.plot;

import org.jspecify.annotations.NullMarked;
