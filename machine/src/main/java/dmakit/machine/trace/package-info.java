/**
 * What happened, as typed events.
 *
 * <p><b>Doors.</b> {@link dmakit.machine.trace.Trace}, where parts report; {@link
 * dmakit.machine.trace.TraceSink}, which listens; {@link dmakit.machine.trace.TraceEvent}, the
 * events; {@link dmakit.machine.trace.JsonLines} and {@link dmakit.machine.trace.PerfettoTrace},
 * which write them.
 *
 * <p><b>Leans on.</b> The JDK alone.
 *
 * <p><b>Never.</b> Decides anything: a machine that is watched runs as one that is not.
 */
@NullMarked
package dmakit.machine.trace;

import org.jspecify.annotations.NullMarked;
