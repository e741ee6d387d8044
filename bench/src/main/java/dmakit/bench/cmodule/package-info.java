/**
 * Benchmarks of drivers in C.
 *
 * <p><b>Doors.</b> {@link dmakit.bench.cmodule.CodeBenchmark}.
 *
 * <p><b>Leans on.</b> {@code dmakit.cmodule}, {@code dmakit.board}; gcc.
 */
@NullMarked
package dmakit.bench.cmodule;

import org.jspecify.annotations.NullMarked;
