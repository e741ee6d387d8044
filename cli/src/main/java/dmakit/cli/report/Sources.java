package dmakit.cli.report;

import dmakit.kernel.check.SourceLine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The source files of a run, each read once; a file that cannot be read has no lines. */
public final class Sources {
    /** The longest file that is quoted from, in bytes. */
    static final int FILE_BYTES_MAX = 16 << 20;

    private final Map<String, List<String>> files = new TreeMap<>();

    /** Nothing is read yet. */
    public Sources() {}

    /** The lines of a file, without their ends. */
    List<String> lines(String file) {
        return files.computeIfAbsent(file, Sources::read);
    }

    /** The line at a place, tabs expanded, without what follows its last character. */
    Optional<String> line(SourceLine place) {
        List<String> lines = lines(place.file());
        return place.line() < 1 || place.line() > lines.size()
                ? Optional.empty()
                : Optional.of(expand(lines.get(place.line() - 1))).filter(line -> !line.isBlank());
    }

    private static List<String> read(String name) {
        try {
            Path file = Path.of(name);
            if (!Files.isRegularFile(file) || Files.size(file) > FILE_BYTES_MAX) {
                return List.of();
            }
            // Comments may be in any encoding; what is not ASCII is only shown.
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException | InvalidPathException e) {
            return List.of();
        }
    }

    private static String expand(String line) {
        var expanded = new StringBuilder();
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '\t') {
                expanded.repeat(' ', 8 - expanded.length() % 8);
            } else {
                // A terminal obeys control characters; a quotation must not.
                expanded.append(Character.isISOControl(c) ? '?' : c);
            }
        }
        return expanded.toString().stripTrailing();
    }
}
