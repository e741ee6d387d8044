/**
 * Compiles, loads and serves C kernel modules in a process of their own.
 *
 * <p><b>Doors.</b> {@link dmakit.cmodule.CModule}.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel}, which answers every call a module makes; gcc and its
 * binutils, at run time.
 *
 * <p><b>Never.</b> Decides a kernel rule: there is one implementation of each, in {@code
 * dmakit.kernel}. Lets C call into this JVM: a module has a process, and asks across a lane.
 *
 * <p><b>Always.</b> One side of a lane runs at a time. Whatever ends a module, its process and its
 * files end with it.
 */
@NullMarked
package dmakit.cmodule;

import org.jspecify.annotations.NullMarked;
