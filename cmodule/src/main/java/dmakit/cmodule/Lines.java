package dmakit.cmodule;

import dmakit.kernel.check.SourceLine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the lines of places in modules, with the debugger's tables that the compiler wrote. */
final class Lines {
    private static final Pattern PLACE = Pattern.compile("^(.*):(\\d+|\\?)(?: \\(.*\\))?$");
    private static final long OFFSET_MASK = (1L << Abi.SITE_MODULE_SHIFT) - 1;

    private final Path headers;
    private final Map<Integer, Path> modules = new HashMap<>();
    private final Map<Long, List<SourceLine>> known = new HashMap<>();

    /**
     * Creates one that knows no module.
     *
     * @param headers files below are not the modules' own
     */
    Lines(Path headers) {
        this.headers = headers;
    }

    /** Adds a module, whose file has to stay. */
    void add(int number, Path module) {
        modules.put(number, module);
    }

    /** The module's number of a site. */
    static int moduleOf(long site) {
        return (int) ((site & ~dmakit.kernel.check.SiteSource.FOREIGN) >> Abi.SITE_MODULE_SHIFT);
    }

    /** The line of a site: the innermost one in the module's own files. */
    SourceLine lineOf(long site) {
        List<SourceLine> frames = framesOf(site);
        for (SourceLine frame : frames) {
            if (!Path.of(frame.file()).startsWith(headers)) {
                return frame;
            }
        }
        return frames.isEmpty() ? SourceLine.UNKNOWN : frames.getFirst();
    }

    /** The functions at a site, the inlined ones first; empty when nothing is known. */
    List<SourceLine> framesOf(long site) {
        return known.computeIfAbsent(site, this::read);
    }

    private List<SourceLine> read(long site) {
        Path module = modules.get(moduleOf(site));
        if (module == null) {
            return List.of();
        }
        String offset = "0x" + Long.toHexString(site & OFFSET_MASK);
        Compiler.Outcome outcome =
                Compiler.run(
                        "addr2line",
                        Path.of("").toAbsolutePath(),
                        List.of("-f", "-i", "-e", module.toString(), offset));
        return outcome.isFine() ? parse(outcome.output()) : List.of();
    }

    /** Pairs of lines: a function, and its place. */
    private static List<SourceLine> parse(String output) {
        var frames = new ArrayList<SourceLine>();
        List<String> lines = output.lines().toList();
        for (int i = 0; i + 1 < lines.size(); i += 2) {
            Matcher place = PLACE.matcher(lines.get(i + 1));
            if (place.matches() && !place.group(1).equals("??")) {
                int line = place.group(2).equals("?") ? 0 : Integer.parseInt(place.group(2));
                frames.add(new SourceLine(place.group(1), line, lines.get(i)));
            }
        }
        return List.copyOf(frames);
    }
}
