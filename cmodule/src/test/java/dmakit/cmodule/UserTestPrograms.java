package dmakit.cmodule;

import java.nio.file.Path;
import java.util.List;

/** What goes into programs, for tests outside of this package. */
public final class UserTestPrograms {
    private static final Path CACHE =
            Path.of(System.getProperty("dmakit.root"), "cmodule/target/host-cache");

    private UserTestPrograms() {}

    /** Skips the test where no C compiler is installed. */
    public static UserPrograms built() {
        return UserPrograms.in(List.of(CACHE), HostFixture.compiler());
    }

    /** Compiles a program of {@code src/test/c}. */
    public static Path compile(String source, Path folder, String... options) {
        Path program = folder.resolve(source.replaceFirst("[.]c$", ""));
        var arguments = new java.util.ArrayList<String>(List.of(options));
        arguments.addAll(
                List.of(
                        "-Wall",
                        "-O1",
                        HostFixture.SOURCES.resolve(source).toString(),
                        "-o",
                        program.toString(),
                        "-lpthread"));
        Compiler.Outcome outcome = HostFixture.compiler().run(folder, arguments);
        if (!outcome.isFine()) {
            throw new IllegalStateException(outcome.output());
        }
        return program;
    }
}
