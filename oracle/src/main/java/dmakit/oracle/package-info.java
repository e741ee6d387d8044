/**
 * Two computers that are driven alike: a bare machine with one of our chips, and QEMU with its own
 * model of that chip. What differs afterwards is a mistake of one of them.
 *
 * <p><b>Doors.</b> {@link dmakit.oracle.Qemu} starts the peer, {@link dmakit.oracle.BareMachine} is
 * ours; both are {@link dmakit.oracle.Computer}s.
 *
 * <p><b>Leans on.</b> {@code dmakit.machine}; a QEMU that is installed, its qtest protocol, and a
 * POSIX shell.
 *
 * <p><b>Never.</b> Knows a chip, installs anything, or leaves a process or a folder behind.
 */
@NullMarked
package dmakit.oracle;

import org.jspecify.annotations.NullMarked;
