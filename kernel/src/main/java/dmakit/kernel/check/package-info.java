/**
 * Findings: mistakes of drivers, each with its id, the access or call that showed it, and where the
 * memory was mapped, allocated or freed.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.check.Findings}, which subsystems report to; {@link
 * dmakit.kernel.check.FindingId}, the catalogue.
 *
 * <p><b>Leans on.</b> Nothing.
 *
 * <p><b>Never.</b> Changes what the driver sees: a finding is a note, the kernel goes on as Linux
 * would.
 *
 * <p><b>Always.</b> Equal findings are one, with a count. A place in the source is a number until
 * somebody reads it.
 */
@NullMarked
package dmakit.kernel.check;

import org.jspecify.annotations.NullMarked;
