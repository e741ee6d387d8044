package dmakit.cmodule;

import java.nio.file.Path;
import java.util.ArrayList;
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
    public static Path compile(String source, Path folder) {
        Path program = folder.resolve(source.replaceFirst("[.]c$", ""));
        Compiler.Outcome outcome = run(source, program, List.of());
        if (!outcome.isFine()) {
            throw new IllegalStateException(outcome.output());
        }
        return program;
    }

    /** Compiles one with more options, where this computer can. */
    public static boolean canCompile(String source, Path program, String... options) {
        return run(source, program, List.of(options)).isFine();
    }

    private static Compiler.Outcome run(String source, Path program, List<String> options) {
        var arguments = new ArrayList<String>(options);
        arguments.addAll(List.of("-Wall", "-O1", HostFixture.SOURCES.resolve(source).toString()));
        arguments.addAll(List.of("-o", program.toString(), "-lpthread"));
        return HostFixture.compiler().run(HostFixture.SOURCES, arguments);
    }
}
