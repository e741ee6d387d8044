package dmakit.cmodule;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The C compiler of this computer.
 *
 * @param executable the file that runs it
 */
record Compiler(Path executable) {
    private static final String NAME = "gcc";
    private static final long PATIENCE_SECONDS = 120;

    /** What a run of the compiler, or of a program that comes with it, answered. */
    record Outcome(int status, String output) {
        boolean isFine() {
            return status == 0;
        }
    }

    /**
     * Finds the compiler in the folders of {@code PATH}.
     *
     * @throws CompilerMissing when it is in none of them
     */
    static Compiler find(String searchPath) {
        for (String folder : searchPath.split(File.pathSeparator, -1)) {
            Path candidate = Path.of(folder.isEmpty() ? "." : folder).resolve(NAME);
            if (Files.isExecutable(candidate) && !Files.isDirectory(candidate)) {
                return new Compiler(candidate);
            }
        }
        throw new CompilerMissing(
                "C modules need gcc, and no folder of PATH has it; install it"
                        + " (Debian, Ubuntu: apt install gcc libc6-dev)");
    }

    /** Finds the compiler as a shell would. */
    static Compiler find() {
        String path = System.getenv("PATH");
        return find(path == null ? "" : path);
    }

    /** Runs the compiler. */
    Outcome run(Path folder, List<String> arguments) {
        return run(executable.toString(), folder, arguments);
    }

    /**
     * Runs a program, which is expected to come with the compiler.
     *
     * @param folder its current folder
     */
    static Outcome run(String program, Path folder, List<String> arguments) {
        var command = new ArrayList<String>();
        command.add(program);
        command.addAll(arguments);
        try {
            var builder = new ProcessBuilder(command);
            Map<String, String> environment = builder.environment();
            environment.put("LC_ALL", "C.UTF-8"); // messages are parsed
            Process process =
                    builder.directory(folder.toFile())
                            .redirectErrorStream(true)
                            .redirectInput(new File("/dev/null"))
                            .start();
            try {
                String output =
                        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    return new Outcome(1, program + " did not end");
                }
                return new Outcome(process.exitValue(), output);
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            return new Outcome(127, "cannot run " + program + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Outcome(1, program + " was interrupted");
        }
    }
}
