/**
 * The register table of QEMU's {@code edu} device, made for those who learn to write drivers.
 *
 * <p><b>Doors.</b> {@link dmakit.datasheet.edu.EduRegister}.
 *
 * <p><b>Leans on.</b> {@code dmakit.datasheet}.
 *
 * <p><b>Never.</b> Knows what a register does.
 */
@NullMarked
package dmakit.datasheet.edu;

import org.jspecify.annotations.NullMarked;
