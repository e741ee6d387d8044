package dmakit.oracle;

import java.time.Duration;

/** QEMU works on a command and does not come back. */
public final class QemuSilentException extends RuntimeException {
    private static final long serialVersionUID = 1;

    QemuSilentException(String command, Duration patience) {
        super("QEMU has not answered %s within %d ms".formatted(command, patience.toMillis()));
    }
}
