/**
 * The RAM-to-RAM lab: one copy between two coherent buffers, call by call.
 *
 * <p><b>Doors.</b> {@link dmakit.labs.ram2ram.Ram2RamModule}.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel}, as any driver does.
 *
 * <p><b>Never.</b> Knows which chip moves the bytes.
 */
@NullMarked
package dmakit.labs.ram2ram;

import org.jspecify.annotations.NullMarked;
