package dmakit.labs;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.labs.m2m.M2mLab;
import dmakit.labs.mmap.MmapLab;
import dmakit.labs.ram2ram.Ram2RamLab;
import dmakit.machine.Machine;
import dmakit.machine.trace.JsonLines;
import dmakit.machine.trace.TraceSink;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The labs, as tests run them. */
enum Labs {
    M2M {
        @Override
        LabOutcome run(LabOptions options) {
            return M2mLab.run(options, "one-two-three");
        }
    },
    RAM2RAM {
        @Override
        LabOutcome run(LabOptions options) {
            return Ram2RamLab.run(options);
        }
    },
    MMAP {
        @Override
        LabOutcome run(LabOptions options) {
            return MmapLab.run(options, "one-two-three");
        }
    };

    /** Caches that act by themselves find what others hide. */
    static final Machine.Cache ADVERSARY = new Machine.Cache.Adversary();

    /** Everything a run shows. */
    record Run(LabOutcome outcome, List<String> console, String trace) {}

    abstract LabOutcome run(LabOptions options);

    /** Runs the lab on the real board with the adversary's caches. */
    LabOutcome run(long seed) {
        return run(options(seed, List.of(), new ArrayList<>()));
    }

    /** Runs it as {@link #run(long)} does, and keeps all it shows. */
    Run traced(long seed) {
        StringWriter trace = new StringWriter();
        List<String> console = new ArrayList<>();
        LabOutcome outcome;
        try (JsonLines lines = new JsonLines(trace)) {
            outcome = run(options(seed, List.of(lines), console));
        }
        return new Run(outcome, console, trace.toString());
    }

    /** The command that shows the same run to a reader. */
    String replay(long seed) {
        return "./dmakit lab %s --cache adversary --seed %d"
                .formatted(name().toLowerCase(Locale.ROOT), seed);
    }

    private static LabOptions options(long seed, List<TraceSink> sinks, List<String> console) {
        return new LabOptions(
                Board.of("rpi3"),
                Simulation.Options.seeded(seed).withCache(ADVERSARY),
                sinks,
                console::add);
    }
}
