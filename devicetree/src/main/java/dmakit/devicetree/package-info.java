/**
 * The device tree itself: nodes, properties, phandles, and the flattened form they travel in.
 *
 * <p><b>Doors.</b> {@link dmakit.devicetree.DtbReader} and {@link dmakit.devicetree.DtbWriter} work
 * on bytes; {@link dmakit.devicetree.TreeBuilder} makes and edits trees, {@link
 * dmakit.devicetree.Overlays} applies overlays. All give or take a {@link
 * dmakit.devicetree.DeviceTree}.
 *
 * <p><b>Leans on.</b> {@code java.base} alone.
 *
 * <p><b>Never.</b> Knows what a property means beyond {@code phandle}, {@code status}, {@code
 * compatible}, {@code /aliases} and {@code /__symbols__}; meaning is the business of the
 * subpackages.
 *
 * <p><b>Always.</b> Order is source order. Malformed input gives a {@link
 * dmakit.devicetree.DeviceTreeException} that says where; every size an input can choose has a
 * named maximum in {@link dmakit.devicetree.Limits}.
 *
 * <p><b>In Linux.</b> {@code drivers/of/fdt.c}, {@code drivers/of/base.c}; Devicetree Specification
 * v0.4, chapters 2 and 5.
 */
@NullMarked
package dmakit.devicetree;

import org.jspecify.annotations.NullMarked;
