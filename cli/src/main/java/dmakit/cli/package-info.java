/**
 * The command line.
 *
 * <p><b>Doors.</b> {@code Main}.
 *
 * <p><b>Leans on.</b> {@code dmakit.labs}, {@code dmakit.board}, {@code dmakit.devicetree}, {@code
 * dmakit.cmodule}; picocli and Jackson.
 *
 * <p><b>Never.</b> Computes a result: it parses, calls and prints.
 */
@NullMarked
package dmakit.cli;

import org.jspecify.annotations.NullMarked;
