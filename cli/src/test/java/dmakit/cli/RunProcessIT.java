package dmakit.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code dmakit run} as a shell starts it: commands, failures that only a process can have, and
 * what is left when it is killed.
 */
@EnabledOnOs(OS.LINUX)
class RunProcessIT {
    private static final Path LABS = Path.of(System.getProperty("dmakit.root"), "labs/c");
    private static final String RAM2RAM = LABS.resolve("dma_ram2ram.c").toString();
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String MARK = "DMAKIT_TEST_RUN";

    /** Simulated time would pass quickly while a program sleeps. */
    private static final String BUSY = "while :; do :; done";

    @TempDir private Path folder;
    private Path temporary;
    private final String mark = UUID.randomUUID().toString();

    @BeforeEach
    void aFolderForTemporaryFiles() throws IOException {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(":"))
                        .anyMatch(each -> Files.isExecutable(Path.of(each, "gcc"))),
                "gcc is not installed");
        temporary = Files.createDirectory(folder.resolve("tmp"));
    }

    private ProcessBuilder command(String... args) {
        ProcessBuilder builder =
                Forked.command(List.of("-Djava.io.tmpdir=" + temporary), args)
                        .directory(folder.toFile());
        builder.environment().put("TMPDIR", temporary.toString());
        builder.environment().put(MARK, mark);
        return builder;
    }

    private Forked.Outcome run(String... args) throws Exception {
        return Forked.run(folder, command(args));
    }

    // ---- commands ----------------------------------------------------------------------------

    @Test
    void commandsRunInTheirOrderBetweenInsmodAndRmmod() throws Exception {
        Forked.Outcome outcome =
                run("run", RAM2RAM, "--do", "echo first; lsmod", "--do", "echo second >&2; dmesg");
        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.out())
                .containsSubsequence(
                        "dma_ram2ram: the buffers are equal",
                        "$ echo first; lsmod\nfirst\n",
                        "dma_ram2ram  ",
                        "$ echo second >&2; dmesg\n",
                        "dma_ram2ram: the buffers are equal",
                        "dma_ram2ram: unloaded",
                        "dma_ram2ram: no findings; board rpi3, seed 1\n");
        assertThat(outcome.err()).isEqualTo("second\n");
        assertNothingIsLeft();
    }

    @Test
    void aCommandThatFailsIsAFailedRunAndTheNextOnesRun() throws Exception {
        Forked.Outcome outcome =
                run("run", RAM2RAM, "--do", "exit 3", "--do", "kill -TERM $$", "--do", "echo on");
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.out())
                .contains("\non\n")
                .contains("failed: exit 3: status 3\n")
                .contains("failed: kill -TERM $$: ended by signal 15\n")
                .contains("dma_ram2ram: 2 steps failed, no findings");
    }

    @Test
    void aCommandThatHangsIsEndedWithAllItsProcesses() throws Exception {
        Forked.Outcome outcome = run("run", RAM2RAM, "--timeout", "1", "--do", "sleep 1 & " + BUSY);
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.out())
                .contains("done: did not end within 1 s and was ended")
                .contains("dma_ram2ram: unloaded");
        assertNothingIsLeft();
    }

    @Test
    void withAReportForProgramsTheOutputOfCommandsIsOnStandardError() throws Exception {
        Forked.Outcome outcome =
                run("run", RAM2RAM, "--report", "json", "--do", "echo from the command");
        assertThat(outcome.status()).as(outcome.err()).isZero();
        JsonNode report = new JsonMapper().readTree(outcome.out());
        assertThat(report.at("/steps/1/name").stringValue()).isEqualTo("echo from the command");
        assertThat(outcome.out()).doesNotContain("$ echo");
        assertThat(outcome.err()).contains("$ echo from the command\nfrom the command\n");
    }

    @Test
    void aShellLoadsUnloadsAndListsModules() throws Exception {
        Process shell = command("shell").redirectError(folder.resolve("err").toFile()).start();
        try (var input = shell.outputWriter(UTF_8)) {
            input.write(
                    "insmod %s && lsmod\nrmmod dma_ram2ram\ninsmod none.ko\n".formatted(RAM2RAM));
        }
        String out = new String(shell.getInputStream().readAllBytes(), UTF_8);
        assertThat(Forked.statusOf(shell)).isZero();
        assertThat(out)
                .containsSubsequence(
                        "dma_ram2ram: the buffers are equal",
                        "Module ",
                        "dma_ram2ram  ",
                        "dma_ram2ram: unloaded",
                        "shell: no findings; board rpi3, seed 1");
        assertThat(folder.resolve("err"))
                .hasContent(
                        "insmod: ERROR: could not insert module none.ko: No such file or"
                                + " directory");
    }

    // ---- failures ----------------------------------------------------------------------------

    @Test
    void withoutACompilerItSaysWhatToInstall() throws Exception {
        ProcessBuilder builder = command("run", RAM2RAM);
        builder.environment().put("PATH", folder.toString());
        Forked.Outcome outcome = Forked.run(folder, builder);
        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err())
                .startsWith("dmakit: C modules need gcc, and no folder of PATH has it; install it")
                .hasLineCount(1);
    }

    @Test
    void whereNothingCanBeWrittenItSaysSo() throws Exception {
        ProcessBuilder builder = Forked.command(List.of("-Djava.io.tmpdir=/proc"), "run", RAM2RAM);
        Forked.Outcome outcome = Forked.run(folder, builder);
        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err())
                .startsWith("dmakit: cannot create a temporary folder")
                .hasLineCount(1);
    }

    @Test
    void theSameSeedGivesTheSameReportAndTraceInEveryProcess() throws Exception {
        List<Path> traces = List.of(folder.resolve("a.jsonl"), folder.resolve("b.jsonl"));
        List<Forked.Outcome> outcomes = new ArrayList<>();
        for (Path trace : traces) {
            outcomes.add(
                    run(
                            "run",
                            RAM2RAM,
                            "--report",
                            "json",
                            "--seed",
                            "20",
                            "--cache",
                            "adversary",
                            "--trace",
                            trace.toString()));
        }
        assertThat(outcomes.get(1)).isEqualTo(outcomes.get(0));
        assertThat(traces.get(0)).isNotEmptyFile().hasSameBinaryContentAs(traces.get(1));
    }

    // ---- the end ------------------------------------------------------------------------------

    @Test
    void killedAtAnyMomentItLeavesNeitherProcessNorFile() throws Exception {
        long seed = 20_261_121;
        Random random = new Random(seed);
        for (int i = 0; i < 10; i++) {
            int delayMs = random.nextInt(3_000);
            String signal = random.nextBoolean() ? "KILL" : "TERM";
            String unknown = random.nextInt() + ""; // compiled anew, every other time
            List<String> args =
                    List.of("run", RAM2RAM, i % 2 == 0 ? "-DX=" + unknown : "-DX", "--do", BUSY);
            Process process =
                    command(args.toArray(String[]::new))
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            process.waitFor(delayMs, TimeUnit.MILLISECONDS);
            new ProcessBuilder("kill", "-" + signal, "" + process.pid()).start().waitFor();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            try {
                assertNothingIsLeft();
            } catch (AssertionError e) {
                throw new AssertionError(
                        "seed %d, run %d, SIG%s after %d ms".formatted(seed, i, signal, delayMs),
                        e);
            }
        }
    }

    /** Soon, that is: whoever cleans up may still be about it. */
    private void assertNothingIsLeft() throws Exception {
        Instant limit = Instant.now().plus(PATIENCE);
        while (!left().isEmpty() && Instant.now().isBefore(limit)) {
            Thread.sleep(50);
        }
        assertThat(left()).isEmpty();
    }

    private List<String> left() throws IOException {
        List<String> left = new ArrayList<>();
        try (Stream<Path> files = Files.walk(temporary)) {
            files.filter(file -> !file.equals(temporary))
                    .filter(file -> !file.toString().contains("hsperfdata"))
                    .forEach(file -> left.add(file.toString()));
        } catch (UncheckedIOException e) {
            left.add("a file that is being removed");
        }
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            processes
                    .filter(process -> process.getFileName().toString().matches("\\d+"))
                    .filter(this::isOfThisTest)
                    .forEach(process -> left.add("process " + process));
        }
        return left;
    }

    private boolean isOfThisTest(Path process) {
        try {
            return Files.readString(process.resolve("environ"), ISO_8859_1)
                            .contains(MARK + "=" + mark)
                    || Files.readString(process.resolve("cmdline"), ISO_8859_1)
                            .contains(temporary.toString());
        } catch (IOException e) {
            return false;
        }
    }
}
