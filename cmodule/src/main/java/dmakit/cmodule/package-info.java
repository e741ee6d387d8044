/**
 * Compiles, loads and serves C kernel modules in a process of their own.
 *
 * <p><b>Doors.</b> A loaded module.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel}, which answers every call a module makes.
 *
 * <p><b>Never.</b> Decides a kernel rule: there is one implementation of each, in {@code
 * dmakit.kernel}.
 */
@NullMarked
package dmakit.cmodule;

import org.jspecify.annotations.NullMarked;
