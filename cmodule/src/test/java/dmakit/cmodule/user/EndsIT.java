package dmakit.cmodule.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.cmodule.UserTestPrograms;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How commands end, and that nothing of them is left. */
class EndsIT {
    private static final int KILL_COUNT = 8;
    private static final int KILL_AFTER_MS_MAX = 1_200;
    private static final int GONE_WITHIN_MS = 10_000;

    @TempDir Path folder;

    @BeforeAll
    static void build() {
        UserTestPrograms.built();
    }

    /** A line whose processes are found by a word that no other process has. */
    private static String stubborn(String mark) {
        return "trap '' TERM HUP INT; (setsid sh -c 'cat /dev/pipe; sleep 1; : %s' &) ;"
                        .formatted(mark)
                + " (setsid sh -c 'trap \"\" TERM HUP; while :; do :; done; : %s' &) ;"
                        .formatted(mark)
                + " cat /dev/pipe; : "
                + mark;
    }

    private static long living(String mark) {
        return ProcessHandle.allProcesses().filter(process -> isOf(process, mark)).count();
    }

    private static boolean isOf(ProcessHandle process, String mark) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline")).contains(mark);
        } catch (IOException e) {
            return false;
        }
    }

    private static void assertGone(String mark) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GONE_WITHIN_MS);
        while (living(mark) > 0 && System.nanoTime() < until) {
            Thread.sleep(10);
        }
        assertThat(living(mark)).isZero();
    }

    private static void assertEmpty(Path folder) throws IOException, InterruptedException {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GONE_WITHIN_MS);
        while (!list(folder).isEmpty() && System.nanoTime() < until) {
            Thread.sleep(10);
        }
        assertThat(list(folder)).isEmpty();
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    @Test
    void aCommandWhoseTimeIsOverIsEndedWithAllItStarted() throws InterruptedException {
        String mark = "mark-timeout-" + ProcessHandle.current().pid();
        try (var system = new UserFixture(folder)) {
            var ran = system.sh(stubborn(mark), Duration.ofSeconds(1));
            assertThat(ran.outcome().timedOut()).isTrue();
            assertThat(ran.status()).isEqualTo(128 + 9);
            assertThat(system.sh("echo again > /dev/store").status()).isZero();
            assertThat(system.devices.stored()).isEqualTo("again\n");
        }
        assertGone(mark);
    }

    @Test
    void whatACommandLeavesBehindEndsWithIt() throws InterruptedException {
        String mark = "mark-behind-" + ProcessHandle.current().pid();
        try (var system = new UserFixture(folder)) {
            var ran = system.sh("(setsid sh -c 'cat /dev/pipe; : %s' &); sleep 1".formatted(mark));
            assertThat(ran.status()).isZero();
            assertThat(ran.outcome().stuck()).isEmpty();
        }
        assertGone(mark);
    }

    @Test
    void aKilledReaderEndsItsCallAndItsFileIsReleased() {
        try (var system = new UserFixture(folder)) {
            var ran =
                    system.sh(
                            "cat /dev/pipe & sleep 1; kill -KILL $!; wait $!; echo $?;"
                                    + " echo next > /dev/pipe; head -c 5 /dev/pipe");
            assertThat(ran.output()).endsWith("137\nnext\n");
        }
    }

    @Test
    void kernelCodeThatLoopsEndsWithTheCommandsTime() {
        try (var system = new UserFixture(folder)) {
            assertThatThrownBy(() -> system.sh("cat /dev/spin", Duration.ofSeconds(1)))
                    .isInstanceOf(CommandStuck.class)
                    .hasMessageContaining("cat");
        }
    }

    @Test
    void aTaskThatWaitsForEverIsNamed() {
        try (var system = new UserFixture(folder)) {
            var ran = system.sh("cat /dev/stuck", Duration.ofSeconds(1));
            assertThat(ran.outcome().timedOut()).isTrue();
            assertThat(ran.outcome().stuck()).contains("cat");
        }
    }

    @Test
    void aDriverThatFailsEndsItsProgramAlone() {
        try (var system = new UserFixture(folder)) {
            var ran = system.sh("cat /dev/oops; echo $?; echo fine > /dev/store");
            assertThat(ran.output()).contains("137");
            assertThat(ran.status()).isZero();
            assertThat(ran.outcome().oopsed()).isTrue();
            assertThat(system.devices.stored()).isEqualTo("fine\n");
        }
    }

    @Test
    void nothingIsLeftWhenTheSimulationIsKilled() throws IOException, InterruptedException {
        var random = new Random(1);
        for (int i = 0; i < KILL_COUNT; i++) {
            String mark = "mark-killed-" + ProcessHandle.current().pid() + "-" + i;
            Path temporary = Files.createDirectory(folder.resolve("temporary-" + i));
            Process simulation =
                    new ProcessBuilder(
                                    ProcessHandle.current().info().command().orElseThrow(),
                                    "--add-exports=java.base/jdk.internal.vm=ALL-UNNAMED",
                                    "--enable-native-access=ALL-UNNAMED",
                                    "-Ddmakit.root=" + System.getProperty("dmakit.root"),
                                    "-Djava.io.tmpdir=" + temporary,
                                    "-XX:-UsePerfData",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    KilledMidway.class.getName(),
                                    folder.toString(),
                                    stubborn(mark))
                            .redirectErrorStream(true)
                            .redirectOutput(new File("/dev/null"))
                            .start();
            Thread.sleep(400 + random.nextInt(KILL_AFTER_MS_MAX));
            simulation.destroyForcibly().waitFor();
            assertGone(mark);
            assertEmpty(temporary);
        }
    }
}
