/**
 * dmaengine: providers whose channels move data, and clients that want data moved.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.dmaengine.DmaEngine}, to get a channel; {@link
 * dmakit.kernel.dmaengine.Channel} and {@link dmakit.kernel.dmaengine.Descriptor}, to use it;
 * {@link dmakit.kernel.dmaengine.DmaDevice}, {@link dmakit.kernel.dmaengine.ProviderOps} and {@link
 * dmakit.kernel.dmaengine.VirtualChannel}, to provide some, by drivers built from a {@link
 * dmakit.kernel.dmaengine.ProviderKit}.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.device}, {@code dmakit.kernel.irq} for tasklets, {@code
 * dmakit.kernel.sync}, {@code dmakit.kernel.scatterlist}, {@code dmakit.kernel.mapping} to unmap
 * what clients hand over for that, {@code dmakit.kernel.mm} for drivers' registers, {@code
 * dmakit.devicetree}.
 *
 * <p><b>Never.</b> Touches a register, or maps memory: clients hand in addresses that the
 * provider's device reaches.
 *
 * <p><b>Always.</b> Callbacks run in a tasklet with no lock held; each channel completes in the
 * order of submission.
 *
 * <p><b>In Linux.</b> {@code drivers/dma/dmaengine.c}, {@code drivers/dma/of-dma.c}, {@code
 * drivers/dma/virt-dma.c}, {@code Documentation/driver-api/dmaengine}.
 */
@NullMarked
package dmakit.kernel.dmaengine;

import org.jspecify.annotations.NullMarked;
