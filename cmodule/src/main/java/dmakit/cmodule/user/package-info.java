/**
 * Real programs and shells of the host, run inside of the simulated system.
 *
 * <p><b>Doors.</b> {@link dmakit.cmodule.user.UserSession}.
 *
 * <p><b>Leans on.</b> {@code dmakit.kernel}, whose system calls it makes; a guard process and a
 * library that goes into every program, both compiled on first use.
 *
 * <p><b>Never.</b> Runs a part of the simulation outside of its thread, or lets simulated time pass
 * while a program computes.
 *
 * <p><b>Always.</b> Every process of a command ends with it, also when this JVM is killed.
 */
@NullMarked
package dmakit.cmodule.user;

import org.jspecify.annotations.NullMarked;
