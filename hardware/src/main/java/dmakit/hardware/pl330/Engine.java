package dmakit.hardware.pl330;

import dmakit.datasheet.pl330.Pl330Instruction;
import dmakit.datasheet.pl330.Pl330Register.Ftr;
import dmakit.datasheet.pl330.ThreadState;
import dmakit.hardware.RequestLine;
import dmakit.machine.bus.BusAnswer;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which thread goes on, for how long, and what follows: the controller's one event. {@link Pl330}
 * says what it does; this is where time passes.
 */
final class Engine {
    private enum Grant {
        FETCH,
        INSTRUCTION,
        RUN
    }

    private static final long ADDRESS_MASK = 0xffff_ffffL;

    private final Clock clock;
    private final ProgramThread[] threads;
    private final ProgramThread manager;
    private final InstructionCache cache;
    private final Mfifo mfifo;
    private final DataPort port;
    private final Execution execution;
    private final Interrupts interrupts;
    private final LoopRun run;
    private final Alarm alarm;
    private final byte[] line;
    private final byte[] debugCode = new byte[6];

    // Each set of threads as a mask; a thread is in one of them at most, and the one that has the
    // controller is in none.
    private int ready;
    private int arriving;
    private int lackingRoom;

    private @Nullable ProgramThread granted;
    private Grant grant = Grant.INSTRUCTION;
    private long grantStartPs;
    private long grantEndPs;
    private int lastGranted;
    private boolean oneByOne;

    private boolean debugging;
    private int debugThread;
    private long debugAtPs;
    private long lockupAtPs = Clock.NEVER;
    private boolean lockupReported;
    private boolean watchdogInterruptsOnly;

    Engine(
            Clock clock,
            String name,
            ProgramThread[] threads,
            InstructionCache cache,
            Mfifo mfifo,
            DataPort port,
            Execution execution,
            Interrupts interrupts,
            RequestLine[] requests) {
        this.clock = clock;
        this.threads = threads;
        this.manager = threads[threads.length - 1];
        this.cache = cache;
        this.mfifo = mfifo;
        this.port = port;
        this.execution = execution;
        this.interrupts = interrupts;
        run = new LoopRun(cache, mfifo, port);
        line = new byte[cache.lineBytes()];
        lastGranted = threads.length - 1;
        alarm = new Alarm(name, this::step);
        for (RequestLine request : requests) {
            request.onChange(this::requestChanged);
        }
    }

    /** Executes each instruction in an event of its own, for the proof that runs change nothing. */
    void executeOneByOne() {
        oneByOne = true;
    }

    void boot(int address, boolean nonSecure) {
        manager.start(address, nonSecure);
        arrive(manager);
    }

    // What the registers show and do.

    boolean isDebugging() {
        return debugging;
    }

    /** Has an instruction executed on behalf of a thread, a cycle from now. */
    void debug(int thread, int code0, int code1, int codeBehind) {
        debugging = true;
        debugThread = thread;
        debugCode[0] = (byte) code0;
        debugCode[1] = (byte) code1;
        for (int i = 0; i < Integer.BYTES; i++) {
            debugCode[2 + i] = (byte) (codeBehind >>> (Byte.SIZE * i));
        }
        debugAtPs = clock.now() + Timing.CYCLE_PS;
        wakeAt(debugAtPs);
    }

    void watchdogInterruptsOnly(boolean value) {
        watchdogInterruptsOnly = value;
    }

    boolean watchdogInterruptsOnly() {
        return watchdogInterruptsOnly;
    }

    /** Which channels fault. */
    int faultingChannels() {
        int faulting = 0;
        for (ProgramThread thread : threads) {
            faulting |= thread.isFaulting() && !thread.isManager ? thread.bit : 0;
        }
        return faulting;
    }

    /** What DSR or CSR shows of a thread. */
    int stateOf(ProgramThread thread) {
        if (thread == granted && grant == Grant.FETCH) {
            return ThreadState.CACHE_MISS.value();
        }
        return (lackingRoom & thread.bit) != 0
                ? ThreadState.QUEUE_BUSY.value()
                : thread.state.value();
    }

    /** Brings a thread up to now when several rounds of its loop are under way. */
    void catchUp(ProgramThread thread) {
        if (thread == granted && grant == Grant.RUN) {
            cutRun();
            wake();
        }
    }

    // Time.

    /**
     * Ends what ends now, and lets the next thread go on. One grant ends in one step, and a grant
     * is bounded by {@link LoopRun#BYTES_MAX}.
     */
    private void step() {
        long now = clock.now();
        ProgramThread holder = granted;
        if (holder != null && grantEndPs <= now) {
            granted = null;
            end(holder, now);
        }
        grantIfFree(now);
        // From here on everybody comes too late for the decision above, as they would in the middle
        // of a run.
        if (debugging && debugAtPs <= now) {
            executeDebug(now);
        }
        if (lockupAtPs <= now) {
            lockUp();
        }
        if (arriving != 0) {
            ready |= arriving;
            arriving = 0;
            if (granted != null && grant == Grant.RUN) {
                cutRun();
            }
            grantIfFree(now);
        }
        schedule(now);
    }

    private void end(ProgramThread thread, long now) {
        switch (grant) {
            case FETCH -> endFetch(thread);
            case INSTRUCTION -> execute(thread, now);
            case RUN -> {
                if (moveRounds(thread, run.rounds)) {
                    ready |= thread.bit;
                } else {
                    replay(thread, run.rounds * run.periodPs, now);
                }
            }
        }
    }

    private void endFetch(ProgramThread thread) {
        int address = cache.lineOf(thread.pc + thread.codeCount);
        if (port.fetch(address, line, line.length) instanceof BusAnswer.Fault fault) {
            execution.fault(thread, Ftr.INSTR_FETCH_ERR);
            execution.refusal = fault;
            settle(thread, ThreadState.EXECUTING);
            return;
        }
        cache.fill(address, line);
        if (thread.trace.isOn()) {
            thread.trace.fetched(
                    address & ADDRESS_MASK,
                    Disassembly.of(cache, thread.pc, address + line.length));
        }
        gather(thread);
        ready |= thread.bit;
    }

    private void execute(ProgramThread thread, long now) {
        int source = thread.sar;
        int dest = thread.dar;
        int held = thread.isManager ? 0 : mfifo.count(thread.index);
        boolean moves = thread.instruction() == Pl330Instruction.DMAMOV;
        ThreadState before = thread.state;
        execution.execute(thread);
        int stored = thread.isManager ? 0 : held - mfifo.count(thread.index);
        if (stored > 0) {
            wakeLackingRoom();
        }
        if (moves) {
            traceMoved(thread);
        } else if (stored != 0) {
            traceMove(thread, source, dest, Math.max(stored, 0), now);
        }
        settle(thread, before);
    }

    /** Puts a thread into the set its new state belongs to, and tells what has changed. */
    private void settle(ProgramThread thread, ThreadState before) {
        arriving |= execution.woken;
        execution.woken = 0;
        if (thread.state == ThreadState.EXECUTING) {
            if (((arriving | ready) & thread.bit) == 0) {
                ready |= thread.bit;
            }
        } else {
            traceMoved(thread);
            traceState(thread, before);
            wakeLackingRoom();
        }
        if (thread.isFaulting()) {
            traceRefusal(thread);
            driveAbort();
        }
    }

    private void executeDebug(long now) {
        debugging = false;
        ProgramThread thread = threads[debugThread];
        if (granted != null && grant == Grant.RUN) {
            // DMAGO empties the cache that the run executes from.
            cutRun();
        }
        ThreadState before = thread.state;
        execution.executeDebug(thread, debugCode);
        if (thread.state != before) {
            if (thread == granted) {
                granted = null;
            }
            ready &= ~thread.bit;
            arriving &= ~thread.bit;
            lackingRoom &= ~thread.bit;
            traceMoved(thread);
            traceState(thread, before);
            wakeLackingRoom();
        }
        traceStarted(execution.woken);
        arriving |= execution.woken;
        execution.woken = 0;
        driveAbort();
        grantIfFree(now);
    }

    // Who goes on.

    private void arrive(ProgramThread thread) {
        arriving |= thread.bit;
        wake();
    }

    private void requestChanged() {
        for (ProgramThread thread : threads) {
            if (thread.state == ThreadState.WAITING_FOR_PERIPHERAL && execution.isAsked(thread)) {
                traceState(thread, thread.state, ThreadState.EXECUTING);
                thread.state = ThreadState.EXECUTING;
                arrive(thread);
            }
        }
    }

    private void wakeLackingRoom() {
        arriving |= lackingRoom;
        lackingRoom = 0;
        lockupAtPs = Clock.NEVER;
    }

    private void wake() {
        wakeAt(clock.now());
    }

    private void wakeAt(long atPs) {
        if (!alarm.isSet() || alarm.atPs() > atPs) {
            clock.setAt(alarm, atPs);
        }
    }

    private void grantIfFree(long now) {
        while (granted == null && ready != 0) {
            ProgramThread next = nextInTurn();
            gather(next);
            ready &= ~next.bit;
            if (next.hasInstruction() && execution.lacksRoom(next)) {
                lackingRoom |= next.bit;
                continue;
            }
            granted = next;
            lastGranted = next.index;
            grantStartPs = now;
            choose(next);
        }
    }

    private void choose(ProgramThread thread) {
        boolean alone = (ready | arriving) == 0 && !oneByOne;
        if (!thread.hasInstruction()) {
            grant = Grant.FETCH;
            grantEndPs = grantStartPs + Timing.fetchPs(line.length);
        } else if (alone && run.plan(thread)) {
            grant = Grant.RUN;
            grantEndPs = grantStartPs + run.rounds * run.periodPs;
        } else {
            grant = Grant.INSTRUCTION;
            grantEndPs = grantStartPs + execution.durationPs(thread);
        }
    }

    /** Section 2.3: threads take turns. */
    private ProgramThread nextInTurn() {
        int index = lastGranted;
        do {
            index = (index + 1) % threads.length;
        } while ((ready & 1 << index) == 0);
        return threads[index];
    }

    /** Takes what the cache has of the thread's instruction. */
    private void gather(ProgramThread thread) {
        while (!thread.hasInstruction() && cache.holds(thread.pc + thread.codeCount)) {
            thread.code[thread.codeCount] = cache.at(thread.pc + thread.codeCount);
            thread.codeCount++;
        }
    }

    private void schedule(long now) {
        armWatchdog(now);
        long next = granted != null ? grantEndPs : Clock.NEVER;
        if (arriving != 0) {
            next = now;
        }
        if (debugging) {
            next = Math.min(next, debugAtPs);
        }
        next = Math.min(next, lockupAtPs);
        if (next != Clock.NEVER) {
            clock.setAt(alarm, Math.max(next, now));
        }
    }

    // Runs.

    /** Moves whole rounds; false, and nothing has moved, when memory is not as it was planned. */
    private boolean moveRounds(ProgramThread thread, int rounds) {
        long bytes = (long) rounds * run.bytesPerRound;
        if (bytes != 0) {
            if (!port.reachesRam(thread.sar, thread.dar, bytes)) {
                return false;
            }
            int source = thread.sar;
            int dest = thread.dar;
            port.copy(source, dest, bytes, run.unit, rounds * run.periodPs);
            thread.sar += (int) bytes;
            thread.dar += (int) bytes;
            traceMove(thread, source, dest, bytes, clock.now());
        }
        if (run.counts && run.countsInOne) {
            thread.lc1 -= rounds;
        } else if (run.counts) {
            thread.lc0 -= rounds;
        }
        return true;
    }

    /** Ends a run at the instruction that is being executed now. */
    private void cutRun() {
        ProgramThread thread = granted;
        if (thread == null) {
            return;
        }
        long now = clock.now();
        long passedPs = now - grantStartPs;
        int rounds = (int) Math.min(run.rounds, passedPs / run.periodPs);
        granted = null;
        if (rounds != 0 && moveRounds(thread, rounds)) {
            passedPs -= rounds * run.periodPs;
        }
        replay(thread, passedPs, now);
    }

    /** Executes one by one what a thread has done in so much time, and leaves it in the midst. */
    private void replay(ProgramThread thread, long passedPs, long now) {
        long leftPs = passedPs;
        while (true) {
            gather(thread);
            long durationPs = execution.durationPs(thread);
            if (leftPs < durationPs) {
                granted = thread;
                grant = Grant.INSTRUCTION;
                grantStartPs = now - leftPs;
                grantEndPs = grantStartPs + durationPs;
                return;
            }
            leftPs -= durationPs;
            execute(thread, now);
            if (thread.state != ThreadState.EXECUTING) {
                return;
            }
            ready &= ~thread.bit;
        }
    }

    // Faults.

    /** Section 2.9: the watchdog runs while every channel that could run lacks room. */
    private void armWatchdog(long now) {
        boolean stuck = lackingRoom != 0 && granted == null && (ready | arriving) == 0;
        if (!stuck || isAnyWaiting()) {
            lockupAtPs = Clock.NEVER;
            lockupReported = false;
        } else if (lockupAtPs == Clock.NEVER && !lockupReported) {
            lockupAtPs = now + Timing.WATCHDOG_CYCLES * Timing.CYCLE_PS;
        }
    }

    private boolean isAnyWaiting() {
        for (ProgramThread thread : threads) {
            if (thread.state == ThreadState.WAITING_FOR_PERIPHERAL
                    || thread.state == ThreadState.WAITING_FOR_EVENT) {
                return true;
            }
        }
        return false;
    }

    private void lockUp() {
        lockupAtPs = Clock.NEVER;
        lockupReported = true;
        if (watchdogInterruptsOnly) {
            interrupts.abort(true);
            return;
        }
        for (ProgramThread thread : threads) {
            if ((lackingRoom & thread.bit) != 0) {
                ThreadState before = thread.state;
                execution.fault(thread, Ftr.LOCKUP_ERR);
                traceState(thread, before);
            }
        }
        lackingRoom = 0;
        driveAbort();
    }

    private void driveAbort() {
        interrupts.abort(manager.isFaulting() || faultingChannels() != 0);
    }

    // The trace.

    private void traceState(ProgramThread thread, ThreadState before) {
        if (thread.trace.isOn() && before != thread.state) {
            String detail = "pc=0x" + Integer.toHexString(thread.pc);
            if (thread.isFaulting()) {
                detail += " fault=0x" + Integer.toHexString(thread.fault);
            }
            thread.trace.changed(label(before), label(thread.state), detail);
        }
    }

    private void traceState(ProgramThread thread, ThreadState before, ThreadState after) {
        if (thread.trace.isOn()) {
            thread.trace.changed(label(before), label(after), "");
        }
    }

    private void traceStarted(int started) {
        for (ProgramThread thread : threads) {
            if ((started & thread.bit) != 0) {
                traceState(thread, ThreadState.STOPPED);
            }
        }
    }

    private static String label(ThreadState state) {
        String[] words = state.name().toLowerCase(Locale.ROOT).split("_");
        return String.join(
                "",
                Arrays.stream(words)
                        .map(word -> Character.toUpperCase(word.charAt(0)) + word.substring(1))
                        .toList());
    }

    private void traceRefusal(ProgramThread thread) {
        BusAnswer.Fault fault = execution.refusal;
        execution.refusal = null;
        if (fault != null) {
            thread.trace.refused(fault);
        }
    }

    /** Adds what has been loaded or stored to the piece under way, or begins another. */
    private void traceMove(ProgramThread thread, int source, int dest, long stored, long now) {
        if (!thread.pieceOpen) {
            thread.pieceOpen = true;
            thread.pieceStartPs = now;
            thread.pieceSource = source;
            thread.pieceDest = dest;
        }
        thread.pieceBytes += stored;
    }

    /** Reports what has moved since the last report, as one piece. */
    private void traceMoved(ProgramThread thread) {
        if (thread.pieceBytes != 0) {
            thread.trace.moved(
                    thread.pieceStartPs,
                    thread.pieceSource & ADDRESS_MASK,
                    thread.pieceDest & ADDRESS_MASK,
                    thread.pieceBytes);
        }
        thread.pieceBytes = 0;
        thread.pieceOpen = false;
    }
}
