/**
 * Memory that a device tree or the command line keeps for devices: where it is, what is made of it,
 * and which device has which.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.reserved.ReservedMemory}: at boot what reserves it, later
 * what drivers attach their regions by.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.mm}, and on those who make something of a region: {@code
 * dmakit.kernel.cma}, {@code dmakit.kernel.coherent}, {@code dmakit.kernel.swiotlb}.
 *
 * <p><b>Never.</b> Attaches a region to a device by itself, restricted pools excepted.
 *
 * <p><b>Always.</b> A region that nobody can make something of stays reserved; one that failed goes
 * back to the system.
 *
 * <p><b>In Linux.</b> {@code drivers/of/of_reserved_mem.c}.
 */
@NullMarked
package dmakit.kernel.reserved;

import org.jspecify.annotations.NullMarked;
