/**
 * Trees from the file system, whichever form they have.
 *
 * <p><b>Doors.</b> {@link dmakit.devicetree.file.DeviceTreeFiles}.
 *
 * <p><b>Leans on.</b> {@code dmakit.devicetree} and its {@code dts}.
 *
 * <p><b>Never.</b> Reads more of a file than {@link dmakit.devicetree.Limits} allow.
 */
@NullMarked
package dmakit.devicetree.file;

import org.jspecify.annotations.NullMarked;
