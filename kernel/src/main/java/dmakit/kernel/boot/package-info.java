/**
 * A kernel as a whole: built, booted, run and shut down.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.boot.Kernel}; {@link dmakit.kernel.boot.KernelFiles}, what
 * {@code /proc}, {@code /sys} and {@code /dev} show of it.
 *
 * <p><b>Leans on.</b> Every other package of the kernel.
 *
 * <p><b>Never.</b> Is used by one of them: each gets what it needs when it is made.
 *
 * <p><b>In Linux.</b> {@code init/main.c}, {@code arch/arm64/kernel/setup.c}.
 */
@NullMarked
package dmakit.kernel.boot;

import org.jspecify.annotations.NullMarked;
