package dmakit.hardware.pl330;

import dmakit.datasheet.pl330.Pl330Instruction;

/**
 * Rounds of a loop that may be taken in one event: every instruction of it is in the cache and is a
 * plain load, store or no operation, loads are stored before the round ends, and memory on both
 * sides is RAM. Each round then takes the same time and moves the same bytes.
 */
final class LoopRun {
    /** Bytes that one event may move. */
    static final int BYTES_MAX = 1 << 20;

    /** Rounds of one event; a loop that moves nothing is bounded by them alone. */
    static final int ROUNDS_MAX = 1 << 20;

    private static final int INSTRUCTIONS_MAX = 256;
    private static final int ROUNDS_MIN = 2;
    private static final int KIND = Pl330Instruction.BURST | Pl330Instruction.CONDITIONAL;

    private final InstructionCache cache;
    private final Mfifo mfifo;
    private final DataPort port;

    /** How long each instruction of a round takes. */
    final long[] durationsPs = new long[INSTRUCTIONS_MAX];

    int instructions;
    int rounds;
    int bytesPerRound;

    /** Bytes that are read before they are written. */
    int unit;

    long periodPs;
    boolean counts;
    boolean countsInOne;

    LoopRun(InstructionCache cache, Mfifo mfifo, DataPort port) {
        this.cache = cache;
        this.mfifo = mfifo;
        this.port = port;
    }

    /** Plans the rounds from here on that end with a jump back; false when there are too few. */
    boolean plan(ProgramThread thread) {
        if (!thread.looped
                || thread.pc != thread.loopStart
                || mfifo.count(thread.index) != 0
                || !readRound(thread)) {
            return false;
        }
        rounds = counts ? countsInOne ? thread.lc1 : thread.lc0 : ROUNDS_MAX;
        if (bytesPerRound != 0) {
            rounds = Math.min(rounds, BYTES_MAX / bytesPerRound);
        }
        return rounds >= ROUNDS_MIN
                && (bytesPerRound == 0
                        || (isPlain(thread)
                                && port.reachesRam(
                                        thread.sar, thread.dar, (long) rounds * bytesPerRound)));
    }

    private static boolean isPlain(ProgramThread thread) {
        return thread.sourceAdvances
                && thread.destAdvances
                && thread.swapBytes == 1
                && (thread.sar & (thread.sourceBeat - 1)) == 0
                && (thread.dar & (thread.destBeat - 1)) == 0
                && !Execution.isSecureRead(thread)
                && !Execution.isSecureWrite(thread);
    }

    private boolean readRound(ProgramThread thread) {
        instructions = 0;
        bytesPerRound = 0;
        unit = 0;
        periodPs = 0;
        int load = thread.sourceBeat * thread.sourceBeats;
        int store = thread.destBeat * thread.destBeats;
        int held = 0;
        int loaded = 0;
        for (int at = thread.loopStart; instructions < INSTRUCTIONS_MAX; at++) {
            if (!cache.holds(at)) {
                return false;
            }
            byte opcode = cache.at(at);
            Pl330Instruction instruction = Pl330Instruction.of(opcode);
            if (at == thread.loopEnd) {
                return instruction == Pl330Instruction.DMALPEND
                        && cache.holds(at + 1)
                        && held == 0
                        && endRound(thread, opcode, at);
            }
            boolean always = (opcode & KIND) == 0;
            if (instruction == Pl330Instruction.DMALD && always) {
                held += load;
                loaded += load;
                if (!mfifo.hasRoom(thread.index, held)) {
                    return false;
                }
                add(Timing.CYCLE_PS + Timing.readPs(thread.sourceBeats));
            } else if (instruction == Pl330Instruction.DMAST && always) {
                held -= store;
                if (held < 0) {
                    return false;
                }
                add(Timing.CYCLE_PS + Timing.writePs(thread.destBeats));
                if (held == 0) {
                    if (unit != 0 && unit != loaded) {
                        return false;
                    }
                    unit = loaded;
                    bytesPerRound += loaded;
                    loaded = 0;
                }
            } else if (instruction == Pl330Instruction.DMANOP
                    || instruction == Pl330Instruction.DMARMB
                    || instruction == Pl330Instruction.DMAWMB) {
                add(Timing.CYCLE_PS);
            } else {
                return false;
            }
        }
        return false;
    }

    private boolean endRound(ProgramThread thread, byte opcode, int at) {
        int back = cache.at(at + 1) & 0xff;
        counts = (opcode & Pl330Instruction.NOT_FOREVER) != 0;
        countsInOne = (opcode & Pl330Instruction.LPEND_COUNTER_1) != 0;
        add(Timing.CYCLE_PS);
        return (opcode & KIND) == 0
                && at - back == thread.loopStart
                && (counts || !thread.requestIsLast);
    }

    private void add(long durationPs) {
        durationsPs[instructions++] = durationPs;
        periodPs += durationPs;
    }
}
