package dmakit.hardware.pl330;

import dmakit.datasheet.pl330.Pl330ChannelRegister;
import dmakit.datasheet.pl330.Pl330ChannelRegister.Ccr;
import dmakit.datasheet.pl330.Pl330Instruction;
import dmakit.datasheet.pl330.ThreadState;
import dmakit.hardware.ChipTrace;
import org.jspecify.annotations.Nullable;

/**
 * The manager or one channel: its registers, and the instruction it is at. States live in fields,
 * since a channel goes through millions a second.
 */
final class ProgramThread {
    final int index;
    final int bit;
    final boolean isManager;
    final ChipTrace trace;

    /** Before the names of its registers in traces. */
    final String prefix;

    ThreadState state = ThreadState.STOPPED;
    boolean nonSecure;
    int pc;
    int sar;
    int dar;
    int lc0;
    int lc1;
    int fault;

    /** The event or peripheral of the last DMAWFE or DMAWFP. */
    int wakeup;

    boolean waitedForBurst;
    boolean waitedForEither;

    /** What the peripheral asked for at the last DMAWFP. */
    boolean requestIsBurst;

    boolean requestIsLast;

    // CCR, and what it means.
    private int ccr = Pl330ChannelRegister.CCR.reset();
    int sourceBeat;
    int sourceBeats;
    boolean sourceAdvances;
    int destBeat;
    int destBeats;
    boolean destAdvances;
    int swapBytes;

    /** Where the innermost loop that has jumped back begins, and its DMALPEND. */
    int loopStart;

    int loopEnd;
    boolean looped;

    /** The instruction at {@link #pc} as far as it has been fetched. */
    final byte[] code = new byte[Pl330Instruction.SIZE_MAX];

    int codeCount;

    // The piece of a transfer that has not been reported to the trace.
    boolean pieceOpen;
    long pieceStartPs;
    int pieceSource;
    int pieceDest;
    long pieceBytes;

    ProgramThread(int index, boolean isManager, ChipTrace trace) {
        this.index = index;
        this.bit = 1 << index;
        this.isManager = isManager;
        this.trace = trace;
        prefix = index + "_";
        control(ccr);
    }

    int ccr() {
        return ccr;
    }

    void control(int value) {
        ccr = value;
        sourceBeat = 1 << Ccr.SRC_BURST_SIZE.get(value);
        sourceBeats = Ccr.SRC_BURST_LEN.get(value) + 1;
        sourceAdvances = Ccr.SRC_INC.isSet(value);
        destBeat = 1 << Ccr.DST_BURST_SIZE.get(value);
        destBeats = Ccr.DST_BURST_LEN.get(value) + 1;
        destAdvances = Ccr.DST_INC.isSet(value);
        swapBytes = 1 << Ccr.ENDIAN_SWAP_SIZE.get(value);
        looped = false;
    }

    /** Goes to an instruction that is not the next one. */
    void jumpTo(int address) {
        pc = address;
        codeCount = 0;
    }

    /** Begins another program. */
    void start(int address, boolean asNonSecure) {
        jumpTo(address);
        nonSecure = asNonSecure;
        state = ThreadState.EXECUTING;
        looped = false;
        requestIsLast = false;
        requestIsBurst = false;
        waitedForBurst = false;
        waitedForEither = false;
    }

    boolean isFaulting() {
        return state == ThreadState.FAULTING;
    }

    /** The instruction at {@link #pc}, when the opcode has been fetched and is one. */
    @Nullable Pl330Instruction instruction() {
        return codeCount == 0 ? null : Pl330Instruction.of(code[0]);
    }

    /** Whether all of the instruction has been fetched; an undefined opcode is alone. */
    boolean hasInstruction() {
        if (codeCount == 0) {
            return false;
        }
        Pl330Instruction instruction = Pl330Instruction.of(code[0]);
        return instruction == null || codeCount >= instruction.size();
    }

    /** Steps over the instruction. */
    void next() {
        Pl330Instruction instruction = instruction();
        jumpTo(pc + (instruction == null ? 1 : instruction.size()));
    }

    /** The operand byte behind the opcode, unsigned. */
    int operand() {
        return code[1] & 0xff;
    }

    /** The 16 bits behind the opcode. */
    int halfword() {
        return (code[1] & 0xff) | (code[2] & 0xff) << 8;
    }

    /** The 32 bits behind opcode and first operand. */
    int word() {
        return (code[2] & 0xff) | (code[3] & 0xff) << 8 | (code[4] & 0xff) << 16 | code[5] << 24;
    }

    /** Bytes of a load: a burst that does not start on a beat ends where a full one would. */
    int loadBytes(boolean single) {
        return burstBytes(sar, sourceBeat, single ? 1 : sourceBeats, sourceAdvances);
    }

    /** Bytes of a store, likewise. */
    int storeBytes(boolean single) {
        return burstBytes(dar, destBeat, single ? 1 : destBeats, destAdvances);
    }

    private static int burstBytes(int address, int beat, int beats, boolean advances) {
        int missing = address & (beat - 1);
        return advances ? beat * beats - missing : (beat - missing) * beats;
    }
}
