/**
 * The files a process sees of the simulated system: {@code /dev}, {@code /proc}, {@code /sys}.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.fs.FileSystem}, which finds and opens; {@link
 * dmakit.kernel.fs.Directory}, where a subsystem adds its own; {@link dmakit.kernel.fs.Sysfs},
 * where devices have their directories.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.chardev} for open files, {@code dmakit.kernel.device}
 * for what the device tree of {@code /sys} shows.
 *
 * <p><b>Never.</b> Keeps the contents of a file: who owns them makes them when the file is read.
 *
 * <p><b>Always.</b> A file that was removed can be read no more, even by who has it open: its owner
 * may be gone.
 *
 * <p><b>In Linux.</b> {@code fs/kernfs}, {@code fs/sysfs}, {@code fs/proc}, {@code fs/debugfs},
 * {@code drivers/base/devtmpfs.c}.
 */
@NullMarked
package dmakit.kernel.fs;

import org.jspecify.annotations.NullMarked;
