/**
 * RAM in two views, the cache lines between them, and a shadow of who may use which byte.
 *
 * <p><b>Doors.</b> {@link dmakit.machine.memory.Ram}, the banks; {@link
 * dmakit.machine.memory.CpuView}, RAM through the caches; {@link dmakit.machine.memory.DeviceView},
 * RAM past them; {@link dmakit.machine.memory.Shadow}, what the CPU may do with it.
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
