package dmakit.datasheet.pl330;

import org.jspecify.annotations.Nullable;

/**
 * The instruction set: opcodes, how many bytes follow, and which threads execute it. DMA-330 TRM,
 * section 4.2 and table 4-1.
 *
 * <p>Bits of the opcode outside of {@link #mask} are operands: {@code bs} and {@code x} (bits 1 and
 * 0) say for which kind of request an instruction does something, {@code lc}, {@code ra} and {@code
 * ns} choose among two. DMASTP lies inside of what DMALPEND could be, and wins.
 */
public enum Pl330Instruction {
    //        opcode mask  bytes manager debug
    DMAADDH(0x54, 0xfd, 3, false, false),
    DMAADNH(0x5c, 0xfd, 3, false, false),
    DMAEND(0x00, 0xff, 1, true, false),
    DMAFLUSHP(0x35, 0xff, 2, false, false),
    DMAGO(0xa0, 0xfd, 6, true, true),
    DMAKILL(0x01, 0xff, 1, true, true),
    DMALD(0x04, 0xfc, 1, false, false),
    DMALDP(0x25, 0xfd, 2, false, false),
    DMALP(0x20, 0xfd, 2, false, false),
    DMASTP(0x29, 0xfd, 2, false, false),
    DMALPEND(0x28, 0xe8, 2, false, false),
    DMAMOV(0xbc, 0xff, 6, false, false),
    DMANOP(0x18, 0xff, 1, true, false),
    DMARMB(0x12, 0xff, 1, false, false),
    DMASEV(0x34, 0xff, 2, true, true),
    DMAST(0x08, 0xfc, 1, false, false),
    DMASTZ(0x0c, 0xff, 1, false, false),
    DMAWFE(0x36, 0xff, 2, true, false),
    DMAWFP(0x30, 0xfc, 2, false, false),
    DMAWMB(0x13, 0xff, 1, false, false);

    /** Bytes of the longest instruction. */
    public static final int SIZE_MAX = 6;

    /** Bit of DMALPEND: the loop was begun by DMALP, not by DMALPFE. */
    public static final int NOT_FOREVER = 1 << 4;

    /** Bit of DMALPEND: loop counter 1. */
    public static final int LPEND_COUNTER_1 = 1 << 2;

    /** Bit of DMALP: loop counter 1. */
    public static final int LP_COUNTER_1 = 1 << 1;

    /** Bit of DMAADDH and DMAADNH: the destination address. */
    public static final int OF_DESTINATION = 1 << 1;

    /** Bit of DMAGO: the channel is non-secure. */
    public static final int NON_SECURE = 1 << 1;

    /** Bit of DMALDP, DMASTP, DMAWFP: of bursts; and of conditional DMALD, DMAST and DMALPEND. */
    public static final int BURST = 1 << 1;

    /** Bit of DMALD, DMAST and DMALPEND: only for requests of the kind that BURST says. */
    public static final int CONDITIONAL = 1;

    /** Bit of DMAWFP: the peripheral chooses the kind. */
    public static final int PERIPHERAL = 1;

    /** Bit of DMAWFE's operand: forget what the instruction cache holds. */
    public static final int INVALIDATE = 1 << 1;

    /** Where DMAFLUSHP, DMALDP, DMASEV, DMASTP, DMAWFE and DMAWFP have a number. */
    public static final int LG2_NUMBER = 3;

    /** Register numbers of DMAMOV. */
    public static final int MOV_SAR = 0;

    /** The second. */
    public static final int MOV_CCR = 1;

    /** The third. */
    public static final int MOV_DAR = 2;

    private final int opcode;
    private final int mask;
    private final int size;
    private final boolean manager;
    private final boolean debug;

    private static final @Nullable Pl330Instruction[] BY_OPCODE = byOpcode();

    Pl330Instruction(int opcode, int mask, int size, boolean manager, boolean debug) {
        this.opcode = opcode;
        this.mask = mask;
        this.size = size;
        this.manager = manager;
        this.debug = debug;
    }

    private static @Nullable Pl330Instruction[] byOpcode() {
        @Nullable Pl330Instruction[] table = new Pl330Instruction[256];
        for (int opcode = 0; opcode < table.length; opcode++) {
            for (Pl330Instruction each : values()) {
                if (table[opcode] == null && (opcode & each.mask) == each.opcode) {
                    table[opcode] = each;
                }
            }
        }
        return table;
    }

    /** The instruction an opcode begins, or null. */
    public static @Nullable Pl330Instruction of(byte opcode) {
        return BY_OPCODE[opcode & 0xff];
    }

    /** The first byte, without operands. */
    public int opcode() {
        return opcode;
    }

    /** Ones in the first byte where no operand is. */
    public int mask() {
        return mask;
    }

    /** Bytes of the whole instruction. */
    public int size() {
        return size;
    }

    /** Whether the manager executes it; a channel executes every one but DMAGO. */
    public boolean isForManager() {
        return manager;
    }

    /** Whether a channel executes it. */
    public boolean isForChannel() {
        return this != DMAGO;
    }

    /** Whether the debug registers take it. DMA-330 TRM, section 2.4. */
    public boolean isForDebug() {
        return debug;
    }
}
