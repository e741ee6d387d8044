/**
 * Benchmarks of drivers in C.
 *
 * <p><b>Doors.</b> {@link dmakit.bench.cmodule.CodeBenchmark}.
 *
 * <p><b>Leans on.</b> {@code dmakit.cmodule}, {@code dmakit.board}; gcc.
 *
 * <p><b>Never.</b> Compares with a figure of another run: each row has its peer in the same one.
 */
@NullMarked
package dmakit.bench.cmodule;

import org.jspecify.annotations.NullMarked;
