/**
 * Character devices, and the processes that open them.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.chardev.FileOperations}, what a driver implements; {@link
 * dmakit.kernel.chardev.MiscDevices} and {@link dmakit.kernel.chardev.CharDevices}, where it
 * registers; {@link dmakit.kernel.chardev.UserProcess}, who calls it.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.mm} for user pages, {@code dmakit.machine} for the CPU.
 *
 * <p><b>Never.</b> Follows a user pointer except through {@link dmakit.kernel.chardev.UserAccess}.
 *
 * <p><b>Always.</b> A system call ends as Linux would end it, with the same error number.
 *
 * <p><b>In Linux.</b> {@code fs/char_dev.c}, {@code drivers/char/misc.c}, {@code fs/read_write.c}.
 */
@NullMarked
package dmakit.kernel.chardev;

import org.jspecify.annotations.NullMarked;
