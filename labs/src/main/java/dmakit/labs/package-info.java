/**
 * The labs: small drivers, and the user programs that drive them.
 *
 * <p><b>Doors.</b> A lab by its name.
 *
 * <p><b>Leans on.</b> {@code dmakit.board}.
 *
 * <p><b>Never.</b> Knows which chip serves it.
 */
@NullMarked
package dmakit.labs;

import org.jspecify.annotations.NullMarked;
