package dmakit.cmodule;

import dmakit.kernel.KernelException;
import dmakit.kernel.sched.KernelBug;
import dmakit.machine.Check;
import dmakit.machine.InvariantViolation;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.cpu.MemoryType;
import dmakit.machine.cpu.PageTable;
import dmakit.machine.memory.Ram;
import dmakit.machine.memory.SharedSegment;
import dmakit.machine.task.Task;
import dmakit.machine.time.Clock;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The process that runs C code for one machine, on the machine's own RAM and addresses.
 *
 * <p>Either this side runs or the process does, never both. Each task that runs C code has a lane,
 * for as long as it runs some; a conversation on a lane is a stack. While C code waits for the
 * answer to a call, a function of it may be {@linkplain #run run} in the same task, which may call
 * in turn; the answers come in reverse order.
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
 * <p>Simulated time that C code takes is spent whenever it calls or returns; it calls at the latest
 * when the next event is due.
 */
public final class CHost implements AutoCloseable {
    /** The service that only lets time pass, and interrupts in. */
    private static final String TICK = "tick";

    private static final int LAST_WORDS_MS = 2_000;
    private static final int ERROR_TEXT_LENGTH_MAX = 2_000;

    /** Accesses between two looks at the clock. */
    private static final long BUDGET_MIN = 64;

    private static final long BUDGET_MAX = 1 << 20;

    /** C code that runs as long without any call to the kernel is in an endless loop. */
    private static final long LOCKUP_PS = 2_000_000_000_000L;

    private final Machine machine;
    private final Path folder;
    private final Duration patience;
    private final Process process;
    private final Lane control;
    private final List<Lane> lanes = new ArrayList<>();
    private final IdentityHashMap<Object, Conversation> conversations = new IdentityHashMap<>();
    private final Deque<Conversation> free = new ArrayDeque<>();
    private final PageTable.Observer changes = new Changes();
    private final Lane.Watch watch = this::look;
    private final Object idle = new Object();
    private @Nullable Object lastTask;
    private @Nullable Conversation last;
    private @Nullable Conversation latest;

    /** Functions that run for its owner on the conversation that is lent to idle; 0: none is. */
    private int lentAt;

    private Handler[] handlers = {};
    private Function<String, @Nullable Handler> wanted = _ -> null;
    private Consumer<HostEnded> mourner = _ -> {};
    private Balance balance = new NothingToBalance();
    private Function<Lane, List<String>> backtrace = _ -> List.of();
    private int tick;
    private boolean ready;
    private boolean ended;

    /** Nobody looks. */
    private static final class NothingToBalance implements Balance {
        @Override
        public long mark() {
            return 0;
        }

        @Override
        public void check(long before) {}
    }

    /** Something that lies on a stack of C code for as long as its function runs. */
    private record OnStack(long address, Runnable gone) {}

    /** What one task has to do with C code at the moment. */
    private static final class Conversation {
        final Lane lane;
        final List<Call> calls = new ArrayList<>();
        final Deque<OnStack> onStack = new ArrayDeque<>();
        int runCount;
        int callCount;
        long aloneSincePs;

        Conversation(Lane lane) {
            this.lane = lane;
        }

        Call push() {
            if (callCount == calls.size()) {
                calls.add(new Call());
            }
            return calls.get(callCount++);
        }

        /** The stack reaches down to here; what lay deeper is gone. */
        void stackReaches(long stackPointer) {
            OnStack deepest = onStack.peek();
            while (deepest != null && deepest.address < stackPointer) {
                onStack.pop();
                deepest.gone.run();
                deepest = onStack.peek();
            }
        }

        @Nullable Call current() {
            return callCount == 0 ? null : calls.get(callCount - 1);
        }
    }

    private CHost(Machine machine, Path folder, Duration patience, Lane control, Process process) {
        this.machine = machine;
        this.folder = folder;
        this.patience = patience;
        this.control = control;
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
        var lane = new Lane(spinCount, Abi.TURN_HOST);
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
        lane.setInt(
                Abi.SHADOW_FD,
                ram.shadow().isOn() ? descriptor(ram.shadow().share()) : Abi.NO_DESCRIPTOR);
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
     * Chooses who answers the calls of C code, before anything is asked of the process.
     *
     * @param handlerOf the handler of each service the process has, by name
     * @param traceOf reads where the C code was, in words
     * @param onEnd hears of the end of the process before anybody catches it
     */
    void serveWith(
            Function<String, @Nullable Handler> handlerOf,
            Function<Lane, List<String>> traceOf,
            Consumer<HostEnded> onEnd) {
        wanted = handlerOf;
        backtrace = traceOf;
        mourner = onEnd;
    }

    /** What a function of a module has to leave as it found it. */
    interface Balance {
        /** What there is before. */
        long mark();

        /**
         * Looks at what there is afterwards.
         *
         * @param before what {@link #mark} answered
         */
        void check(long before);
    }

    /** Chooses who looks at what module code leaves when a task has run it to its end. */
    void checkWith(Balance chosen) {
        balance = chosen;
    }

    /**
     * Lets module code use the computer it really runs on. Without this the threads that run it can
     * ask the operating system for memory and little else; before anything runs.
     */
    void allowHost() {
        control.setInt(Abi.ALLOW_HOST, 1);
    }

    /** The process. */
    ProcessHandle handle() {
        return process.toHandle();
    }

    /** Whether the process has ended, and with it all C code. */
    public boolean isEnded() {
        return ended;
    }

    // Modules.

    /**
     * Loads a compiled module.
     *
     * @param number that no module had before
     * @throws CompileFailed when the dynamic linker refuses it
     * @throws HostEnded when the process does not live to tell
     */
    void load(int number, Path module) {
        prepare();
        control.arg(0, number);
        control.text(module.toString());
        if (ask(control, Abi.KIND_LOAD, 0) != 0) {
            throw new CompileFailed("cannot load the module: " + control.text(), List.of());
        }
    }

    /** Forgets a module; none of its functions may be running. */
    void unload(int number) {
        if (ended) {
            return;
        }
        control.arg(0, number);
        ask(control, Abi.KIND_UNLOAD, 0);
    }

    /** The address of a function or variable of a module, or 0 when it has none of that name. */
    long symbol(int number, String name) {
        prepare();
        control.arg(0, number);
        control.text(name);
        return ask(control, Abi.KIND_SYMBOL, 0);
    }

    // Looking.

    /**
     * The 8 bytes at an address of the process, as they are now: for who asks while no code can
     * run, as at an access of a device. Takes no simulated time.
     *
     * @param address of what the kernel's C code keeps, a multiple of 8
     * @throws HostEnded when the process does not live to tell, or has ended
     */
    public long peek(long address) {
        prepare();
        return ask(control, Abi.KIND_PEEK, address);
    }

    // Running.

    /**
     * Runs a function without arguments; see {@link #run(long, long, long, long, long, long, long,
     * long, long)}.
     */
    public long run(long function) {
        return run(function, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    /** Runs a function of one argument. */
    public long run(long function, long a) {
        return run(function, a, 0, 0, 0, 0, 0, 0, 0);
    }

    /** Runs a function of two arguments. */
    public long run(long function, long a, long b) {
        return run(function, a, b, 0, 0, 0, 0, 0, 0);
    }

    /** Runs a function of three arguments. */
    public long run(long function, long a, long b, long c) {
        return run(function, a, b, c, 0, 0, 0, 0, 0);
    }

    /** Runs a function of four arguments. */
    public long run(long function, long a, long b, long c, long d) {
        return run(function, a, b, c, d, 0, 0, 0, 0);
    }

    /**
     * Runs a function of C code to its end, in the current task and context of this side. Once the
     * process has ended nothing runs: threads, timers and interrupts of a module may outlive it.
     *
     * @param function its address, not 0
     * @return what it returned; meaningless for {@code void}, and only its lower half for {@code
     *     int}; 0 once the process has ended
     * @throws HostEnded when the process does not live to see the end
     */
    public long run(long function, long a, long b, long c, long d, long e, long f, long g, long h) {
        return run(true, function, a, b, c, d, e, f, g, h);
    }

    /**
     * As {@link #run(long, long, long, long, long, long, long, long, long)}, of a function that may
     * take a lock which another one gives back: some providers hold one from preparing a descriptor
     * to submitting it.
     *
     * @throws HostEnded when the process does not live to see the end
     */
    public long runHalf(
            long function, long a, long b, long c, long d, long e, long f, long g, long h) {
        return run(false, function, a, b, c, d, e, f, g, h);
    }

    private long run(
            boolean balanced,
            long function,
            long a,
            long b,
            long c,
            long d,
            long e,
            long f,
            long g,
            long h) {
        if (ended) {
            return 0;
        }
        prepare();
        Object task = task();
        Conversation conversation = conversation(task);
        Lane lane = conversation.lane;
        lane.arg(0, a);
        lane.arg(1, b);
        lane.arg(2, c);
        lane.arg(3, d);
        lane.arg(4, e);
        lane.arg(5, f);
        lane.arg(6, g);
        lane.arg(7, h);
        int ownersRuns = task.equals(idle) ? lentAt : 0;
        boolean outermost = conversation.runCount++ == ownersRuns;
        conversation.aloneSincePs = machine.clock().now();
        long mark = outermost ? balance.mark() : 0;
        long result = converse(conversation, function);
        conversation.runCount--;
        if (outermost && balanced) {
            balance.check(mark);
        }
        Call interrupted = conversation.current();
        conversation.stackReaches(interrupted == null ? -1L >>> 1 : interrupted.stackPointer());
        if (outermost) {
            release(task, conversation, ownersRuns);
        }
        return result;
    }

    private Object task() {
        Task task = machine.scheduler().current();
        return task == null ? idle : task;
    }

    private Conversation conversation(Object task) {
        Conversation known = task.equals(lastTask) ? last : conversations.get(task);
        if (known == null) {
            known = task.equals(idle) ? lentToIdle() : unused();
            conversations.put(task, known);
        }
        lastTask = task;
        last = known;
        return known;
    }

    private Conversation unused() {
        Conversation unused = free.poll();
        return unused == null ? new Conversation(newLane()) : unused;
    }

    /**
     * What comes while no task runs is atomic, so it may run on top of a task that waits for an
     * answer; best of the last one, whose thread may not sleep yet.
     */
    private Conversation lentToIdle() {
        Conversation waiting = latest;
        if (waiting == null || waiting.callCount == 0) {
            return unused();
        }
        lentAt = waiting.runCount;
        return waiting;
    }

    private void release(Object task, Conversation conversation, int ownersRuns) {
        conversations.remove(task);
        if (ownersRuns == 0) {
            free.push(conversation);
        } else {
            lentAt = 0;
        }
        lastTask = null;
        last = null;
    }

    private Lane newLane() {
        var lane = new Lane(control.spinCount(), Abi.TURN_SIMULATOR);
        lanes.add(lane);
        control.arg(0, lane.descriptor());
        if (ask(control, Abi.KIND_NEW_LANE, 0) != 0) {
            throw new IllegalStateException("no thread for another task: " + control.text());
        }
        return lane;
    }

    /**
     * Hears when the current task's C code has left the function that something on its stack
     * belongs to: at the first call after that.
     *
     * @param address of what lies on the stack
     * @param gone is called once, and must not run C code
     */
    public void watchStack(long address, Runnable gone) {
        Conversation conversation = conversation(task());
        Deque<OnStack> deeper = new ArrayDeque<>();
        for (OnStack known = conversation.onStack.peek();
                known != null && known.address <= address;
                known = conversation.onStack.peek()) {
            OnStack popped = conversation.onStack.pop();
            if (popped.address == address) {
                popped.gone.run();
            } else {
                deeper.push(popped);
            }
        }
        conversation.onStack.push(new OnStack(address, gone));
        deeper.forEach(conversation.onStack::push);
    }

    /** Where the module is that called the kernel in the current task; 0 when none did. */
    long site() {
        Conversation conversation = conversations.get(task());
        Call call = conversation == null ? null : conversation.current();
        return call == null ? 0 : call.site();
    }

    /** Sends a wish that no driver code runs for, and waits until it is fulfilled. */
    private long ask(Lane lane, int kind, long value) {
        lane.kind(kind);
        lane.result(value);
        lane.giveTurn();
        lane.awaitTurn(watch);
        if (lane.kind() != Abi.KIND_RETURN) {
            throw mourned(lastWords(lane));
        }
        return lane.result();
    }

    /** Runs a function and serves calls until it has ended. */
    private long converse(Conversation conversation, long function) {
        Lane lane = conversation.lane;
        lane.kind(Abi.KIND_RUN);
        lane.result(function);
        int mine = conversation.runCount;
        while (true) {
            machine.cpu().settle();
            control.setLong(Abi.BUDGET, budget());
            lane.giveTurn();
            lane.awaitTurn(watch);
            latest = conversation;
            switch (lane.kind()) {
                case Abi.KIND_RETURN -> {
                    long result = lane.result();
                    spend();
                    return result;
                }
                case Abi.KIND_CALL -> serve(conversation, mine);
                default -> throw mourned(lastWords(lane));
            }
        }
    }

    private void serve(Conversation conversation, int mine) {
        Lane lane = conversation.lane;
        Call call = conversation.push();
        call.read(lane);
        conversation.stackReaches(call.stackPointer());
        long result;
        try {
            // From here on an interrupt may run functions over there, and write on the lane.
            spend();
            result = handlers[call.service].serve(call);
        } catch (KernelException refused) {
            result = -refused.errno().number();
        } catch (KernelBug | InvariantViolation | Error unanswered) {
            // C code cannot be unwound: there is no answer that it could go on with.
            end();
            throw unanswered;
        } catch (RuntimeException misuse) {
            throw mourned(stopped(lane, misuse));
        }
        Check.invariant(
                conversation.runCount == mine, "a call is answered while later functions run");
        conversation.callCount--;
        if (ended) {
            throw HostEnded.meanwhile();
        }
        call.write(lane, result);
        if (call.service != tick) {
            conversation.aloneSincePs = machine.clock().now();
        } else if (machine.clock().now() - conversation.aloneSincePs > LOCKUP_PS) {
            lane.kind(Abi.KIND_STOP);
        }
    }

    /** Ends the process where it called what it must not. */
    private HostEnded stopped(Lane lane, RuntimeException misuse) {
        lane.kind(Abi.KIND_STOP);
        lane.giveTurn();
        lane.awaitTurn(watch);
        List<String> trace = backtrace.apply(lane);
        long site = Backtrace.site(lane);
        end();
        return new HostEnded(String.valueOf(misuse.getMessage()), trace, site, misuse);
    }

    private long budget() {
        long next = machine.clock().nextAt();
        if (next == Clock.NEVER) {
            return BUDGET_MAX;
        }
        long accesses = (next - machine.clock().now()) / machine.cpu().cost().access() + 1;
        return Math.clamp(accesses, BUDGET_MIN, BUDGET_MAX);
    }

    private void spend() {
        CostTable cost = machine.cpu().cost();
        long accesses = control.take(Abi.ACCESSES);
        long uncached = control.take(Abi.UNCACHED);
        long linesCopied = control.take(Abi.LINES_COPIED);
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
        control.awaitTurn(watch);
        if (control.kind() != Abi.KIND_READY) {
            throw mourned(lastWords(control));
        }
        ready = true;
        List<String> services = control.names((int) ask(control, Abi.KIND_SERVICES, 0));
        handlers = handlersOf(services);
        tick = services.indexOf(TICK);
        machine.cpu().kernelTable().observe(changes);
    }

    private Handler[] handlersOf(List<String> services) {
        Handler[] found = new Handler[services.size()];
        var missing = new TreeSet<String>();
        for (int i = 0; i < found.length; i++) {
            String service = services.get(i);
            Handler handler = service.equals(TICK) ? _ -> 0 : wanted.apply(service);
            if (handler == null) {
                missing.add(service);
            } else {
                found[i] = handler;
            }
        }
        Check.invariant(missing.isEmpty(), "services without a handler: %s", missing);
        return found;
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
            if (control.isFullOfChanges()) {
                ask(control, Abi.KIND_APPLY, 0);
            }
            control.addChange(va, phys, bytes, type);
        }
    }

    // End.

    /** Called now and then while the process has the turn and keeps it. */
    private void look(Lane lane, long waitedMs) {
        if (!process.isAlive()) {
            throw mourned(vanished());
        }
        if (waitedMs > patience.toMillis()) {
            throw mourned(stuck(lane));
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
                List.of(),
                HostEnded.Cause.OOPS,
                0,
                0);
    }

    /** Lets the process say where it is, and ends it. */
    private HostEnded stuck(Lane lane) {
        // Process.destroy() would also close the pipe, by which the process knows that we live.
        process.toHandle().destroy();
        try {
            lane.awaitTurn((_, waitedMs) -> {
                if (waitedMs > LAST_WORDS_MS || !process.isAlive()) {
                    throw new HostEnded("");
                }
            });
        } catch (HostEnded _) {
            end();
            return new HostEnded(stuckMessage(), List.of(), HostEnded.Cause.OOPS, 0, 0);
        }
        List<String> trace = backtrace.apply(lane);
        long site = Backtrace.site(lane);
        end();
        return new HostEnded(stuckMessage(), trace, HostEnded.Cause.OOPS, 0, site);
    }

    private String stuckMessage() {
        return "the C module ran for "
                + patience.toSeconds()
                + " s without calling the kernel: an endless loop";
    }

    /** What the process said before it ended by itself. */
    private HostEnded lastWords(Lane lane) {
        int kind = lane.kind();
        if (kind == Abi.KIND_CRASHED) {
            String message = Backtrace.message(lane);
            List<String> trace = backtrace.apply(lane);
            HostEnded.Cause cause = Backtrace.cause(lane);
            long address = lane.getLong(Abi.FAULT);
            long site = Backtrace.site(lane);
            end();
            return new HostEnded(message, trace, cause, address, site);
        }
        String message =
                kind == Abi.KIND_REFUSED ? lane.text() : "said what nobody understands: " + kind;
        end();
        return new HostEnded("the process of C modules: " + message);
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
        control.close();
        lanes.forEach(Lane::close);
        lanes.clear();
    }
}
