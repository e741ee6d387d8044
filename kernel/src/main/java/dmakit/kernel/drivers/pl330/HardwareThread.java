package dmakit.kernel.drivers.pl330;

import dmakit.datasheet.pl330.Pl330Instruction;
import dmakit.datasheet.pl330.Pl330Register;
import dmakit.datasheet.pl330.Pl330Register.Dbginst0;
import dmakit.datasheet.pl330.Pl330Register.Dsr;
import dmakit.datasheet.pl330.Pl330StatusRegister;
import dmakit.datasheet.pl330.Pl330StatusRegister.Csr;
import dmakit.datasheet.pl330.ThreadState;
import dmakit.kernel.Linux;
import org.jspecify.annotations.Nullable;

/**
 * A thread of the controller: the manager, or a channel with its two programs and its event. All
 * with the controller's lock held.
 */
@Linux(file = "drivers/dma/pl330.c", symbol = "struct pl330_thread")
final class HardwareThread {
    private static final String FILE = "drivers/dma/pl330.c";

    /** No program runs. */
    static final int NONE = -1;

    /** Programs a thread has: one that runs, and the next. */
    static final int PROGRAMS = 2;

    /** Looks at a register until what must come has come. */
    private static final int POLL_COUNT_MAX = 100_000;

    private final Pl330Dma controller;
    private final Registers registers;
    final int id;
    private final boolean isManager;
    final @Nullable Pl330Descriptor[] programs = new Pl330Descriptor[PROGRAMS];

    /** Event that ends its programs; {@link #NONE} while nobody has the thread. */
    int event = NONE;

    boolean free = true;

    /** Which program was written last. */
    int lastWritten = 1;

    int running = NONE;

    HardwareThread(Pl330Dma controller, Registers registers, int id, boolean isManager) {
        this.controller = controller;
        this.registers = registers;
        this.id = id;
        this.isManager = isManager;
    }

    /** Has no programs any more. */
    void forget() {
        programs[0] = null;
        programs[1] = null;
        running = NONE;
    }

    boolean isFull() {
        return programs[0] != null && programs[1] != null;
    }

    @Nullable Pl330Descriptor runningProgram() {
        return running == NONE ? null : programs[running];
    }

    /** Takes the program out that has ended; null when none ran. */
    @Nullable Pl330Descriptor takeEnded() {
        Pl330Descriptor ended = runningProgram();
        if (running != NONE) {
            programs[running] = null;
            running = NONE;
        }
        return ended;
    }

    /** Ends what the thread does, and takes its event back. */
    @Linux(file = FILE, symbol = "_stop")
    void stop() {
        int state = state();
        if (state == ThreadState.FAULTING_COMPLETING.value()) {
            state = await(ThreadState.FAULTING, ThreadState.KILLING);
        }
        if (state == ThreadState.COMPLETING.value()
                || state == ThreadState.KILLING.value()
                || state == ThreadState.STOPPED.value()) {
            return;
        }
        int enabled = registers.readl(Pl330Register.INTEN);
        execute(Pl330Instruction.DMAKILL.opcode(), 0, 0, isManager);
        if (event != NONE) {
            if ((enabled & 1 << event) != 0) {
                registers.writel(Pl330Register.INTCLR, 1 << event);
            }
            registers.writel(Pl330Register.INTEN, enabled & ~(1 << event));
        }
    }

    /** Runs the next program unless one runs. */
    @Linux(file = FILE, symbol = "_start")
    void start() {
        int state = state();
        if (state == ThreadState.FAULTING_COMPLETING.value()) {
            state = await(ThreadState.FAULTING, ThreadState.KILLING);
        }
        if (state == ThreadState.FAULTING.value()) {
            stop();
            state = ThreadState.KILLING.value();
        }
        if (state == ThreadState.KILLING.value() || state == ThreadState.COMPLETING.value()) {
            state = await(ThreadState.STOPPED, ThreadState.STOPPED);
        }
        if (state == ThreadState.STOPPED.value()) {
            trigger();
        }
    }

    @Linux(file = FILE, symbol = "_trigger")
    private void trigger() {
        int next = 1 - lastWritten;
        if (programs[next] == null) {
            next = lastWritten;
        }
        if (programs[next] == null || next == running) {
            return;
        }
        registers.writel(Pl330Register.INTEN, registers.readl(Pl330Register.INTEN) | 1 << event);
        boolean nonSecure = controller.config().nonSecure();
        int go = Pl330Instruction.DMAGO.opcode() | (nonSecure ? Pl330Instruction.NON_SECURE : 0);
        execute(go, id, controller.programDma(id, next), true);
        running = next;
    }

    /** The thread's state, one of {@link ThreadState#value}. */
    @Linux(file = FILE, symbol = "_state")
    private int state() {
        return isManager
                ? Dsr.DMA_STATUS.get(registers.readl(Pl330Register.DSR))
                : Csr.CHANNEL_STATUS.get(registers.readl(id, Pl330StatusRegister.CSR));
    }

    private int await(ThreadState one, ThreadState other) {
        int state = state();
        for (int i = 0; i < POLL_COUNT_MAX && state != one.value() && state != other.value(); i++) {
            state = state();
        }
        return state;
    }

    @Linux(file = FILE, symbol = "_execute_DBGINSN")
    private void execute(int code0, int code1, int word, boolean asManager) {
        int value = Dbginst0.INSTRUCTION_BYTE_0.of(code0) | Dbginst0.INSTRUCTION_BYTE_1.of(code1);
        if (!asManager) {
            value |= Dbginst0.DEBUG_THREAD.mask() | Dbginst0.CHANNEL_NUMBER.of(id);
        }
        int polls = 0;
        while (registers.readl(Pl330Register.DBGSTATUS) != 0) {
            if (++polls == POLL_COUNT_MAX) {
                controller.err("DMAC halted!");
                return;
            }
        }
        registers.writel(Pl330Register.DBGINST0, value);
        registers.writel(Pl330Register.DBGINST1, word);
        registers.writel(Pl330Register.DBGCMD, 0);
    }
}
