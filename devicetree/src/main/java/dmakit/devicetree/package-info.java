/**
 * Reads device trees: {@code .dtb}, {@code .dts} and overlays.
 *
 * <p><b>Doors.</b> A reader for each form, and the tree they give.
 *
 * <p><b>Leans on.</b> {@code java.base} only.
 *
 * <p><b>Never.</b> Builds a machine or knows a chip; it says what the tree says.
 */
@NullMarked
package dmakit.devicetree;

import org.jspecify.annotations.NullMarked;
