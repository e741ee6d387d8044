package dmakit.board;

import dmakit.devicetree.DeviceTreeException;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.boot.Misuse;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.cpu.CpuFault;
import dmakit.machine.task.Deadlock;
import dmakit.machine.trace.TraceSink;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A machine built from a board, with a kernel booted on it. It owns everything of one run; any
 * number of them live side by side.
 *
 * <pre>{@code
 * try (var simulation = Simulation.boot(Board.of("rpi3"), Simulation.Options.seeded(7))) {
 *     simulation.kernel().run("insmod", () -> ...);
 * }
 * }</pre>
 */
public final class Simulation implements AutoCloseable {
    private final Board board;
    private final Machine machine;
    private final Kernel kernel;

    /**
     * How a board is run.
     *
     * @param seed where all chance comes from
     * @param cache what the CPU's caches do by their own choice; empty for what the board has
     * @param commandLine of the kernel
     * @param misuse what becomes of drivers' mistakes
     */
    public record Options(
            long seed, Optional<Machine.Cache> cache, String commandLine, Misuse misuse) {
        /** Misuse of the mapping API is thrown. */
        public Options(long seed, Optional<Machine.Cache> cache, String commandLine) {
            this(seed, cache, commandLine, Misuse.THROWN);
        }

        /** The board's own caches, no command line. */
        public static Options seeded(long seed) {
            return new Options(seed, Optional.empty(), "");
        }

        /** The same with other caches. */
        public Options withCache(Machine.Cache other) {
            return new Options(seed, Optional.of(other), commandLine, misuse);
        }

        /** The same, with mistakes looked for from the kernel's first step on. */
        public Options withFindings() {
            return new Options(seed, cache, commandLine, Misuse.FOUND);
        }
    }

    private Simulation(Board board, Machine machine, SpareParts spareParts, Kernel kernel) {
        this.board = board;
        this.machine = machine;
        kernel.standIns(spareParts);
        this.kernel = kernel;
    }

    /**
     * Boots a board that nobody watches.
     *
     * @throws BoardException when the machine cannot be built
     */
    public static Simulation boot(Board board, Options options) {
        return boot(board, options, List.of(), _ -> {});
    }

    /**
     * Boots a board.
     *
     * @param sinks hear every event from power-on
     * @param console takes each line of the kernel log as it comes
     * @throws BoardException when the machine cannot be built
     */
    public static Simulation boot(
            Board board, Options options, List<TraceSink> sinks, Consumer<String> console) {
        Machine machine = build(board, options);
        try {
            sinks.forEach(machine.trace()::addSink);
            InterruptLines lines = new InterruptLines(machine.interrupts(), board.tree());
            List<PciSlots> bridges = Chips.install(machine, board.tree(), lines);
            PciSlots slots = bridges.isEmpty() ? null : bridges.getFirst();
            SpareParts spareParts = new SpareParts(machine, board.tree(), slots);
            return new Simulation(
                    board,
                    machine,
                    spareParts,
                    Kernel.boot(
                            machine,
                            board.tree(),
                            lines,
                            console,
                            options.commandLine(),
                            options.misuse()));
        } catch (DeviceTreeException | KernelException | CpuFault | Deadlock e) {
            machine.close();
            throw new BoardException(
                    "the kernel does not boot on %s: %s".formatted(board, e.getMessage()), e);
        } catch (RuntimeException e) {
            machine.close();
            throw e;
        }
    }

    private static Machine build(Board board, Options options) {
        try {
            return new Machine(
                    new Machine.Config(
                            board.ram(),
                            board.isCoherent(),
                            options.cache().orElseGet(board::cache),
                            CostTable.CORTEX_A53,
                            options.seed()));
        } catch (DeviceTreeException | IllegalArgumentException e) {
            throw new BoardException(String.valueOf(e.getMessage()), e);
        }
    }

    /** The board it was built from. */
    public Board board() {
        return board;
    }

    /** The machine. */
    public Machine machine() {
        return machine;
    }

    /** The kernel on it. */
    public Kernel kernel() {
        return kernel;
    }

    /** Shuts the kernel down and gives all memory back. */
    @Override
    public void close() {
        try {
            kernel.close();
        } finally {
            machine.close();
        }
    }
}
