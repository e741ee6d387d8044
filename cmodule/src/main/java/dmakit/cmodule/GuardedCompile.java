package dmakit.cmodule;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * One run of the compiler in a folder of its own, which a shell removes when this closes, and also
 * when this JVM is killed.
 */
final class GuardedCompile implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 120;

    /** Gets the folder as $0 and the compiler's command as arguments; ends with its input. */
    private static final String SCRIPT =
            """
            trap '' HUP INT PIPE TERM
            trap 'rm -rf -- "$0"' EXIT
            mkdir -- "$0" || exit
            TMPDIR=$0 "$@" </dev/null >"$0/messages" 2>&1
            echo $?
            read -r rest
            """;

    private final Path folder;
    private final Process shell;
    private final int status;

    private GuardedCompile(Path folder, Process shell, int status) {
        this.folder = folder;
        this.shell = shell;
        this.status = status;
    }

    /** Says how to compile, given the folder for all that is made. */
    interface Command {
        List<String> arguments(Path folder);
    }

    /**
     * Compiles.
     *
     * @throws CompilerMissing when that cannot even be tried
     */
    static GuardedCompile run(Compiler compiler, Command command) {
        String name = "dmakit-cc-" + UUID.randomUUID();
        Path folder = Path.of(System.getProperty("java.io.tmpdir"), name).toAbsolutePath();
        var words = new ArrayList<String>(List.of("/bin/sh", "-c", SCRIPT, folder.toString()));
        words.add(compiler.executable().toString());
        words.addAll(command.arguments(folder));
        try {
            var builder = new ProcessBuilder(words);
            Map<String, String> environment = builder.environment();
            environment.put("LC_ALL", "C.UTF-8"); // messages are parsed
            Process shell = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
            return new GuardedCompile(folder, shell, statusOf(shell, folder));
        } catch (IOException e) {
            throw new CompilerMissing("cannot run a shell for the compiler: " + e.getMessage());
        }
    }

    private static int statusOf(Process shell, Path folder) throws IOException {
        var answer = new StringBuilder();
        InputStream from = shell.getInputStream();
        for (int c = from.read(); c >= 0 && c != '\n'; c = from.read()) {
            answer.append((char) c);
        }
        if (answer.isEmpty()) {
            shell.destroyForcibly();
            throw new CompilerMissing(
                    "cannot compile in " + folder + ": no folder can be made there");
        }
        return Integer.parseInt(answer.toString());
    }

    boolean isFine() {
        return status == 0;
    }

    /** What the compiler said. */
    String messages() throws IOException {
        return new String(Files.readAllBytes(folder.resolve("messages")), StandardCharsets.UTF_8);
    }

    /** Where everything was made. */
    Path folder() {
        return folder;
    }

    @Override
    public void close() {
        try {
            shell.getOutputStream().close();
            if (!shell.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                shell.destroyForcibly();
            }
        } catch (IOException e) {
            shell.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
