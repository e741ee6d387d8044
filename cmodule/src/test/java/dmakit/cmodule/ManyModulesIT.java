package dmakit.cmodule;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.mm.Zone;
import dmakit.machine.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A module that comes and goes a thousand times leaves nothing, here or in the host process. */
class ManyModulesIT {
    private static final int ROUNDS = 1000;

    /** By then quarantine, pools and lanes are as large as they will be. */
    private static final int SETTLED = 500;

    private static final int PAGES_MORE_OR_LESS = 64;

    @BeforeAll
    static void needsACompiler() {
        HostFixture.compiler();
    }

    /** What there is of things that could leak. */
    private record Held(long files, long descriptors, long areas, long usedPages) {
        static Held by(KernelFixture kernel) throws IOException {
            Path process = Path.of("/proc/" + kernel.system.host().handle().pid());
            long free = 0;
            for (Zone zone : Zone.values()) {
                free += kernel.kernel.mm().pages().freePages(zone);
            }
            return new Held(
                    count(Path.of("/proc/self/fd")),
                    count(process.resolve("fd")),
                    Files.readAllLines(process.resolve("maps")).size(),
                    -free);
        }

        private static long count(Path folder) throws IOException {
            try (Stream<Path> files = Files.list(folder)) {
                return files.count();
            }
        }
    }

    @Test
    void aThousandLoadsAndUnloadsLeaveNothing() throws IOException {
        Path source = HostFixture.SOURCES.resolve("comes_and_goes.c");
        try (var kernel = new KernelFixture(new Machine.Cache.None(), 1)) {
            Held settled = null;
            for (int round = 1; round <= ROUNDS; round++) {
                CModule module = kernel.load(source);
                assertThat(kernel.call(module::init)).isZero();
                kernel.kernel.run(
                        "rmmod",
                        () -> {
                            module.exit();
                            module.unload();
                        });
                if (round == SETTLED) {
                    settled = Held.by(kernel);
                }
            }
            Held end = Held.by(kernel);

            assertThat(kernel.kernel.findings().all()).isEmpty();
            assertThat(kernel.system.modules()).isEmpty();
            assertThat(settled).isNotNull();
            assertThat(end.files()).isLessThanOrEqualTo(settled.files() + 2);
            assertThat(end.descriptors()).isEqualTo(settled.descriptors());
            assertThat(end.areas()).isLessThanOrEqualTo(settled.areas() + 2);
            assertThat(end.usedPages())
                    .isLessThanOrEqualTo(settled.usedPages() + PAGES_MORE_OR_LESS);
        }
    }
}
