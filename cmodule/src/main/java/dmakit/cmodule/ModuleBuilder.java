package dmakit.cmodule;

import dmakit.cmodule.CompileFailed.MissingSymbol;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Compiles a module so that every load and store of its code calls a hook first. */
final class ModuleBuilder {
    /**
     * The instrumentation of {@code -fsanitize=thread}. That of {@code kernel-address} leaves out a
     * store after a load of the same address, and the cache line would not become dirty: docs/adr.
     */
    private static final List<String> OPTIONS =
            List.of(
                    "-std=gnu11",
                    "-shared",
                    "-fPIC",
                    "-O2",
                    "-g",
                    "-D__KERNEL__",
                    "-DMODULE",
                    "-nostdinc",
                    "-fno-strict-aliasing",
                    "-fno-delete-null-pointer-checks",
                    "-fno-strict-overflow",
                    "-fno-stack-protector",
                    "-fno-omit-frame-pointer",
                    "-fasynchronous-unwind-tables",
                    "-fsanitize=thread",
                    "--param=tsan-instrument-func-entry-exit=0",
                    "--param=tsan-distinguish-volatile=1",
                    // Not expanded in line, where no hook would see them.
                    "-fno-builtin",
                    "-fno-tree-loop-distribute-patterns",
                    "-Wall",
                    "-Wno-implicit-function-declaration", // the linker lists them all
                    "-Wno-int-conversion",
                    "-nostdlib",
                    "-Wl,-z,defs",
                    "-Wl,-z,now");

    private static final Pattern UNDEFINED =
            Pattern.compile(
                    "^(?:.*ld[^:]*: )?(?:(.*?):)?(?:\\(.*\\): )? ?undefined reference to `(.*)'$");

    private final Compiler compiler;
    private final HostBuild host;

    ModuleBuilder(Compiler compiler, HostBuild host) {
        this.compiler = compiler;
        this.host = host;
    }

    /**
     * Compiles and links one source.
     *
     * @param into folder for the module
     * @return the module
     * @throws CompileFailed with the compiler's words, or with all missing symbols
     */
    Path build(Path source, Path into) {
        Path module = into.resolve("module.so");
        var arguments = new ArrayList<String>(OPTIONS);
        arguments.add("-DKBUILD_MODNAME=\"" + nameOf(source) + "\"");
        arguments.add("-I" + host.headers());
        arguments.addAll(List.of("-x", "c", source.toString(), "-x", "none"));
        arguments.addAll(List.of(host.symbols().toString(), "-o", module.toString()));
        // From here, so that messages name the file as the user did.
        Compiler.Outcome outcome = compiler.run(Path.of("").toAbsolutePath(), arguments);
        if (!outcome.isFine()) {
            throw failure(source, outcome.output());
        }
        return module;
    }

    /** The module's name after its source, as Kbuild makes it. */
    static String nameOf(Path source) {
        Path file = source.getFileName();
        String name = file == null ? "" : file.toString();
        return name.replaceFirst("\\.c$", "").replace('-', '_');
    }

    private static CompileFailed failure(Path source, String output) {
        List<MissingSymbol> missing = missing(source, output);
        if (missing.isEmpty()) {
            return new CompileFailed(source + " does not compile:\n" + output.strip(), missing);
        }
        var message = new StringBuilder();
        message.append(source).append(" uses kernel symbols that are not there:");
        for (MissingSymbol symbol : missing) {
            message.append("\n  ").append(symbol.place()).append(": ").append(symbol.name());
        }
        return new CompileFailed(message.toString(), missing);
    }

    private static List<MissingSymbol> missing(Path source, String output) {
        Map<String, MissingSymbol> found = new LinkedHashMap<>();
        for (String line : output.lines().toList()) {
            Matcher undefined = UNDEFINED.matcher(line);
            if (undefined.matches()) {
                String place = undefined.group(1);
                String symbol = undefined.group(2);
                found.putIfAbsent(
                        symbol,
                        new MissingSymbol(symbol, place == null ? source.toString() : place));
            }
        }
        return List.copyOf(found.values());
    }
}
