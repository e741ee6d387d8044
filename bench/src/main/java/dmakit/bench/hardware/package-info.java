/**
 * Chips on their own: a bare machine, driven by registers, no kernel.
 *
 * <p><b>Doors.</b> {@link dmakit.bench.hardware.Bcm2835Benchmark}; {@link
 * dmakit.bench.hardware.QemuBenchmark} has QEMU's models beside ours.
 *
 * <p><b>Leans on.</b> {@code dmakit.hardware}, {@code dmakit.machine}; {@code dmakit.oracle}.
 *
 * <p><b>Never.</b> Judges: a number that is too small is a row in a report, not a failure.
 */
@NullMarked
package dmakit.bench.hardware;

import org.jspecify.annotations.NullMarked;
