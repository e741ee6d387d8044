/**
 * The interrupt controller of a PC's processor, as far as devices reach it: by messages.
 *
 * <p><b>Doors.</b> {@link dmakit.hardware.apic.LocalApic}.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine}.
 *
 * <p><b>Never.</b> Chooses a vector: that is the kernel's business.
 */
@NullMarked
package dmakit.hardware.apic;

import org.jspecify.annotations.NullMarked;
