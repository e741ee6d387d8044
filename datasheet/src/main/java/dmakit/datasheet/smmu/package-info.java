/**
 * Arm's system MMU, architecture version 2, as the MMU-500 implements it. Arm SMMUv2, IHI 0062.
 *
 * <p><b>Doors.</b> {@link dmakit.datasheet.smmu.GlobalRegister} and {@link
 * dmakit.datasheet.smmu.ContextAttributeRegister}, the two global spaces; {@link
 * dmakit.datasheet.smmu.ContextBankRegister}, one translation context; {@link
 * dmakit.datasheet.smmu.LongDescriptor}, what stands in its tables.
 *
 * <p><b>Leans on.</b> {@code dmakit.datasheet}.
 *
 * <p><b>Never.</b> Knows what a register does.
 */
@NullMarked
package dmakit.datasheet.smmu;

import org.jspecify.annotations.NullMarked;
