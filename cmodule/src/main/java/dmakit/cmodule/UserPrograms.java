package dmakit.cmodule;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What runs beside and inside of the programs of a user, compiled on first use.
 *
 * @param folder that holds them
 */
public record UserPrograms(Path folder) {
    private static final String LIBRARY = "libdmakit-user.so";

    /**
     * Finds them or makes them, with this computer's compiler.
     *
     * @throws CompilerMissing when there is none, or nowhere to put them
     */
    public static UserPrograms built() {
        return in(HostBuild.usualCaches(), Compiler.find());
    }

    /** As above, in the first of some folders that can be written. */
    static UserPrograms in(List<Path> caches, Compiler compiler) {
        return new UserPrograms(HostBuild.userPrograms(caches, compiler, UserPrograms::compile));
    }

    /** The process that watches over the programs. */
    public Path guard() {
        return folder.resolve("dmakit-guard");
    }

    /** The library that goes into each of them. */
    public Path library() {
        return folder.resolve(LIBRARY);
    }

    /** What {@code insmod}, {@code rmmod}, {@code lsmod} and {@code dmesg} are names of. */
    public Path control() {
        return folder.resolve("dmakit-control");
    }

    private static void compile(Path folder, Map<String, byte[]> sources, Compiler compiler) {
        List<String> library = HostBuild.in(sources, "user/");
        library.remove("user/guard.c");
        library.remove("user/control.c");
        List<String> common =
                List.of("-std=gnu11", "-O1", "-Wall", "-Wextra", "-Wno-nonnull-compare");
        List<String> shared =
                List.of("-shared", "-fPIC", "-fvisibility=hidden", "-U_FORTIFY_SOURCE");
        List<String> libraries = List.of("-o", LIBRARY, "-lpthread", "-ldl");
        HostBuild.run(compiler, folder, List.of(common, shared, library, libraries));
        HostBuild.run(
                compiler, folder, List.of(common, List.of("user/guard.c", "-o", "dmakit-guard")));
        HostBuild.run(
                compiler,
                folder,
                List.of(common, List.of("user/control.c", "-o", "dmakit-control", "-ldl")));
    }
}
