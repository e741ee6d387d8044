package dmakit.cmodule;

import dmakit.kernel.check.SiteSource;
import dmakit.kernel.check.SourceLine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the lines of places in modules, with the debugger's tables that the compiler wrote. */
final class Lines {
    private static final Pattern PLACE = Pattern.compile("^(.*):(\\d+|\\?)(?: \\(.*\\))?$");
    private static final long OFFSET_MASK = (1L << Abi.SITE_MODULE_SHIFT) - 1;

    /** Sites read by one run of the debugger's tool; a command line has a length. */
    private static final int SITES_AT_ONCE_MAX = 1_000;

    private final Path headers;
    private final Map<Integer, Module> modules = new HashMap<>();
    private final Map<Long, List<SourceLine>> known = new HashMap<>();

    /**
     * A module's file, and what its sources are called.
     *
     * @param file that was loaded
     * @param names as given
     */
    private record Module(Path file, GivenNames names) {}

    /**
     * Creates one that knows no module.
     *
     * @param headers files below are not the modules' own
     */
    Lines(Path headers) {
        this.headers = headers.toAbsolutePath().normalize();
    }

    /** Adds a module, whose file has to stay. */
    void add(int number, Path file, ModuleSource source) {
        modules.put(number, new Module(file, new GivenNames(source)));
    }

    /** The module's number of a site. */
    static int moduleOf(long site) {
        return (int) ((site & ~SiteSource.FOREIGN) >> Abi.SITE_MODULE_SHIFT);
    }

    /** The line of a site: the innermost one in the module's own files. */
    SourceLine lineOf(long site) {
        List<SourceLine> frames = framesOf(site);
        for (SourceLine frame : frames) {
            if (!Path.of(frame.file()).toAbsolutePath().normalize().startsWith(headers)) {
                return frame;
            }
        }
        return frames.isEmpty() ? SourceLine.UNKNOWN : frames.getFirst();
    }

    /** The functions at a site, the inlined ones first; empty when nothing is known. */
    List<SourceLine> framesOf(long site) {
        read(List.of(site));
        return known.getOrDefault(site, List.of());
    }

    /** Reads the lines of many sites, which is quicker than one by one. */
    void read(Collection<Long> sites) {
        var wanted = new TreeMap<Integer, List<Long>>();
        for (long site : new TreeSet<>(sites)) {
            if (!known.containsKey(site) && modules.containsKey(moduleOf(site))) {
                wanted.computeIfAbsent(moduleOf(site), _ -> new ArrayList<>()).add(site);
            }
        }
        wanted.forEach((number, ofModule) -> {
            for (int from = 0; from < ofModule.size(); from += SITES_AT_ONCE_MAX) {
                int to = Math.min(ofModule.size(), from + SITES_AT_ONCE_MAX);
                read(number, ofModule.subList(from, to));
            }
        });
    }

    private void read(int number, List<Long> sites) {
        Module module = Objects.requireNonNull(modules.get(number));
        var arguments =
                new ArrayList<String>(List.of("-a", "-f", "-i", "-e", module.file().toString()));
        sites.forEach(site -> arguments.add("0x" + Long.toHexString(site & OFFSET_MASK)));
        Compiler.Outcome outcome =
                Compiler.run("addr2line", Path.of("").toAbsolutePath(), arguments);
        if (!outcome.isFine()) {
            return;
        }
        String[] answers = outcome.output().split("(?m)^0x[0-9a-f]+\\R", -1);
        for (int i = 0; i < sites.size() && i + 1 < answers.length; i++) {
            known.put(sites.get(i), parse(answers[i + 1], module));
        }
    }

    /** Pairs of lines: a function, and its place. */
    private static List<SourceLine> parse(String output, Module module) {
        var frames = new ArrayList<SourceLine>();
        List<String> lines = output.lines().toList();
        for (int i = 0; i + 1 < lines.size(); i += 2) {
            Matcher place = PLACE.matcher(lines.get(i + 1));
            if (place.matches() && !place.group(1).equals("??")) {
                int line = place.group(2).equals("?") ? 0 : Integer.parseInt(place.group(2));
                frames.add(new SourceLine(module.names().of(place.group(1)), line, lines.get(i)));
            }
        }
        return List.copyOf(frames);
    }
}
