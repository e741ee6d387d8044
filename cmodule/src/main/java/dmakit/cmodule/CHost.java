package dmakit.cmodule;

import dmakit.machine.Check;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.cpu.MemoryType;
import dmakit.machine.cpu.PageTable;
import dmakit.machine.memory.Ram;
import dmakit.machine.memory.SharedSegment;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The process that runs C code for one machine, on the machine's own RAM and addresses.
 *
 * <p>Either this side runs or the process does, never both: a conversation is a stack. While C code
 * waits for the answer to a call, a function of it may be {@linkplain #run run}, which may call in
 * turn; the answers come in reverse order.
 *
 * <pre>
 *  simulator    --run f-->                    f starts
 *               &lt;--call wait_for_completion-- f waits; its task blocks, others go on
 *               --run callback-->             an interrupt came: the callback starts
 *               &lt;--call complete--
 *               --answer-->
 *               &lt;--return--                   the callback has ended
 *               --answer-->                   the task was woken: f goes on
 *               &lt;--return--                   f has ended
 * </pre>
 *
 * <p>Simulated time that C code takes is spent whenever it calls or returns.
 */
final class CHost implements AutoCloseable {
    private static final int LAST_WORDS_MS = 2_000;
    private static final int ERROR_TEXT_LENGTH_MAX = 2_000;

    private final Machine machine;
    private final Path folder;
    private final Duration patience;
    private final Process process;
    private final Lane lane;
    private final PageTable.Observer changes = new Changes();
    private final Lane.Watch watch = this::look;
    private Server server = CHost::nothingServed;
    private Consumer<HostEnded> mourner = _ -> {};
    private boolean ready;
    private boolean ended;
    private int depth;

    private CHost(Machine machine, Path folder, Duration patience, Lane lane, Process process) {
        this.machine = machine;
        this.folder = folder;
        this.patience = patience;
        this.lane = lane;
        this.process = process;
    }

    /**
     * Starts the process; it is not waited for before it is needed.
     *
     * @param folder of this run; the process removes it when this JVM dies, and puts nothing there
     * @param patience how long C code may go on without calling the kernel
     */
    static CHost start(Machine machine, HostBuild build, Path folder, Duration patience) {
        return start(machine, build, folder, patience, Abi.SPIN_COUNT_USUAL);
    }

    /** As above, with another number of looks at the turn before a wait sleeps. */
    static CHost start(
            Machine machine, HostBuild build, Path folder, Duration patience, int spinCount) {
        var lane = new Lane(spinCount);
        try {
            describe(machine.ram(), lane);
            var builder =
                    new ProcessBuilder(
                            build.program().toString(),
                            Long.toString(ProcessHandle.current().pid()),
                            Integer.toString(lane.descriptor()),
                            folder.toString());
            builder.environment().clear();
            File errors = errorFile(folder).toFile();
            Process process =
                    builder.directory(folder.toFile())
                            .redirectError(errors)
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(errors))
                            .start();
            return new CHost(machine, folder, patience, lane, process);
        } catch (IOException e) {
            lane.close();
            throw new UncheckedIOException("cannot start " + build.program(), e);
        } catch (RuntimeException e) {
            lane.close();
            throw e;
        }
    }

    private static void describe(Ram ram, Lane lane) {
        Check.argument(
                ram.banks().size() <= Abi.BANK_COUNT_MAX,
                "%d banks of RAM, a host of C modules takes %d",
                ram.banks().size(),
                Abi.BANK_COUNT_MAX);
        lane.setInt(Abi.COHERENT, ram.isCoherent() ? 1 : 0);
        lane.setInt(Abi.DRAM_FD, descriptor(ram.dramShare()));
        lane.setInt(Abi.CPU_FD, descriptor(ram.cpuShare()));
        lane.setInt(Abi.LINES_FD, descriptor(ram.linesShare()));
        lane.setInt(Abi.BANK_COUNT, ram.banks().size());
        lane.setLong(Abi.RAM_SIZE, ram.size());
        int at = Abi.BANKS;
        for (Ram.Bank bank : ram.banks()) {
            lane.setLong(at, bank.base());
            lane.setLong(at + 8, bank.size());
            at += 16;
        }
    }

    private static int descriptor(SharedSegment share) {
        return share.descriptor().orElse(-1);
    }

    /**
     * Chooses who answers the calls of C code.
     *
     * @param onEnd hears of the end of the process before anybody catches it
     */
    void serveWith(Server chosen, Consumer<HostEnded> onEnd) {
        server = chosen;
        mourner = onEnd;
    }

    /** What the two sides share; a {@link Server} may put values there beside its result. */
    Lane lane() {
        return lane;
    }

    /** The process. */
    ProcessHandle handle() {
        return process.toHandle();
    }

    // Wishes.

    /**
     * Loads a compiled module.
     *
     * @throws CompileFailed when the dynamic linker refuses it
     * @throws HostEnded when the process does not live to tell
     */
    void load(Path module) {
        prepare();
        lane.text(module.toString());
        if (ask(Abi.KIND_LOAD, 0) != 0) {
            throw new CompileFailed("cannot load the module: " + lane.text(), List.of());
        }
    }

    /** The function that a variable of the module points to, or 0 without such a variable. */
    long function(String variable) {
        prepare();
        lane.text(variable);
        return ask(Abi.KIND_FUNCTION, 0);
    }

    /**
     * Runs a function of C code to its end, in the current context of this side.
     *
     * @param function its address, not 0
     * @return what it returned; meaningless for {@code void}
     * @throws HostEnded when the process does not live to see the end
     */
    long run(long function, long a, long b, long c, long d) {
        prepare();
        lane.arg(0, a);
        lane.arg(1, b);
        lane.arg(2, c);
        lane.arg(3, d);
        return ask(Abi.KIND_RUN, function);
    }

    /** Sends a wish and serves calls until it is fulfilled. */
    private long ask(int kind, long value) {
        lane.kind(kind);
        lane.result(value);
        int mine = ++depth;
        while (true) {
            machine.cpu().settle();
            lane.giveTurn();
            lane.awaitTurn(watch);
            switch (lane.kind()) {
                case Abi.KIND_RETURN -> {
                    long result = lane.result();
                    spend();
                    depth--;
                    return result;
                }
                case Abi.KIND_CALL -> serve(mine);
                default -> throw mourned(lastWords());
            }
        }
    }

    private void serve(int mine) {
        Service service = lane.service();
        String text = service.hasText() ? lane.text() : "";
        long a = lane.arg(0);
        long b = lane.arg(1);
        long c = lane.arg(2);
        long d = lane.arg(3);
        long e = lane.arg(4);
        long f = lane.arg(5);
        long result;
        try {
            // From here on an interrupt may run functions over there, and write on the lane.
            spend();
            result = server.serve(service, text, a, b, c, d, e, f);
        } catch (RuntimeException | Error unanswered) {
            // C code cannot be unwound: there is no answer that it could go on with.
            end();
            throw unanswered;
        }
        Check.invariant(
                depth == mine,
                "%s is answered while %d later functions run: two tasks on one lane",
                service,
                depth - mine);
        lane.kind(Abi.KIND_ANSWER);
        lane.result(result);
    }

    private void spend() {
        CostTable cost = machine.cpu().cost();
        long accesses = lane.take(Abi.ACCESSES);
        long uncached = lane.take(Abi.UNCACHED);
        long linesCopied = lane.take(Abi.LINES_COPIED);
        machine.cpu()
                .spend(
                        accesses * cost.access()
                                + uncached * cost.uncachedAccess()
                                + linesCopied * cost.copyLine());
    }

    // Beginning.

    private void prepare() {
        if (ended) {
            throw new IllegalStateException("the host process of C modules has ended");
        }
        if (ready) {
            return;
        }
        lane.awaitTurn(watch);
        if (lane.kind() != Abi.KIND_READY) {
            throw mourned(lastWords());
        }
        ready = true;
        machine.cpu().kernelTable().observe(changes);
    }

    /** Changes of the kernel's mappings: they go with the next message, before anything runs. */
    private final class Changes implements PageTable.Observer {
        @Override
        public void mapped(long va, long phys, long bytes, MemoryType type) {
            int code =
                    switch (type) {
                        case WRITE_BACK -> Abi.TYPE_WRITE_BACK;
                        case WRITE_COMBINE -> Abi.TYPE_WRITE_COMBINE;
                        case DEVICE -> Abi.TYPE_DEVICE;
                    };
            add(va, phys, bytes, code);
        }

        @Override
        public void unmapped(long va, long bytes) {
            add(va, 0, bytes, Abi.TYPE_UNMAPPED);
        }

        private void add(long va, long phys, long bytes, int type) {
            if (ended) {
                return;
            }
            if (lane.isFullOfChanges()) {
                ask(Abi.KIND_APPLY, 0);
            }
            lane.addChange(va, phys, bytes, type);
        }
    }

    // End.

    /** Called now and then while the process has the turn and keeps it. */
    private void look(long waitedMs) {
        if (!process.isAlive()) {
            throw mourned(vanished());
        }
        if (waitedMs > patience.toMillis()) {
            throw mourned(stuck());
        }
    }

    private HostEnded mourned(HostEnded ended) {
        mourner.accept(ended);
        return ended;
    }

    private HostEnded vanished() {
        int status = process.exitValue();
        String errors = errors();
        end();
        String how =
                status > 128
                        ? "was ended by signal " + (status - 128)
                        : "ended itself with status " + status;
        return new HostEnded(
                "the process of the C module " + how + (errors.isEmpty() ? "" : ": " + errors),
                List.of());
    }

    /** Lets the process say where it is, and ends it. */
    private HostEnded stuck() {
        // Process.destroy() would also close the pipe, by which the process knows that we live.
        process.toHandle().destroy();
        try {
            lane.awaitTurn(waitedMs -> {
                if (waitedMs > LAST_WORDS_MS || !process.isAlive()) {
                    throw new HostEnded("", List.of());
                }
            });
        } catch (HostEnded _) {
            end();
            return new HostEnded(stuckMessage(), List.of());
        }
        List<String> trace = Backtrace.of(lane, folder);
        end();
        return new HostEnded(stuckMessage(), trace);
    }

    private String stuckMessage() {
        return "the C module ran for "
                + patience.toSeconds()
                + " s without calling the kernel: an endless loop";
    }

    /** What the process said before it ended by itself. */
    private HostEnded lastWords() {
        int kind = lane.kind();
        if (kind == Abi.KIND_CRASHED) {
            String message = Backtrace.message(lane);
            List<String> trace = Backtrace.of(lane, folder);
            end();
            return new HostEnded(message, trace);
        }
        String message =
                kind == Abi.KIND_REFUSED ? lane.text() : "said what nobody understands: " + kind;
        end();
        return new HostEnded("the process of C modules: " + message, List.of());
    }

    private String errors() {
        try {
            byte[] bytes = Files.readAllBytes(errorFile(folder));
            int length = Math.min(bytes.length, ERROR_TEXT_LENGTH_MAX);
            return new String(bytes, 0, length, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private static Path errorFile(Path folder) {
        return folder.resolve("host.err");
    }

    private void end() {
        if (ended) {
            return;
        }
        ended = true;
        machine.cpu().kernelTable().forget(changes);
        process.destroyForcibly();
        boolean interrupted = false;
        while (process.isAlive()) {
            try {
                if (process.waitFor(LAST_WORDS_MS, TimeUnit.MILLISECONDS)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the process, whatever it is doing. */
    @Override
    public void close() {
        end();
        lane.close();
    }

    private static long nothingServed(
            Service service, String text, long a, long b, long c, long d, long e, long f) {
        throw new IllegalStateException("nobody answers " + service);
    }
}
