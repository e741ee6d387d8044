/**
 * The ISA bus: I/O ports, the API for its DMA channels, and drivers of cards that cannot be
 * enumerated.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.isa.IoPorts}; {@link dmakit.kernel.isa.IsaDma}, {@code
 * request_dma} and what follows; {@link dmakit.kernel.isa.IsaBus} with {@link
 * dmakit.kernel.isa.IsaDriver}.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.device}; {@code dmakit.kernel.mapping}, to know for whom
 * a channel works; {@code dmakit.datasheet.i8237} for the controllers' ports.
 *
 * <p><b>Never.</b> Moves data: drivers program a channel, and their card asks for it.
 *
 * <p><b>Always.</b> A channel has one owner, and channel 4 has none but the cascade.
 *
 * <p><b>In Linux.</b> {@code kernel/dma.c}, {@code arch/x86/include/asm/dma.h}, {@code
 * drivers/base/isa.c}.
 */
@NullMarked
package dmakit.kernel.isa;

import org.jspecify.annotations.NullMarked;
