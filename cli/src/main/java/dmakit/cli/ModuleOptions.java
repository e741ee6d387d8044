package dmakit.cli;

import dmakit.cmodule.ModuleSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which module, and how it is compiled. Use as {@code @Mixin}. */
final class ModuleOptions {
    private static final Pattern VERSION = Pattern.compile("[2-9]\\.\\d{1,3}(\\.\\d{1,3})?");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,55}");

    @Parameters(
            arity = "0..*",
            paramLabel = "FILE.c",
            description = "The module's C files; several are one module.")
    private List<Path> files = List.of();

    @Option(names = "-I", paramLabel = "DIR", description = "Searched for the module's headers.")
    private List<Path> includes = List.of();

    @Option(names = "-D", paramLabel = "X[=Y]", description = "Defines a macro.")
    private List<String> defines = List.of();

    @Option(
            names = "-p",
            paramLabel = "NAME=VALUE",
            description = "A parameter of the module, as insmod takes it.")
    private List<String> parameters = List.of();

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "The module's name (default: that of its first file).")
    private @Nullable String name;

    @Option(
            names = "--kernel",
            paramLabel = "VERSION",
            defaultValue = ModuleSource.USUAL_VERSION,
            description = "The version of Linux it is compiled for (default: ${DEFAULT-VALUE}).")
    private String kernel = ModuleSource.USUAL_VERSION;

    /** Whether any file is named. */
    boolean isPresent() {
        return !files.isEmpty();
    }

    /**
     * The module.
     *
     * @throws CouldNotRun when no file is named, or one cannot be read, or an option makes no sense
     */
    ModuleSource source() {
        if (files.isEmpty()) {
            throw new CouldNotRun("no module: name its C files, as labs/c/dma_m2m.c");
        }
        files.forEach(ModuleOptions::requireReadable);
        if (!VERSION.matcher(kernel).matches()) {
            throw new CouldNotRun("--kernel " + kernel + ": wanted a version, as 6.1 or 6.12");
        }
        String given = name == null ? ModuleSource.nameOf(files.getFirst()) : name;
        if (!NAME.matcher(given).matches()) {
            throw new CouldNotRun(
                    "'%s' is no name for a module: wanted at most 55 letters, digits, _ and -; --name gives it another"
                            .formatted(given));
        }
        return new ModuleSource(
                given.replace('-', '_'),
                List.copyOf(files),
                List.copyOf(includes),
                List.copyOf(defines),
                parameters(),
                kernel);
    }

    private Map<String, String> parameters() {
        Map<String, String> byName = new LinkedHashMap<>();
        for (String parameter : parameters) {
            if (parameter.isEmpty() || parameter.startsWith("=")) {
                throw new CouldNotRun("-p " + parameter + ": wanted NAME=VALUE");
            }
            addParameter(byName, parameter);
        }
        return byName;
    }

    /** Adds a word as insmod reads it: a switch needs no value, and the last one counts. */
    static void addParameter(Map<String, String> byName, String word) {
        String[] parts = word.split("=", 2);
        byName.put(parts[0].replace('-', '_'), parts.length == 2 ? parts[1] : "");
    }

    private static void requireReadable(Path file) {
        if (!Files.exists(file)) {
            throw new CouldNotRun(file + ": no such file");
        }
        if (Files.isDirectory(file)) {
            throw new CouldNotRun(file + ": is a folder, not a C file");
        }
        if (!file.toString().endsWith(".c")) {
            throw new CouldNotRun(file + ": wanted a C file, FILE.c");
        }
        if (!Files.isReadable(file)) {
            throw new CouldNotRun(file + ": permission denied");
        }
    }
}
