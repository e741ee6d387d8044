package dmakit.cmodule;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What one module is made of.
 *
 * @param name as {@code lsmod} shows it
 * @param files its C files, at least one
 * @param includes folders searched for its own headers
 * @param defines as {@code NAME} or {@code NAME=VALUE}
 * @param parameters by name, as {@code insmod} takes them
 * @param kernelVersion as {@code 6.12}
 */
public record ModuleSource(
        String name,
        List<Path> files,
        List<Path> includes,
        List<String> defines,
        Map<String, String> parameters,
        String kernelVersion) {
    /** The version of Linux that modules are told unless they ask for another. */
    public static final String USUAL_VERSION = "6.12";

    /** A module of files, with nothing else said. */
    public static ModuleSource of(Path first, Path... more) {
        var files = new java.util.ArrayList<Path>(List.of(first));
        files.addAll(List.of(more));
        return new ModuleSource(
                nameOf(first), List.copyOf(files), List.of(), List.of(), Map.of(), USUAL_VERSION);
    }

    /** The module's name after its source, as Kbuild makes it. */
    public static String nameOf(Path source) {
        Path file = source.getFileName();
        String name = file == null ? "" : file.toString();
        return name.replaceFirst("\\.c$", "").replace('-', '_');
    }
}
