package dmakit.board;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.devicetree.DtbWriter;
import dmakit.machine.random.Rng;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tree that lies about its machine is refused in one line, or boots; nothing else may happen. */
class BrokenTreesTest {
    private static final int TREES = 2000;

    @TempDir Path folder;

    @Test
    void aDamagedTreeBootsOrIsRefused() throws IOException {
        byte[] whole = DtbWriter.write(Board.of("rpi3").tree());
        int booted = 0;
        int refused = 0;
        for (int seed = 1; seed <= TREES; seed++) {
            Path file = folder.resolve("seed" + seed + ".dtb");
            Files.write(file, damaged(whole, seed));
            try (Simulation simulation =
                    Simulation.boot(Board.of(file.toString()), Simulation.Options.seeded(seed))) {
                simulation.kernel().run("test", () -> simulation.kernel().sched().msleep(1));
                booted++;
            } catch (BoardException e) {
                assertThat(e.getMessage()).as("seed %d", seed).isNotBlank();
                refused++;
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(booted).as("booted").isPositive();
        assertThat(refused).as("refused").isPositive();
    }

    /** A few bytes of the tree's contents changed; its header stays, so that most still parse. */
    private static byte[] damaged(byte[] whole, int seed) {
        Rng rng = new Rng(seed);
        byte[] bytes = whole.clone();
        int changes = 1 + rng.nextInt(4);
        for (int i = 0; i < changes; i++) {
            int at = 64 + rng.nextInt(bytes.length - 64);
            bytes[at] =
                    (byte) (rng.oneIn(2) ? rng.nextInt(256) : bytes[at] ^ (1 << rng.nextInt(8)));
        }
        return bytes;
    }
}
