/**
 * RAM in two views, and the cache lines between them.
 *
 * <p><b>Doors.</b> {@link dmakit.machine.memory.Ram}, the banks; {@link
 * dmakit.machine.memory.CpuView}, RAM through the caches; {@link dmakit.machine.memory.DeviceView},
 * RAM past them.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine.random}, for the adversary cache policy.
 *
 * <p><b>Never.</b> Knows virtual or bus addresses, or takes simulated time.
 *
 * <p><b>Always.</b> A device sees a byte the CPU stored once its line was written back, and the CPU
 * a byte a device stored once its line was filled anew; on a coherent machine both do at once.
 */
@NullMarked
package dmakit.machine.memory;

import org.jspecify.annotations.NullMarked;
