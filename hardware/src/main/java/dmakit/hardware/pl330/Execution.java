package dmakit.hardware.pl330;

import dmakit.datasheet.Field;
import dmakit.datasheet.pl330.Pl330ChannelRegister.Ccr;
import dmakit.datasheet.pl330.Pl330Instruction;
import dmakit.datasheet.pl330.Pl330Register.Ftr;
import dmakit.datasheet.pl330.Pl330Register.Ftrd;
import dmakit.datasheet.pl330.ThreadState;
import dmakit.hardware.RequestLine;
import dmakit.hardware.RequestLine.Acknowledge;
import dmakit.machine.bus.BusAnswer;
import org.jspecify.annotations.Nullable;

/**
 * What each instruction does. DMA-330 TRM, section 4.3; faults of section 2.7. It knows no time:
 * the engine asks how long an instruction takes and has it executed when it ends.
 */
final class Execution {
    /** Of DMALD, DMAST and DMALPEND: always, of singles, of nothing, of bursts. */
    private static final int KIND = Pl330Instruction.BURST | Pl330Instruction.CONDITIONAL;

    private static final int KIND_INVALID = Pl330Instruction.BURST;
    private static final int BELOW_NUMBER = (1 << Pl330Instruction.LG2_NUMBER) - 1;
    private static final int HIGH_HALF = 0xffff_0000;
    private static final int SWAP_MAX = 4;

    /** Of three bits of protection, the one that says non-secure. */
    private static final int NON_SECURE_PROTECTION = 1 << 1;

    private final Pl330Build build;
    private final ProgramThread[] threads;
    private final InstructionCache cache;
    private final Mfifo mfifo;
    private final DataPort port;
    private final Interrupts interrupts;
    private final RequestLine[] requests;

    /** Threads that have become able to run since this was last cleared. */
    int woken;

    /** The refusal behind a fault of the bus, for the trace. */
    BusAnswer.@Nullable Fault refusal;

    Execution(
            Pl330Build build,
            ProgramThread[] threads,
            InstructionCache cache,
            Mfifo mfifo,
            DataPort port,
            Interrupts interrupts,
            RequestLine[] requests) {
        this.build = build;
        this.threads = threads;
        this.cache = cache;
        this.mfifo = mfifo;
        this.port = port;
        this.interrupts = interrupts;
        this.requests = requests;
    }

    // Before an instruction.

    /** How long the instruction takes, in picoseconds. */
    long durationPs(ProgramThread thread) {
        Pl330Instruction instruction = thread.instruction();
        if (instruction == null || thread.isManager) {
            return Timing.CYCLE_PS;
        }
        return Timing.CYCLE_PS
                + switch (instruction) {
                    case DMALD, DMALDP ->
                            acts(thread, instruction)
                                    ? Timing.readPs(
                                            isSingle(thread, instruction) ? 1 : thread.sourceBeats)
                                    : 0;
                    case DMAST, DMASTP ->
                            acts(thread, instruction)
                                    ? Timing.writePs(
                                            isSingle(thread, instruction) ? 1 : thread.destBeats)
                                    : 0;
                    case DMASTZ -> Timing.writePs(thread.destBeats);
                    case DMAADDH,
                            DMAADNH,
                            DMAEND,
                            DMAFLUSHP,
                            DMAGO,
                            DMAKILL,
                            DMALP,
                            DMALPEND,
                            DMAMOV,
                            DMANOP,
                            DMARMB,
                            DMASEV,
                            DMAWFE,
                            DMAWFP,
                            DMAWMB ->
                            0;
                };
    }

    /** Whether the instruction is a load that must wait for room in the MFIFO. */
    boolean lacksRoom(ProgramThread thread) {
        Pl330Instruction instruction = thread.instruction();
        if (thread.isManager
                || (instruction != Pl330Instruction.DMALD && instruction != Pl330Instruction.DMALDP)
                || !acts(thread, instruction)) {
            return false;
        }
        int bytes = thread.loadBytes(isSingle(thread, instruction));
        return bytes <= mfifo.capacity() && !mfifo.hasRoom(thread.index, bytes);
    }

    /** Whether a load, store or loop end is for requests of the kind that is being served. */
    private static boolean acts(ProgramThread thread, Pl330Instruction instruction) {
        boolean always =
                instruction != Pl330Instruction.DMALDP
                        && instruction != Pl330Instruction.DMASTP
                        && (thread.code[0] & Pl330Instruction.CONDITIONAL) == 0;
        return always || (thread.code[0] & Pl330Instruction.BURST) != 0 == thread.requestIsBurst;
    }

    /** Whether a load or store moves one beat whatever CCR says. */
    private static boolean isSingle(ProgramThread thread, Pl330Instruction instruction) {
        boolean conditional =
                instruction == Pl330Instruction.DMALDP
                        || instruction == Pl330Instruction.DMASTP
                        || (thread.code[0] & Pl330Instruction.CONDITIONAL) != 0;
        return conditional && (thread.code[0] & Pl330Instruction.BURST) == 0;
    }

    /** Whether a load would be a secure access of a thread that is not. */
    static boolean isSecureRead(ProgramThread thread) {
        return isForbidden(thread, Ccr.SRC_PROT_CTRL);
    }

    /** Whether a store would be. */
    static boolean isSecureWrite(ProgramThread thread) {
        return isForbidden(thread, Ccr.DST_PROT_CTRL);
    }

    private static boolean isForbidden(ProgramThread thread, Field protection) {
        return thread.nonSecure && (protection.get(thread.ccr()) & NON_SECURE_PROTECTION) == 0;
    }

    // The instruction itself.

    /** Executes the instruction of a thread that is EXECUTING, and steps on or stays. */
    void execute(ProgramThread thread) {
        Pl330Instruction instruction = thread.instruction();
        if (instruction == null
                || !(thread.isManager ? instruction.isForManager() : instruction.isForChannel())) {
            fault(thread, Ftr.UNDEF_INSTR);
            return;
        }
        boolean done =
                switch (instruction) {
                    case DMAADDH -> add(thread, thread.halfword());
                    case DMAADNH -> add(thread, HIGH_HALF | thread.halfword());
                    case DMAEND, DMAKILL -> stop(thread);
                    case DMAFLUSHP -> flush(thread);
                    case DMAGO -> go(thread, thread.code);
                    case DMALD, DMALDP -> load(thread, instruction);
                    case DMALP -> loop(thread);
                    case DMALPEND -> endLoop(thread);
                    case DMAMOV -> move(thread);
                    // Loads and stores end before the next instruction begins.
                    case DMANOP, DMARMB, DMAWMB -> true;
                    case DMASEV -> sendEvent(thread, thread.operand());
                    case DMAST, DMASTP, DMASTZ -> store(thread, instruction);
                    case DMAWFE -> waitForEvent(thread);
                    case DMAWFP -> waitForPeripheral(thread);
                };
        if (done) {
            thread.next();
        }
    }

    /**
     * Executes an instruction of the debug registers. A thread that faults takes DMAKILL alone.
     *
     * @param code all six bytes
     */
    void executeDebug(ProgramThread thread, byte[] code) {
        Pl330Instruction instruction = Pl330Instruction.of(code[0]);
        boolean known =
                instruction != null
                        && instruction.isForDebug()
                        && (thread.isManager
                                ? instruction.isForManager()
                                : instruction.isForChannel());
        if (known && instruction == Pl330Instruction.DMAKILL) {
            stop(thread);
        } else if (!thread.isFaulting()) {
            if (!known) {
                fault(thread, Ftr.UNDEF_INSTR);
            } else if (instruction == Pl330Instruction.DMAGO) {
                go(thread, code);
            } else {
                sendEvent(thread, code[1] & 0xff);
            }
            if (thread.isFaulting()) {
                thread.fault |= Ftr.DBG_INSTR.mask();
            }
        }
    }

    /** Lets a thread fault; it stays at its instruction. */
    void fault(ProgramThread thread, Field why) {
        thread.fault |= why.mask();
        thread.state = ThreadState.FAULTING;
    }

    private boolean faults(ProgramThread thread, Field why) {
        fault(thread, why);
        return false;
    }

    private static boolean add(ProgramThread thread, int offset) {
        if ((thread.code[0] & Pl330Instruction.OF_DESTINATION) != 0) {
            thread.dar += offset;
        } else {
            thread.sar += offset;
        }
        return true;
    }

    private boolean stop(ProgramThread thread) {
        thread.state = ThreadState.STOPPED;
        thread.fault = 0;
        if (!thread.isManager) {
            mfifo.clear(thread.index);
        }
        return false;
    }

    private boolean go(ProgramThread manager, byte[] code) {
        int channel = code[1];
        boolean nonSecure = (code[0] & Pl330Instruction.NON_SECURE) != 0;
        if (channel < 0 || channel >= build.channels()) {
            return faults(manager, Ftrd.OPERAND_INVALID);
        }
        if (manager.nonSecure && !nonSecure) {
            return faults(manager, Ftrd.DMAGO_ERR);
        }
        ProgramThread started = threads[channel];
        if (started.state == ThreadState.STOPPED) {
            int address =
                    (code[2] & 0xff)
                            | (code[3] & 0xff) << 8
                            | (code[4] & 0xff) << 16
                            | code[5] << 24;
            started.start(address, nonSecure);
            cache.invalidate();
            woken |= started.bit;
        }
        return true;
    }

    private boolean load(ProgramThread thread, Pl330Instruction instruction) {
        boolean peripheral = instruction == Pl330Instruction.DMALDP;
        if (!isValid(thread, peripheral)) {
            return false;
        }
        if (!acts(thread, instruction)) {
            return true;
        }
        boolean single = isSingle(thread, instruction);
        if (isSecureRead(thread)) {
            return faults(thread, Ftr.CH_RDWR_ERR);
        }
        if (thread.loadBytes(single) > mfifo.capacity()) {
            return faults(thread, Ftr.MFIFO_ERR);
        }
        if (port.load(thread, single) instanceof BusAnswer.Fault fault) {
            refusal = fault;
            return faults(thread, Ftr.DATA_READ_ERR);
        }
        acknowledge(thread, peripheral, single);
        return true;
    }

    private boolean store(ProgramThread thread, Pl330Instruction instruction) {
        boolean peripheral = instruction == Pl330Instruction.DMASTP;
        boolean zeros = instruction == Pl330Instruction.DMASTZ;
        if (!zeros && !isValid(thread, peripheral)) {
            return false;
        }
        if (!zeros && !acts(thread, instruction)) {
            return true;
        }
        boolean single = !zeros && isSingle(thread, instruction);
        if (isSecureWrite(thread)) {
            return faults(thread, Ftr.CH_RDWR_ERR);
        }
        int bytes = thread.storeBytes(single);
        if (!zeros && bytes > mfifo.capacity()) {
            return faults(thread, Ftr.MFIFO_ERR);
        }
        if (!zeros && bytes > mfifo.count(thread.index)) {
            return faults(thread, Ftr.ST_DATA_UNAVAILABLE);
        }
        if (port.store(thread, single, zeros) instanceof BusAnswer.Fault fault) {
            refusal = fault;
            return faults(thread, Ftr.DATA_WRITE_ERR);
        }
        acknowledge(thread, peripheral, single);
        return true;
    }

    /** Whether the operands of a load or store are ones this build has. */
    private boolean isValid(ProgramThread thread, boolean peripheral) {
        if (peripheral) {
            return mayUsePeripheral(thread);
        }
        return (thread.code[0] & KIND) != KIND_INVALID || faults(thread, Ftr.OPERAND_INVALID);
    }

    private void acknowledge(ProgramThread thread, boolean peripheral, boolean single) {
        if (peripheral) {
            requests[number(thread.operand())].acknowledge(
                    single ? Acknowledge.SINGLE : Acknowledge.BURST);
        }
    }

    private static boolean loop(ProgramThread thread) {
        int rounds = thread.operand();
        if ((thread.code[0] & Pl330Instruction.LP_COUNTER_1) != 0) {
            thread.lc1 = rounds;
        } else {
            thread.lc0 = rounds;
        }
        return true;
    }

    private boolean endLoop(ProgramThread thread) {
        if ((thread.code[0] & KIND) == KIND_INVALID) {
            return faults(thread, Ftr.OPERAND_INVALID);
        }
        if (!acts(thread, Pl330Instruction.DMALPEND)) {
            return true;
        }
        boolean inOne = (thread.code[0] & Pl330Instruction.LPEND_COUNTER_1) != 0;
        if ((thread.code[0] & Pl330Instruction.NOT_FOREVER) == 0) {
            if (thread.requestIsLast) {
                return true;
            }
        } else if ((inOne ? thread.lc1 : thread.lc0) == 0) {
            return true;
        } else if (inOne) {
            thread.lc1--;
        } else {
            thread.lc0--;
        }
        thread.loopEnd = thread.pc;
        thread.loopStart = thread.pc - thread.operand();
        thread.looped = true;
        thread.jumpTo(thread.loopStart);
        return false;
    }

    private boolean move(ProgramThread thread) {
        int value = thread.word();
        switch (thread.operand()) {
            case Pl330Instruction.MOV_SAR -> thread.sar = value;
            case Pl330Instruction.MOV_DAR -> thread.dar = value;
            case Pl330Instruction.MOV_CCR -> {
                if (1 << Ccr.SRC_BURST_SIZE.get(value) > build.dataBytes()
                        || 1 << Ccr.DST_BURST_SIZE.get(value) > build.dataBytes()
                        || Ccr.ENDIAN_SWAP_SIZE.get(value) > SWAP_MAX) {
                    return faults(thread, Ftr.OPERAND_INVALID);
                }
                thread.control(value);
            }
            default -> {
                return faults(thread, Ftr.OPERAND_INVALID);
            }
        }
        return true;
    }

    // Events.

    private boolean sendEvent(ProgramThread thread, int operand) {
        if ((operand & BELOW_NUMBER) != 0 || !mayUseEvent(thread, operand)) {
            return thread.isFaulting() ? false : faults(thread, Ftr.OPERAND_INVALID);
        }
        int event = number(operand);
        if ((interrupts.enabled & 1 << event) != 0) {
            interrupts.raise(event);
        } else if (!wakeWaiting(event)) {
            interrupts.sent |= 1 << event;
        }
        return true;
    }

    /** Lets every thread go on that waits for an event; false when none does. */
    private boolean wakeWaiting(int event) {
        boolean any = false;
        for (ProgramThread thread : threads) {
            if (thread.state == ThreadState.WAITING_FOR_EVENT && thread.wakeup == event) {
                thread.state = ThreadState.EXECUTING;
                thread.next();
                woken |= thread.bit;
                any = true;
            }
        }
        return any;
    }

    private boolean waitForEvent(ProgramThread thread) {
        int operand = thread.operand();
        int known = Pl330Instruction.INVALIDATE;
        if ((operand & BELOW_NUMBER & ~known) != 0 || !mayUseEvent(thread, operand)) {
            return thread.isFaulting() ? false : faults(thread, Ftr.OPERAND_INVALID);
        }
        if ((operand & Pl330Instruction.INVALIDATE) != 0) {
            cache.invalidate();
        }
        int event = number(operand);
        thread.wakeup = event;
        if ((interrupts.sent & ~interrupts.enabled & 1 << event) != 0) {
            interrupts.sent &= ~(1 << event);
            return true;
        }
        thread.state = ThreadState.WAITING_FOR_EVENT;
        return false;
    }

    private boolean mayUseEvent(ProgramThread thread, int operand) {
        int event = number(operand);
        if (event >= build.events()) {
            return faults(thread, Ftr.OPERAND_INVALID);
        }
        boolean allowed = !thread.nonSecure || (build.nonSecureEvents() & 1 << event) != 0;
        return allowed || faults(thread, Ftr.CH_EVNT_ERR);
    }

    // Peripherals.

    private boolean flush(ProgramThread thread) {
        if (!mayUsePeripheral(thread)) {
            return false;
        }
        requests[number(thread.operand())].acknowledge(Acknowledge.FLUSH);
        return true;
    }

    private boolean waitForPeripheral(ProgramThread thread) {
        if ((thread.code[0] & (Pl330Instruction.BURST | Pl330Instruction.PERIPHERAL)) == 3) {
            return faults(thread, Ftr.OPERAND_INVALID);
        }
        if (!mayUsePeripheral(thread)) {
            return false;
        }
        thread.wakeup = number(thread.operand());
        thread.waitedForEither = (thread.code[0] & Pl330Instruction.PERIPHERAL) != 0;
        thread.waitedForBurst = (thread.code[0] & Pl330Instruction.BURST) != 0;
        if (!isAsked(thread)) {
            thread.state = ThreadState.WAITING_FOR_PERIPHERAL;
            return false;
        }
        RequestLine line = requests[thread.wakeup];
        thread.requestIsBurst =
                thread.waitedForBurst || (thread.waitedForEither && line.isAsserted());
        thread.requestIsLast = line.isLast();
        return true;
    }

    /** Whether the peripheral of the last DMAWFP asks for what that waits for. */
    boolean isAsked(ProgramThread thread) {
        RequestLine line = requests[thread.wakeup];
        return line.isAsserted() || (!thread.waitedForBurst && line.isSingle());
    }

    private boolean mayUsePeripheral(ProgramThread thread) {
        int operand = thread.operand();
        int peripheral = number(operand);
        if ((operand & BELOW_NUMBER) != 0 || peripheral >= build.peripherals()) {
            return faults(thread, Ftr.OPERAND_INVALID);
        }
        boolean allowed =
                !thread.nonSecure || (build.nonSecurePeripherals() & 1 << peripheral) != 0;
        return allowed || faults(thread, Ftr.CH_PERIPH_ERR);
    }

    private static int number(int operand) {
        return operand >> Pl330Instruction.LG2_NUMBER;
    }
}
