/**
 * Parity on the CPU: exclusive or of blocks, and the two syndromes of RAID-6 with the recovery of
 * what is lost.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.raid.Raid6}, syndromes and recovery; {@link
 * dmakit.kernel.raid.Xor}, parity alone; {@link dmakit.kernel.raid.Gf256}, the field both engines
 * and CPU count in.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine.cpu}, for memory as the CPU sees it, and for time.
 *
 * <p><b>Never.</b> Knows of channels or devices: whoever wants an engine asks {@code
 * dmakit.kernel.asynctx}.
 *
 * <p><b>Always.</b> Bytes are read and written through the CPU's caches, so parity over memory a
 * device owns is as wrong as on hardware.
 *
 * <p><b>In Linux.</b> {@code lib/raid6}, {@code crypto/xor.c}.
 */
@NullMarked
package dmakit.kernel.raid;

import org.jspecify.annotations.NullMarked;
