/**
 * Tree source: the C preprocessor that kernel trees go through, the grammar, and phandles.
 *
 * <p><b>Doors.</b> {@link dmakit.devicetree.dts.DtsReader}; {@link
 * dmakit.devicetree.dts.SourceFinder} is where its files come from.
 *
 * <p><b>Leans on.</b> {@code dmakit.devicetree}.
 *
 * <p><b>Never.</b> Touches the file system but through the finder.
 *
 * <p><b>Always.</b> Text is bytes, one character each, so strings of any encoding come out as they
 * went in. The result equals that of {@code cpp | dtc}, phandle numbers included. What a source can
 * make grow has a maximum in {@link dmakit.devicetree.dts.DtsLimits}.
 *
 * <p><b>In Linux.</b> {@code scripts/dtc}, and the {@code dtc} rules of {@code
 * scripts/Makefile.lib}.
 */
@NullMarked
package dmakit.devicetree.dts;

import org.jspecify.annotations.NullMarked;
