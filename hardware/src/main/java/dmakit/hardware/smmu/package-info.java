/**
 * Arm's system MMU, architecture version 2: an {@code arm,mmu-500} with stage 1 and AArch64 tables.
 *
 * <p><b>Doors.</b> {@link dmakit.hardware.smmu.Smmu}, and {@link dmakit.hardware.smmu.Smmu#stream}
 * for each master behind it.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine}; {@code dmakit.datasheet.smmu} for every bit.
 *
 * <p><b>Never.</b> Asks the kernel where an address leads: tables are read from RAM, and what was
 * read once may be used until it is invalidated.
 *
 * <p><b>Always.</b> A walk reads at most one descriptor per level, whatever the tables say.
 */
@NullMarked
package dmakit.hardware.smmu;

import org.jspecify.annotations.NullMarked;
