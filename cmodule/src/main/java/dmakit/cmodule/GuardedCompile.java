package dmakit.cmodule;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** One run of the compiler, in a folder of its own that goes when this closes. */
final class GuardedCompile implements AutoCloseable {
    private final Path folder;
    private final FolderGuard guard;

    private GuardedCompile(Path folder, FolderGuard guard) {
        this.folder = folder;
        this.guard = guard;
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
        Path folder =
                Path.of(System.getProperty("java.io.tmpdir"), "dmakit-cc-" + UUID.randomUUID())
                        .toAbsolutePath();
        var words = new ArrayList<String>(List.of(compiler.executable().toString()));
        words.addAll(command.arguments(folder));
        try {
            return new GuardedCompile(folder, FolderGuard.make(folder, words));
        } catch (IOException e) {
            throw new CompilerMissing("cannot compile: " + e.getMessage());
        }
    }

    boolean isFine() {
        return guard.status() == 0;
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
        guard.close();
    }
}
