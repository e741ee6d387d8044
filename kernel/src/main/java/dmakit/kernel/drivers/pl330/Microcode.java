package dmakit.kernel.drivers.pl330;

import dmakit.datasheet.pl330.Pl330ChannelRegister.Ccr;
import dmakit.datasheet.pl330.Pl330Instruction;
import dmakit.kernel.Linux;
import dmakit.kernel.dmaengine.TransferDirection;

/** Assembles the program of one descriptor. */
final class Microcode {
    private static final String FILE = "drivers/dma/pl330.c";

    /** Bytes of the longest program a channel's buffer takes. */
    static final int SIZE_MAX = 256;

    /** Bursts of a copy whose program fits whatever revision the controller is. */
    static final long COPY_BURSTS_MAX = 1 << 21;

    private static final int ROUNDS_MAX = 256;
    private static final int BACKWARDS_MAX = 255;
    private static final int LOOP_BYTES =
            Pl330Instruction.DMALP.size() + Pl330Instruction.DMALPEND.size();

    /** A program is assembled to its end before anybody asks whether it fits. */
    private static final int SCRATCH_BYTES = 1 << 14;

    private final Config config;
    private final boolean flushes;
    private final boolean burstsOnly;
    private final byte[] bytes = new byte[SCRATCH_BYTES];
    private int size;

    // Of the descriptor.
    private TransferDirection direction = TransferDirection.NONE;
    private int peripheral;

    /**
     * Creates an assembler.
     *
     * @param flushes whether DMAFLUSHP may be used
     * @param burstsOnly whether peripherals ask for bursts alone
     */
    Microcode(Config config, boolean flushes, boolean burstsOnly) {
        this.config = config;
        this.flushes = flushes;
        this.burstsOnly = burstsOnly;
    }

    byte[] bytes() {
        return bytes;
    }

    /**
     * Assembles a program that ends with an event.
     *
     * @return its size in bytes, maybe more than {@link #SIZE_MAX}
     */
    @Linux(file = FILE, symbol = "_setup_req")
    int assemble(Pl330Descriptor desc, int event) {
        size = 0;
        direction = desc.direction;
        peripheral = desc.peripheral;
        int control = control(desc, desc.burstWords);
        move(Pl330Instruction.MOV_CCR, control);
        move(Pl330Instruction.MOV_SAR, (int) desc.source);
        move(Pl330Instruction.MOV_DAR, (int) desc.destination);
        long burstBytes = (long) desc.burstWords << desc.lg2Word;
        long bursts = desc.size / burstBytes;
        boolean inBursts = desc.burstWords > 1 || burstsOnly;
        while (bursts > 0 && size <= SIZE_MAX) {
            bursts -= loop(bursts, inBursts);
        }
        int wordsLeft = (int) ((desc.size % burstBytes) >> desc.lg2Word);
        if (wordsLeft > 0) {
            move(Pl330Instruction.MOV_CCR, control(desc, wordsLeft));
            bursts(1, true);
        }
        numbered(Pl330Instruction.DMASEV, 0, event);
        emit(Pl330Instruction.DMAEND.opcode());
        return size;
    }

    @Linux(file = FILE, symbol = "_prepare_ccr")
    private int control(Pl330Descriptor desc, int words) {
        int protection = config.nonSecure() ? 1 << 1 : 0;
        int value = Ccr.SRC_INC.with(0, desc.direction != TransferDirection.DEV_TO_MEM);
        value = Ccr.DST_INC.with(value, desc.direction != TransferDirection.MEM_TO_DEV);
        value = Ccr.SRC_PROT_CTRL.with(value, protection);
        value = Ccr.DST_PROT_CTRL.with(value, protection);
        value = Ccr.SRC_BURST_LEN.with(value, words - 1);
        value = Ccr.DST_BURST_LEN.with(value, words - 1);
        value = Ccr.SRC_BURST_SIZE.with(value, desc.lg2Word);
        return Ccr.DST_BURST_SIZE.with(value, desc.lg2Word);
    }

    /** Emits as many bursts as one nest of two loops holds, and answers how many that are. */
    @Linux(file = FILE, symbol = "_loop")
    private long loop(long bursts, boolean inBursts) {
        if (bursts == 1) {
            bursts(1, inBursts);
            return 1;
        }
        int inner = (int) Math.min(bursts, ROUNDS_MAX);
        int outer = (int) Math.min(bursts / inner, ROUNDS_MAX);
        boolean nested = bursts > ROUNDS_MAX;
        long perRound = Math.max(bursts / ((long) inner * outer), 1);
        int burstSize = sizeOfBurst(inBursts);
        int perRoundMax = (BACKWARDS_MAX - (nested ? 2 * LOOP_BYTES : LOOP_BYTES)) / burstSize;
        int count = (int) Math.min(perRound, perRoundMax);
        int outerStart = 0;
        if (nested) {
            emit(Pl330Instruction.DMALP.opcode(), outer - 1);
            outerStart = size;
        }
        emit(Pl330Instruction.DMALP.opcode() | Pl330Instruction.LP_COUNTER_1, inner - 1);
        int innerStart = size;
        bursts(count, inBursts);
        int end = Pl330Instruction.DMALPEND.opcode() | Pl330Instruction.NOT_FOREVER;
        emit(end | Pl330Instruction.LPEND_COUNTER_1, size - innerStart);
        if (nested) {
            emit(end, size - outerStart);
        }
        return (long) count * inner * (nested ? outer : 1);
    }

    private int sizeOfBurst(boolean inBursts) {
        int before = size;
        bursts(1, inBursts);
        int burstSize = size - before;
        size = before;
        return burstSize;
    }

    @Linux(file = FILE, symbol = "_bursts")
    private void bursts(int count, boolean inBursts) {
        if (direction == TransferDirection.MEM_TO_MEM) {
            copies(count);
        } else {
            transfers(count, inBursts);
        }
    }

    @Linux(file = FILE, symbol = "_ldst_memtomem")
    private void copies(int count) {
        for (int i = 0; i < count; i++) {
            emit(Pl330Instruction.DMALD.opcode());
            if (!config.isFreeOfLockUps()) {
                emit(Pl330Instruction.DMARMB.opcode());
            }
            emit(Pl330Instruction.DMAST.opcode());
            if (!config.isFreeOfLockUps()) {
                emit(Pl330Instruction.DMAWMB.opcode());
            }
        }
    }

    @Linux(file = FILE, symbol = "_ldst_peripheral")
    private void transfers(int count, boolean inBursts) {
        int burst = inBursts ? Pl330Instruction.BURST : 0;
        if (flushes) {
            numbered(Pl330Instruction.DMAFLUSHP, 0, peripheral);
        }
        for (int i = 0; i < count; i++) {
            numbered(Pl330Instruction.DMAWFP, burst, peripheral);
            if (direction == TransferDirection.DEV_TO_MEM) {
                numbered(Pl330Instruction.DMALDP, burst, peripheral);
                emit(Pl330Instruction.DMAST.opcode() | burst | Pl330Instruction.CONDITIONAL);
            } else {
                emit(Pl330Instruction.DMALD.opcode() | burst | Pl330Instruction.CONDITIONAL);
                numbered(Pl330Instruction.DMASTP, burst, peripheral);
            }
        }
    }

    private void move(int register, int value) {
        emit(Pl330Instruction.DMAMOV.opcode(), register);
        emit(value, value >> 8);
        emit(value >> 16, value >> 24);
    }

    private void numbered(Pl330Instruction instruction, int bits, int number) {
        emit(instruction.opcode() | bits, number << Pl330Instruction.LG2_NUMBER);
    }

    private void emit(int first, int second) {
        emit(first);
        emit(second);
    }

    private void emit(int value) {
        bytes[size++] = (byte) value;
    }
}
