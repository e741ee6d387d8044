package dmakit.cmodule;

import dmakit.cmodule.CompileFailed.MissingSymbol;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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
                    "-funsigned-char", // as on arm, and everywhere since Linux 6.2
                    "-fno-strict-aliasing",
                    "-fno-delete-null-pointer-checks",
                    "-fno-strict-overflow",
                    "-fno-stack-protector",
                    "-fno-omit-frame-pointer",
                    "-fno-optimize-sibling-calls", // so that every caller has a frame
                    "-fasynchronous-unwind-tables",
                    "-fsanitize=thread",
                    "-fsanitize=bounds",
                    "--param=tsan-instrument-func-entry-exit=0",
                    "--param=tsan-distinguish-volatile=1",
                    // Not expanded in line, where no hook would see them.
                    "-fno-builtin",
                    "-fno-tree-loop-distribute-patterns",
                    "-Wall",
                    "-Wno-implicit-function-declaration", // the linker lists them all
                    // Errors since gcc 14, and each of them the habit of some age of Linux.
                    "-Wno-int-conversion",
                    "-Wno-incompatible-pointer-types",
                    "-Wno-discarded-qualifiers",
                    "-Wno-return-mismatch",
                    "-Wno-implicit-int",
                    "-Wno-declaration-missing-parameter-type",
                    "-Wno-unused",
                    "-Wno-pointer-sign",
                    "-Wno-attribute-alias",
                    "-Wno-missing-attributes",
                    "-nostdlib",
                    "-Wl,-Bsymbolic", // a module may have functions named as those of others
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
     * Compiles and links a module, unless a cache has it.
     *
     * @throws CompileFailed with the compiler's words, or with all missing symbols
     */
    CompiledModule build(ModuleSource source, ModuleCache cache) {
        List<String> arguments = arguments(source);
        // The compiler runs in this folder, so that messages name files as the user did.
        String wish = ModuleCache.wish(arguments, Path.of("").toAbsolutePath());
        Optional<CompiledModule> known = cache.find(wish, source);
        if (known.isPresent()) {
            return known.get();
        }
        Instant since = Instant.now();
        try (GuardedCompile run =
                GuardedCompile.run(
                        compiler,
                        folder ->
                                Stream.concat(
                                                arguments.stream(),
                                                Stream.of("-o", objectIn(folder).toString()))
                                        .toList())) {
            if (!run.isFine()) {
                throw failure(source, run.messages());
            }
            byte[] object = Files.readAllBytes(objectIn(run.folder()));
            var made = new CompiledModule(source, object, dependencies(run.folder()), false);
            if (haveNamesOfTheirOwn(source.files())) {
                cache.keep(wish, made, since);
            }
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read what the compiler made", e);
        }
    }

    private List<String> arguments(ModuleSource source) {
        var arguments = new ArrayList<String>(OPTIONS);
        arguments.add("-DKBUILD_MODNAME=\"" + source.name() + "\"");
        arguments.add("-DDMAKIT_LINUX_VERSION=" + versionCode(source.kernelVersion()));
        arguments.add("-DDMAKIT_LINUX_RELEASE=\"" + source.kernelVersion() + "-dmakit\"");
        source.defines().forEach(define -> arguments.add("-D" + define));
        source.includes().forEach(folder -> arguments.add("-I" + folder));
        arguments.add("-I" + host.headers());
        // Providers of Linux include headers that lie beside them, or one folder above.
        arguments.add("-I" + host.headers().resolve("provider"));
        arguments.addAll(List.of("-MD", "-x", "c"));
        source.files().forEach(file -> arguments.add(file.toString()));
        arguments.addAll(List.of("-x", "none", host.symbols().toString()));
        return arguments;
    }

    /** What {@code KERNEL_VERSION} makes of a version: a byte each of {@code 6.12.3}. */
    static int versionCode(String version) {
        int code = 0;
        String[] parts = (version + ".0").split("\\.", -1);
        for (int i = 0; i < 3; i++) {
            code = code << 8 | Math.min(Integer.parseInt(parts[i]), 255);
        }
        return code;
    }

    private static Path objectIn(Path folder) {
        return folder.resolve("module.so");
    }

    /** The compiler names the list of a source's files after the source alone. */
    private static boolean haveNamesOfTheirOwn(List<Path> files) {
        return files.stream().map(Path::getFileName).distinct().count() == files.size();
    }

    /** The files that the compiler has read and that are not ours. */
    private List<Path> dependencies(Path folder) throws IOException {
        var files = new LinkedHashSet<Path>();
        try (Stream<Path> lists = Files.list(folder)) {
            for (Path list : lists.filter(f -> f.toString().endsWith(".d")).sorted().toList()) {
                files.addAll(parse(Files.readString(list)));
            }
        }
        files.removeIf(file -> file.startsWith(host.folder()));
        return List.copyOf(files);
    }

    /** Reads a rule as make does: a target, a colon, and names, in which a space is escaped. */
    static List<Path> parse(String rule) {
        String joined = rule.replace("\\\n", " ");
        String names = joined.substring(joined.indexOf(':') + 1);
        return Pattern.compile("(?:\\\\.|\\S)+")
                .matcher(names)
                .results()
                .map(name -> name.group().replaceAll("\\\\([ #])", "$1").replace("$$", "$"))
                .map(Path::of)
                .toList();
    }

    private static CompileFailed failure(ModuleSource source, String output) {
        Path first = source.files().getFirst();
        List<MissingSymbol> missing = missing(source, output);
        if (missing.isEmpty()) {
            return new CompileFailed(
                    first + " does not compile:\n" + withoutNotes(output), missing);
        }
        var message = new StringBuilder();
        message.append(first).append(" uses kernel symbols that are not there:");
        for (MissingSymbol symbol : missing) {
            message.append("\n  ").append(symbol.place()).append(": ").append(symbol.name());
        }
        return new CompileFailed(message.toString(), missing);
    }

    /** A compiler that found something names each switch it does not know, too. */
    private static String withoutNotes(String output) {
        return output.lines()
                .filter(line -> !line.contains("note: unrecognized command-line option"))
                .filter(line -> !line.equals("At top level:"))
                .collect(Collectors.joining("\n"))
                .strip();
    }

    /** Each symbol once, with its first use; in the order of the sources. */
    private static List<MissingSymbol> missing(ModuleSource source, String output) {
        var names = new GivenNames(source);
        var uses = new ArrayList<Use>();
        for (String line : output.lines().toList()) {
            Matcher undefined = UNDEFINED.matcher(line);
            if (undefined.matches()) {
                uses.add(use(source, names, undefined.group(1), shownAs(undefined.group(2))));
            }
        }
        uses.sort(Comparator.comparing(Use::file).thenComparingInt(Use::line));
        Map<String, MissingSymbol> found = new LinkedHashMap<>();
        for (Use use : uses) {
            found.putIfAbsent(use.symbol(), new MissingSymbol(use.symbol(), use.place()));
        }
        return List.copyOf(found.values());
    }

    /** A macro's own function is shown by the name that drivers know. */
    private static String shownAs(String symbol) {
        return symbol.replaceFirst("^dmakit_", "");
    }

    /**
     * Tables and what headers define in line have no place in the sources but where they are named.
     */
    private static Use use(
            ModuleSource source, GivenNames names, @Nullable String place, String symbol) {
        if (place != null) {
            Use use = Use.at(place, symbol, names);
            if (use.line() != 0
                    && source.files().stream().map(Path::toString).anyMatch(use.file()::equals)) {
                return use;
            }
        }
        Pattern word = Pattern.compile("\\b" + Pattern.quote(symbol) + "\\b");
        for (Path file : source.files()) {
            List<String> lines = linesOf(file);
            for (int i = 0; i < lines.size(); i++) {
                if (word.matcher(lines.get(i)).find()) {
                    return new Use(file.toString(), i + 1, symbol);
                }
            }
        }
        return place == null || place.endsWith(".o")
                ? new Use(source.files().getFirst().toString(), 0, symbol)
                : Use.at(place, symbol, names);
    }

    private static List<String> linesOf(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** A place where a symbol is used that is not there; line 0 where the linker does not know. */
    private record Use(String file, int line, String symbol) {
        private static final Pattern LINE = Pattern.compile("(.*):(\\d{1,9})");

        static Use at(String place, String symbol, GivenNames names) {
            Matcher line = LINE.matcher(place);
            return line.matches()
                    ? new Use(names.of(line.group(1)), Integer.parseInt(line.group(2)), symbol)
                    : new Use(names.of(place), 0, symbol);
        }

        String place() {
            return line == 0 ? file : file + ":" + line;
        }
    }
}
