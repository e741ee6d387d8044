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
                    "-fno-optimize-sibling-calls", // so that every caller has a frame
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
     * Compiles and links a module.
     *
     * @param module the file to write
     * @throws CompileFailed with the compiler's words, or with all missing symbols
     */
    void build(ModuleSource source, Path module) {
        var arguments = new ArrayList<String>(OPTIONS);
        arguments.add("-DKBUILD_MODNAME=\"" + source.name() + "\"");
        source.defines().forEach(define -> arguments.add("-D" + define));
        source.includes().forEach(folder -> arguments.add("-I" + folder));
        arguments.add("-I" + host.headers());
        arguments.addAll(List.of("-x", "c"));
        source.files().forEach(file -> arguments.add(file.toString()));
        arguments.addAll(List.of("-x", "none", host.symbols().toString(), "-o", module.toString()));
        // From here, so that messages name the file as the user did.
        Compiler.Outcome outcome = compiler.run(Path.of("").toAbsolutePath(), arguments);
        if (!outcome.isFine()) {
            throw failure(source.files().getFirst(), outcome.output());
        }
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
