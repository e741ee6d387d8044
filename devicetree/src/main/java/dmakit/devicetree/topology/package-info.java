/**
 * A whole board's DMA at a glance: memory, controllers, consumers, and mistakes in the tree.
 *
 * <p><b>Doors.</b> {@link dmakit.devicetree.topology.DmaTopology#of}; {@link
 * dmakit.devicetree.topology.TopologyText} for readers.
 *
 * <p><b>Leans on.</b> {@code dmakit.devicetree} and its {@code address}, {@code dma} and {@code
 * interrupt}.
 *
 * <p><b>Never.</b> Throws for what a tree says: what cannot be read is a mistake, and the rest is
 * still shown. Never reports what is not certain: of a disabled node, for example, only what no
 * setting could make right.
 *
 * <p><b>Always.</b> Lists are in source order; the model is records of strings and numbers.
 */
@NullMarked
package dmakit.devicetree.topology;

import org.jspecify.annotations.NullMarked;
