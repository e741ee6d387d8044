package dmakit.cmodule;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** What the files of a module are called: as the user named them, whatever tools make of that. */
final class GivenNames {
    private final Path here = absolute(Path.of(""));
    private final Map<Path, String> names = new HashMap<>();

    GivenNames(ModuleSource source) {
        source.files().forEach(file -> names.put(absolute(file), file.toString()));
    }

    /** As on the command line; a header by the way to it from here, where there is one. */
    String of(String file) {
        Path whole = absolute(Path.of(file));
        String given = names.get(whole);
        if (given != null) {
            return given;
        }
        return (whole.startsWith(here) ? here.relativize(whole) : whole).toString();
    }

    private static Path absolute(Path file) {
        return file.toAbsolutePath().normalize();
    }
}
