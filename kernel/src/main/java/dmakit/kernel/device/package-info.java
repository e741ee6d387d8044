/**
 * The device model: devices, drivers, the platform bus that brings them together.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.device.Device}; {@link
 * dmakit.kernel.device.PlatformDriver}, which a driver implements; {@link
 * dmakit.kernel.device.PlatformBus}, which binds.
 *
 * <p><b>Leans on.</b> {@code dmakit.devicetree}, to find devices; {@code dmakit.kernel.irq}; {@code
 * dmakit.kernel.mm}, for registers.
 *
 * <p><b>Never.</b> Maps memory for a device or knows how a device reaches it: that is told through
 * {@link dmakit.kernel.device.DmaHook}.
 *
 * <p><b>Always.</b> What a probe acquired through {@link dmakit.kernel.device.Devres} goes back in
 * reverse order, when the probe fails and when the driver leaves.
 *
 * <p><b>In Linux.</b> {@code drivers/base/}, {@code drivers/of/platform.c}.
 */
@NullMarked
package dmakit.kernel.device;

import org.jspecify.annotations.NullMarked;
