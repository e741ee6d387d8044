package dmakit.hardware.pl330;

import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.pl330.Pl330ChannelRegister;
import dmakit.datasheet.pl330.Pl330Instruction;

/** Instructions as a reader of the trace wants them, in the mnemonics of the TRM, section 4.3. */
final class Disassembly {
    private static final String[] MOVED = {"SAR", "CCR", "DAR"};

    private Disassembly() {}

    /**
     * The instructions from an address on that end within so many bytes.
     *
     * @param cache holds all of them
     * @param end behind the last byte that is known
     */
    static String of(InstructionCache cache, int start, int end) {
        StringBuilder text = new StringBuilder();
        for (int at = start; at - end < 0; ) {
            if (!cache.holds(at)) {
                break;
            }
            Pl330Instruction instruction = Pl330Instruction.of(cache.at(at));
            int size = instruction == null ? 1 : instruction.size();
            if (at + size - end > 0) {
                break;
            }
            text.append(text.isEmpty() ? "" : "; ");
            text.append(instruction == null ? "?" : text(cache, at, instruction));
            at += size;
            if (instruction == null || instruction == Pl330Instruction.DMAEND) {
                break;
            }
        }
        return text.toString();
    }

    private static String text(InstructionCache cache, int at, Pl330Instruction instruction) {
        int code = cache.at(at) & 0xff;
        int operand = instruction.size() > 1 ? cache.at(at + 1) & 0xff : 0;
        int number = operand >> Pl330Instruction.LG2_NUMBER;
        return switch (instruction) {
            case DMAMOV -> move(operand, word(cache, at + 2));
            case DMAADDH, DMAADNH ->
                    "%s %s 0x%x"
                            .formatted(
                                    instruction,
                                    (code & Pl330Instruction.OF_DESTINATION) != 0 ? "DAR" : "SAR",
                                    operand | (cache.at(at + 2) & 0xff) << Byte.SIZE);
            case DMALP ->
                    "DMALP %d %d"
                            .formatted(
                                    (code & Pl330Instruction.LP_COUNTER_1) != 0 ? 1 : 0,
                                    operand + 1);
            case DMALPEND ->
                    "DMALPEND%s %d -%d"
                            .formatted(
                                    kind(code),
                                    (code & Pl330Instruction.LPEND_COUNTER_1) != 0 ? 1 : 0,
                                    operand);
            case DMALD, DMAST -> instruction + kind(code);
            case DMALDP, DMASTP ->
                    instruction + ((code & Pl330Instruction.BURST) != 0 ? "B " : "S ") + number;
            case DMAWFP ->
                    "DMAWFP %d %s"
                            .formatted(
                                    number,
                                    (code & Pl330Instruction.PERIPHERAL) != 0
                                            ? "periph"
                                            : (code & Pl330Instruction.BURST) != 0
                                                    ? "burst"
                                                    : "single");
            case DMASEV, DMAWFE, DMAFLUSHP -> instruction + " " + number;
            case DMAGO -> "DMAGO %d 0x%x".formatted(operand, word(cache, at + 2));
            case DMAEND, DMAKILL, DMANOP, DMARMB, DMASTZ, DMAWMB -> instruction.name();
        };
    }

    private static String move(int register, int value) {
        if (register >= MOVED.length) {
            return "DMAMOV ? 0x%x".formatted(value);
        }
        return register == Pl330Instruction.MOV_CCR
                ? "DMAMOV " + RegisterMap.describe(Pl330ChannelRegister.CCR, value)
                : "DMAMOV %s 0x%x".formatted(MOVED[register], value);
    }

    private static String kind(int code) {
        if ((code & Pl330Instruction.CONDITIONAL) == 0) {
            return "";
        }
        return (code & Pl330Instruction.BURST) != 0 ? "B" : "S";
    }

    private static int word(InstructionCache cache, int at) {
        return (cache.at(at) & 0xff)
                | (cache.at(at + 1) & 0xff) << 8
                | (cache.at(at + 2) & 0xff) << 16
                | cache.at(at + 3) << 24;
    }
}
