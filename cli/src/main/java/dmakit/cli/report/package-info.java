/**
 * What a run found, which of it is allowed, and the forms in which it is told.
 *
 * <p><b>Doors.</b> {@link dmakit.cli.report.RunReport} is what is told; {@link
 * dmakit.cli.report.ReportForm} tells it; {@link dmakit.cli.report.Suppressions} is what is
 * allowed.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.check}, for findings; Jackson and the JDK's XML writer.
 *
 * <p><b>Never.</b> Runs anything, or knows how a finding was made.
 *
 * <p><b>Always.</b> The same report gives the same bytes: no times of the host, no order by chance.
 */
@NullMarked
package dmakit.cli.report;

import org.jspecify.annotations.NullMarked;
