package dmakit.labs;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.chardev.UserProcess;
import java.util.List;
import java.util.function.Consumer;

/** A booted machine for one lab, with its kernel log on the lab's console. */
public final class LabSession implements AutoCloseable {
    private final Simulation simulation;
    private final Consumer<String> console;

    private LabSession(Simulation simulation, Consumer<String> console) {
        this.simulation = simulation;
        this.console = console;
    }

    /**
     * Boots the board.
     *
     * @param board the lab's, with its overlay
     * @throws dmakit.board.BoardException when the board cannot be built
     */
    public static LabSession boot(Board board, LabOptions options) {
        Simulation simulation =
                Simulation.boot(board, options.machine(), options.sinks(), options.console());
        return new LabSession(simulation, options.console());
    }

    /** The kernel. */
    public Kernel kernel() {
        return simulation.kernel();
    }

    /** Starts listening to what the machine does from here on. */
    public AccountRecorder record() {
        return new AccountRecorder(simulation.machine());
    }

    /** The mistakes that were seen until now. */
    public List<LabFinding> findings() {
        return LabFinding.of(simulation.kernel().findings());
    }

    /** Shows a line of a program or of its user. */
    public void say(String line) {
        console.accept(line);
    }

    /** Runs kernel code, as loading a module does, to its end. */
    public void inKernel(String task, Runnable body) {
        simulation.kernel().run(task, body);
    }

    /** Runs a program in a process of its own to its end; what it throws comes out here. */
    public void program(String name, Consumer<UserProcess> main) {
        simulation.kernel().runProcess(name, main);
    }

    @Override
    public void close() {
        simulation.close();
    }
}
