/**
 * The Linux side: memory, DMA mapping, dmaengine, driver model, devices.
 *
 * <p><b>Doors.</b> The packages below.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine} to compute on, {@code dmakit.devicetree} to find
 * devices.
 *
 * <p><b>Never.</b> Imports {@code dmakit.hardware}: a driver reaches a chip through loads, stores
 * and interrupts.
 */
@NullMarked
package dmakit.kernel;

import org.jspecify.annotations.NullMarked;
