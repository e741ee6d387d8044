package dmakit.kernel.check;

import dmakit.machine.time.Clock;
import java.lang.StackWalker.StackFrame;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The mistakes seen in one simulation.
 *
 * <pre>{@code
 * findings.report(FindingId.UNMAP_SIZE, "unmapped %d bytes, mapped %d", size, mapping.size())
 *         .site(Role.MAPPED, mapping.site())
 *         .device(device.name())
 *         .add();
 * }</pre>
 *
 * <p>Nothing is looked for until {@link #enable}d; then keeping {@link #here sites} costs time, but
 * no simulated time.
 */
public final class Findings {
    /** Different findings kept; later ones are counted only. */
    public static final int KEPT_MAX = 10_000;

    private static final int FRAME_COUNT_MAX = 64;

    /** Whose frames are under those of a task, and above those of who waits for it. */
    private static final String BELOW_TASKS = "dmakit.machine.task.";

    private static final StackWalker WALKER = StackWalker.getInstance();

    private final Clock clock;
    private final Map<Finding.Key, Finding> kept = new LinkedHashMap<>();
    private final List<Doubt> doubts = new ArrayList<>();
    private final Map<SourceLine, Long> javaSites = new LinkedHashMap<>();
    private final List<SourceLine> javaLines = new ArrayList<>();
    private final List<Consumer<Finding>> listeners = new ArrayList<>();
    private final List<Runnable> beginners = new ArrayList<>();
    private final DebugLog debugLog = new DebugLog();
    private @Nullable SiteSource foreign;
    private boolean enabled;
    private long dropped;

    /** A finding that is none any more as soon as its excuse holds. */
    private record Doubt(Finding finding, BooleanSupplier excuse) {}

    /** Creates an empty, disabled collection. */
    public Findings(Clock clock) {
        this.clock = clock;
    }

    /** Begins to look for mistakes. */
    public void enable() {
        if (!enabled) {
            enabled = true;
            beginners.forEach(Runnable::run);
        }
    }

    /** Sets what begins to keep more as soon as mistakes are looked for; at once where they are. */
    public void onEnable(Runnable begin) {
        beginners.add(begin);
        if (enabled) {
            begin.run();
        }
    }

    /** Says that {@link #linuxSays} will tell everything {@code CONFIG_DMA_API_DEBUG} says. */
    public void linuxIsHeard() {
        debugLog.begin();
    }

    /** Tells what {@code CONFIG_DMA_API_DEBUG} says of the call a driver just made. */
    public void linuxSays(DmaDebugText text) {
        debugLog.hear(text, clock.now());
    }

    /** Whether mistakes are looked for; whoever would have to keep more for that asks first. */
    public boolean isEnabled() {
        return enabled;
    }

    /** Sets who knows the places of driver code that is not Java. */
    public void foreignSites(@Nullable SiteSource source) {
        foreign = source;
    }

    /** Hears of every finding when it is first seen. */
    public void addListener(Consumer<Finding> listener) {
        listeners.add(listener);
    }

    /**
     * Where the driver is that called the kernel just now: a number, to be read by {@link #lineOf}.
     * 0 while nothing is looked for.
     */
    public long here() {
        if (!enabled) {
            return 0;
        }
        SiteSource source = foreign;
        long site = source == null ? 0 : source.here();
        return site != 0 ? site : javaSite();
    }

    private long javaSite() {
        StackFrame driver = WALKER.walk(Findings::driverIn);
        if (driver == null) {
            return 0;
        }
        String file = String.valueOf(driver.getFileName());
        var line = new SourceLine(file, driver.getLineNumber(), driver.getMethodName());
        Long known = javaSites.get(line);
        if (known != null) {
            return known;
        }
        javaLines.add(line);
        javaSites.put(line, (long) javaLines.size());
        return javaLines.size();
    }

    private static @Nullable StackFrame driverIn(Stream<StackFrame> frames) {
        Iterator<StackFrame> at = frames.iterator();
        for (int depth = 0; depth < FRAME_COUNT_MAX && at.hasNext(); depth++) {
            StackFrame frame = at.next();
            if (frame.getClassName().startsWith(BELOW_TASKS)) {
                return null;
            }
            if (isDriver(frame)) {
                return frame;
            }
        }
        return null;
    }

    /** Neither the kernel's own rooms nor the JDK. */
    private static boolean isDriver(StackFrame frame) {
        String type = frame.getClassName();
        if (type.startsWith("dmakit.kernel.")) {
            return type.startsWith("dmakit.kernel.drivers.")
                    || type.startsWith("dmakit.kernel.dmatest.")
                    || type.endsWith("Test")
                    || type.contains("Test$");
        }
        return !type.startsWith("dmakit.machine.")
                && !type.startsWith("dmakit.hardware.")
                && !type.startsWith("dmakit.cmodule.")
                && !type.startsWith("java.")
                && !type.startsWith("jdk.");
    }

    /** The line of a site; {@link SourceLine#UNKNOWN} for 0. */
    public SourceLine lineOf(long site) {
        if (site == 0) {
            return SourceLine.UNKNOWN;
        }
        if ((site & SiteSource.FOREIGN) != 0) {
            SiteSource source = foreign;
            return source == null ? SourceLine.UNKNOWN : source.lineOf(site);
        }
        return javaLines.get((int) site - 1);
    }

    /** Begins a finding whose message is formatted as {@link String#format} does. */
    public Draft report(FindingId id, String format, Object... values) {
        return new Draft(id, values.length == 0 ? format : String.format(format, values), here());
    }

    /** A finding that is being written. Nothing happens before {@link #add}. */
    public final class Draft {
        private final FindingId id;
        private final String message;
        private final List<Finding.Place> places = new ArrayList<>();
        private long site;
        private String device = "";
        private String channel = "";
        private @Nullable String linux;
        private @Nullable BooleanSupplier excuse;

        private Draft(FindingId id, String message, long site) {
            this.id = id;
            this.message = message;
            this.site = site;
        }

        /** The access or call that showed it, where that is not the current call; 0 for none. */
        public Draft at(long shownAt) {
            site = shownAt;
            return this;
        }

        /** A place before; one that is unknown, 0, is left out. */
        public Draft site(Role role, long where) {
            if (where != 0) {
                places.add(new Finding.Place(role, where));
            }
            return this;
        }

        /** The device concerned. */
        public Draft device(String name) {
            device = name;
            return this;
        }

        /** The channel concerned. */
        public Draft channel(String name) {
            channel = name;
            return this;
        }

        /** What Linux says of it, where that is not what it says most often. */
        public Draft linux(String text) {
            linux = text;
            return this;
        }

        /**
         * What would make it none, where that can still come: asked whenever findings are read.
         * Listeners do not hear of such a finding.
         */
        public Draft unless(BooleanSupplier held) {
            excuse = held;
            return this;
        }

        /** Adds it, or counts it where it is known; does nothing while nothing is looked for. */
        public void add() {
            if (!enabled) {
                return;
            }
            var finding =
                    new Finding(
                            id,
                            message,
                            site,
                            List.copyOf(places),
                            device,
                            channel,
                            1,
                            linux == null ? debugLog.about(id, clock.now()) : linux,
                            clock.now());
            if (excuse == null) {
                Findings.this.add(finding);
            } else if (doubts.size() == KEPT_MAX) {
                dropped++;
            } else {
                doubts.add(new Doubt(finding, excuse));
            }
        }
    }

    private void add(Finding finding) {
        Finding.Key key = finding.key();
        Finding known = kept.get(key);
        if (known != null) {
            kept.put(key, known.again());
        } else if (kept.size() == KEPT_MAX) {
            dropped++;
        } else {
            kept.put(key, finding);
            listeners.forEach(listener -> listener.accept(finding));
        }
    }

    /** What is certain, and what has no excuse until now, in the order in which it was seen. */
    private Collection<Finding> told() {
        if (doubts.isEmpty()) {
            return kept.values();
        }
        Map<Finding.Key, Finding> all = new LinkedHashMap<>(kept);
        for (Doubt doubt : doubts) {
            if (!doubt.excuse().getAsBoolean()) {
                all.merge(doubt.finding().key(), doubt.finding(), Finding::and);
            }
        }
        return all.values().stream().sorted(Comparator.comparingLong(Finding::timePs)).toList();
    }

    /** Reads all lines that the findings name at once, before {@link #lineOf} is asked for each. */
    public void prepareLines() {
        SiteSource source = foreign;
        if (source == null) {
            return;
        }
        List<Long> sites = new ArrayList<>();
        for (Finding finding : told()) {
            sites.add(finding.site());
            finding.sites().forEach(place -> sites.add(place.site()));
        }
        sites.removeIf(site -> (site & SiteSource.FOREIGN) == 0);
        source.prepare(sites);
    }

    /**
     * All findings, in the order in which they were first seen. Those of several instructions of
     * one line, with the same places before, are one.
     */
    public List<Finding> all() {
        Map<List<Object>, Finding> byLine = new LinkedHashMap<>();
        for (Finding finding : told()) {
            List<Object> lines = new ArrayList<>();
            lines.add(finding.id());
            lines.add(finding.site() == 0 ? finding.message() : lineOf(finding.site()));
            for (Finding.Place place : finding.sites()) {
                lines.add(place.role());
                lines.add(lineOf(place.site()));
            }
            byLine.merge(lines, finding, Finding::and);
        }
        return List.copyOf(byLine.values());
    }

    /** Findings beyond {@value #KEPT_MAX} different ones. */
    public long dropped() {
        return dropped;
    }
}
