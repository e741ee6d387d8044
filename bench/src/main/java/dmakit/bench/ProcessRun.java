package dmakit.bench;

import dmakit.bench.Row.Figure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;

/** Runs a whole command as a user would and measures wall clock and peak memory. */
final class ProcessRun {
    private static final int RUNS = 11;
    private static final int KIB = 1024;
    private static final int POLL_MS = 3;
    private static final String PEAK = "VmHWM:";

    private final Path root;

    /**
     * Creates the measurement.
     *
     * @param root of the checkout, where the command is run
     */
    ProcessRun(Path root) {
        this.root = root;
    }

    /** Wall clock of the command in seconds, from the second run on: the first one may build. */
    Figure seconds(String... command) {
        run(command);
        return measure(() -> {
            long start = System.nanoTime();
            run(command);
            return (System.nanoTime() - start) / 1e9;
        });
    }

    /**
     * Wall clock of the command in seconds, each time with another text of a source it names: a
     * copy with a comment of its own, in a folder of its own.
     */
    Figure secondsOfFresh(Path source, String... command) {
        run(command);
        int[] runs = {0};
        return measure(() -> {
            try {
                Path folder = Files.createTempDirectory("dmakit-bench");
                Path copy = folder.resolve(String.valueOf(source.getFileName()));
                String text =
                        Files.readString(source)
                                + "/* %d.%d */%n".formatted(System.nanoTime(), runs[0]++);
                Files.writeString(copy, text);
                String[] fresh = command.clone();
                fresh[List.of(command).indexOf(root.relativize(source).toString())] =
                        copy.toString();
                long start = System.nanoTime();
                run(fresh);
                double seconds = (System.nanoTime() - start) / 1e9;
                Files.delete(copy);
                Files.delete(folder);
                return seconds;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** Largest resident set of the command in MB, as the operating system counts its peak. */
    Figure peakMegabytes(String... command) {
        run(command);
        return measure(() -> peakKib(command) * (double) KIB / 1e6);
    }

    private static Figure measure(DoubleSupplier run) {
        double[] figures = new double[RUNS];
        for (int i = 0; i < RUNS; i++) {
            figures[i] = run.getAsDouble();
        }
        Arrays.sort(figures);
        return new Figure(figures[RUNS / 2], figures[0], figures[RUNS * 9 / 10]);
    }

    private long peakKib(String... command) {
        Process process = start(command);
        long peak = 0;
        while (process.isAlive()) {
            peak = Math.max(peak, peakKib(process.pid()));
            pause();
        }
        return peak;
    }

    /** {@code VmHWM} of a process, which only grows; 0 when it has just ended. */
    private static long peakKib(long pid) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
                if (line.startsWith(PEAK)) {
                    return Long.parseLong(line.replaceAll("\\D+", ""));
                }
            }
        } catch (IOException ended) {
            return 0;
        }
        return 0;
    }

    private void run(String... command) {
        try {
            int status = start(command).waitFor();
            if (status != 0) {
                throw new IllegalStateException(List.of(command) + " ended with " + status);
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private Process start(String... command) {
        try {
            return new ProcessBuilder(command)
                    .directory(root.toFile())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new IllegalStateException(List.of(command) + " does not start", e);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MS);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IllegalStateException interrupted(InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new IllegalStateException(cause);
    }
}
