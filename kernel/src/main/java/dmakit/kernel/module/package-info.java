/**
 * Modules that are built into the kernel: their parameters.
 *
 * <p><b>Doors.</b> {@link dmakit.kernel.module.BuiltInModule}, which has {@link
 * dmakit.kernel.module.ModuleParameter}s.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel.fs} for the files in {@code /sys/module}.
 *
 * <p><b>Never.</b> Loads anything: modules of C are loaded by {@code dmakit.cmodule}.
 *
 * <p><b>In Linux.</b> {@code kernel/params.c}, {@code lib/kstrtox.c}.
 */
@NullMarked
package dmakit.kernel.module;

import org.jspecify.annotations.NullMarked;
