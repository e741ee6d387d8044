package dmakit.oracle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** QEMU as tests want it: there, or the test is skipped and says why. */
public final class Peer {
    private Peer() {}

    /** {@link Qemu#stopped}; skips the test where the emulator is not installed. */
    public static Qemu stopped(Emulator emulator, String... arguments) {
        need(emulator);
        return Qemu.stopped(emulator, List.of(arguments));
    }

    /** {@link Qemu#asleep}; skips the test where the emulator is not installed. */
    public static Qemu asleep(Emulator emulator, String... arguments) {
        need(emulator);
        return Qemu.asleep(emulator, List.of(arguments));
    }

    private static void need(Emulator emulator) {
        Assumptions.assumeTrue(
                emulator.installed().isPresent(),
                () ->
                        emulator.program()
                                + " is not installed; Debian has it in "
                                + emulator.debianPackage());
    }

    /** Leaves the line that {@code ./dev check} and {@code ./dev oracle} end with. */
    public static void summarize(String chip, Emulator emulator, String what) {
        String folder = System.getProperty("oracle.summaries", "");
        if (folder.isEmpty() || Seeds.isReplay()) {
            return;
        }
        String line =
                "oracle: %s: %s, against QEMU %s%n".formatted(chip, what, Qemu.version(emulator));
        try {
            Files.createDirectories(Path.of(folder));
            Files.writeString(Path.of(folder, chip + ".txt"), line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
