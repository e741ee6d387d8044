package dmakit.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The command line in a JVM of its own, as a shell starts it. */
final class Forked {
    private static final int PATIENCE_SECONDS = 120;

    private Forked() {}

    /** What a process did; its output is all it wrote until it was closed. */
    record Outcome(int status, String out, String err) {}

    /** A command that starts one, with options for the JVM. */
    static ProcessBuilder command(List<String> jvmOptions, String... args) {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(
                List.of(
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "--add-exports=java.base/jdk.internal.vm=ALL-UNNAMED",
                        "--enable-native-access=ALL-UNNAMED"));
        words.addAll(jvmOptions);
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        words.addAll(List.of(args));
        return new ProcessBuilder(words);
    }

    /** Runs one to its end. */
    static Outcome run(Path folder, ProcessBuilder command)
            throws IOException, InterruptedException {
        Path err = Files.createTempFile(folder, "err", null);
        Process process = command.redirectError(err.toFile()).start();
        process.getOutputStream().close();
        String out;
        try (InputStream from = process.getInputStream()) {
            out = new String(from.readAllBytes(), UTF_8);
        }
        return new Outcome(statusOf(process), out, Files.readString(err));
    }

    /** Waits for a process; one that does not end is ended, and fails the test. */
    static int statusOf(Process process) throws InterruptedException {
        boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly();
        }
        assertThat(ended).as("ends within %d s", PATIENCE_SECONDS).isTrue();
        return process.exitValue();
    }
}
