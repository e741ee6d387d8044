package dmakit.cmodule;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A shell that makes a folder and removes it with all it holds when this closes, and also when this
 * JVM is killed, at whatever moment. It may run one command in between.
 */
final class FolderGuard implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 120;

    /** Gets the folder as $0 and a command as arguments; goes on until its input ends. */
    private static final String SCRIPT =
            """
            trap '' HUP INT PIPE TERM
            umask 077
            mkdir -- "$0" || exit
            trap 'rm -rf -- "$0"' EXIT
            [ $# -eq 0 ] || TMPDIR=$0 "$@" </dev/null >"$0/messages" 2>&1
            echo $?
            read -r rest
            """;

    private static final File NOWHERE = new File("/dev/null");

    private final Process shell;
    private final int status;

    private FolderGuard(Process shell, int status) {
        this.shell = shell;
        this.status = status;
    }

    /**
     * Makes a folder.
     *
     * @param command run before this returns, with the folder for its temporary files; its words go
     *     to a file "messages" there; may be empty
     * @throws IOException when the folder cannot be made
     */
    static FolderGuard make(Path folder, List<String> command) throws IOException {
        var words = new ArrayList<String>(List.of("/bin/sh", "-c", SCRIPT, folder.toString()));
        words.addAll(command);
        var builder = new ProcessBuilder(words);
        Map<String, String> environment = builder.environment();
        environment.put("LC_ALL", "C.UTF-8"); // messages are parsed
        Process shell = builder.redirectError(ProcessBuilder.Redirect.to(NOWHERE)).start();
        var answer = new StringBuilder();
        for (int c = shell.getInputStream().read(); c >= 0 && c != '\n'; ) {
            answer.append((char) c);
            c = shell.getInputStream().read();
        }
        if (answer.isEmpty()) {
            shell.destroyForcibly();
            throw new IOException("no folder can be made at " + folder);
        }
        return new FolderGuard(shell, Integer.parseInt(answer.toString()));
    }

    /** How the command ended; 0 where there was none. */
    int status() {
        return status;
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
