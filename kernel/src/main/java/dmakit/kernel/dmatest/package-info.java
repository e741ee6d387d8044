/**
 * dmatest: a client that tries channels out with transfers whose bytes it knows.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.dmatest.Dmatest}, which the kernel has built in; its
 * parameters are files in {@code /sys/module/dmatest/parameters}.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.dmaengine} for channels, {@code dmakit.kernel.mapping}
 * for buffers, {@code dmakit.kernel.module} for parameters.
 *
 * <p><b>Never.</b> Knows a provider: it asks for what a channel can do.
 *
 * <p><b>Always.</b> Both buffers are looked at whole, so that a byte outside of a transfer counts
 * as one inside of it does.
 *
 * <p><b>In Linux.</b> {@code drivers/dma/dmatest.c}, {@code
 * Documentation/driver-api/dmaengine/dmatest.rst}.
 */
@NullMarked
package dmakit.kernel.dmatest;

import org.jspecify.annotations.NullMarked;
