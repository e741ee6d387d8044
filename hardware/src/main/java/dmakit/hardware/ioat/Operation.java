package dmakit.hardware.ioat;

import dmakit.datasheet.ioat.IoatChannelRegister.Chanerr;
import dmakit.datasheet.ioat.IoatDescriptor;
import dmakit.datasheet.ioat.IoatDescriptor.Control;
import dmakit.datasheet.ioat.IoatDescriptor.Op;
import dmakit.datasheet.ioat.IoatDescriptor.Size;
import dmakit.datasheet.ioat.IoatRegister.Dmacapability;
import dmakit.hardware.DescriptorWords;
import dmakit.hardware.pci.PciFunction;
import dmakit.machine.bus.BusAnswer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One descriptor as a channel works on it: what it says, and how far the channel has come. */
final class Operation {
    /** Most sources of any operation. */
    static final int SOURCE_COUNT_MAX = 16;

    private static final int SHORT_COUNT_BASE = 2;
    private static final int LONG_COUNT_BASE = 9;
    private static final int SHORT_COUNT_MAX = 8;
    private static final int XOR_SOURCES_IN_ONE = 5;
    private static final int PQ_SOURCES_IN_ONE = 3;

    // Where sources are, by their number: word of the descriptor, or 8 and more in the second one.
    private static final int[] XOR_WORDS = {1, 4, 5, 6, 7, 8, 9, 10};
    private static final int[] PQ_WORDS = {1, 4, 5, 8, 9, 10, 12, 13};
    private static final int NEXT_WORD = 3;
    private static final int EXTENDED_NEXT_WORD = 8 + NEXT_WORD;
    private static final int COEFFICIENT_WORD = 6;
    private static final int SED_WORD = 5;
    private static final int Q_WORD = 7;
    private static final int WORD_BYTES = Long.BYTES;

    private final PciFunction function;
    private final Field256 field;
    private final byte[] words = new byte[2 * IoatDescriptor.SIZE_BYTES];
    private final byte[] more = new byte[IoatDescriptor.SED_BYTES_MAX];
    private final byte[] operand = new byte[Timing.REQUEST_BYTES];
    private final byte[] p = new byte[Timing.REQUEST_BYTES];
    private final byte[] q = new byte[Timing.REQUEST_BYTES];
    private final long[] sources = new long[SOURCE_COUNT_MAX];
    private final int[] coefficients = new int[SOURCE_COUNT_MAX];

    private Op op = Op.COPY;
    private int control;
    private int sourceCount;
    private long address;
    private long pAddress;
    private long qAddress;
    private int size;
    private int done;
    private boolean moves;
    private boolean extended;
    private boolean pFits;
    private boolean qFits;

    Operation(PciFunction function, Field256 field) {
        this.function = function;
        this.field = field;
    }

    // What the descriptor says.

    boolean interrupts() {
        return Control.INT_EN.isSet(control);
    }

    boolean writesCompletion() {
        return Control.COMPL_WRITE.isSet(control);
    }

    /** Descriptors it takes, 1 or 2. */
    int descriptorCount() {
        return extended ? 2 : 1;
    }

    /** Where the one after it is. */
    long next() {
        return word(words, extended ? EXTENDED_NEXT_WORD : NEXT_WORD);
    }

    long address() {
        return address;
    }

    boolean hasResidue() {
        return moves && done < size;
    }

    /** How long the next step takes, in picoseconds. */
    long stepPs() {
        int bytes = Math.min(size - done, Timing.REQUEST_BYTES);
        return Timing.stepPs(sourceCount + (isSyndrome() ? 2 : 1), bytes);
    }

    private boolean isSyndrome() {
        return switch (op) {
            case COPY, XOR, XOR_VAL -> false;
            case PQ, PQ_VAL, PQ_16S, PQ_VAL_16S -> true;
        };
    }

    private boolean isCheck() {
        return switch (op) {
            case COPY, XOR, PQ, PQ_16S -> false;
            case XOR_VAL, PQ_VAL, PQ_VAL_16S -> true;
        };
    }

    /**
     * Fetches and decodes a descriptor.
     *
     * @param capabilities which operations the function has
     * @param bytesMax of one operation
     * @return why the channel halts: a bit of CHANERR, or 0
     */
    int fetch(long at, int capabilities, int bytesMax) {
        address = at;
        done = 0;
        extended = false;
        pFits = true;
        qFits = true;
        if (!function.read(at, words, 0, IoatDescriptor.SIZE_BYTES).isDone()) {
            return Chanerr.NEXT_ADDRESS.mask();
        }
        control = half(IoatDescriptor.CONTROL.offset());
        Op known = knownOp(capabilities);
        if (known == null) {
            return Chanerr.CONTROL.mask();
        }
        op = known;
        size = half(IoatDescriptor.SIZE.offset());
        if (size <= 0 || size > bytesMax) {
            return Chanerr.LENGTH.mask();
        }
        pAddress = word(words, 2);
        qAddress = word(words, Q_WORD);
        moves = op != Op.COPY || Control.SRC_CNT.get(control) == 0;
        return decodeSources();
    }

    private @Nullable Op knownOp(int capabilities) {
        int code = Control.OP.get(control);
        for (Op candidate : Op.values()) {
            if (candidate.code() == code) {
                boolean offered =
                        switch (candidate) {
                            case COPY -> true;
                            case XOR, XOR_VAL -> Dmacapability.XOR.isSet(capabilities);
                            case PQ, PQ_VAL -> Dmacapability.PQ.isSet(capabilities);
                            case PQ_16S, PQ_VAL_16S -> Dmacapability.RAID16SS.isSet(capabilities);
                        };
                return offered ? candidate : null;
            }
        }
        return null;
    }

    private int decodeSources() {
        int count = Control.SRC_CNT.get(control);
        return switch (op) {
            case COPY -> {
                sourceCount = 1;
                sources[0] = word(words, 1);
                yield 0;
            }
            case XOR, XOR_VAL -> {
                sourceCount = count + SHORT_COUNT_BASE;
                yield decodeShort(XOR_WORDS, XOR_SOURCES_IN_ONE);
            }
            case PQ, PQ_VAL -> {
                sourceCount = count + SHORT_COUNT_BASE;
                yield decodeShort(PQ_WORDS, PQ_SOURCES_IN_ONE);
            }
            case PQ_16S, PQ_VAL_16S -> {
                sourceCount = count + LONG_COUNT_BASE;
                yield decodeLong();
            }
        };
    }

    private int decodeShort(int[] places, int inOne) {
        if (sourceCount > SHORT_COUNT_MAX) {
            return Chanerr.CONTROL.mask();
        }
        extended = sourceCount > inOne;
        if (extended) {
            long second = word(words, NEXT_WORD);
            if (second % IoatDescriptor.ALIGNMENT != 0) {
                return Chanerr.NEXT_DESC_ALIGN.mask();
            }
            int bytes = IoatDescriptor.SIZE_BYTES;
            if (!function.read(second, words, bytes, bytes).isDone()) {
                return Chanerr.NEXT_ADDRESS.mask();
            }
        }
        for (int i = 0; i < sourceCount; i++) {
            sources[i] = word(words, places[i]);
            coefficients[i] = words[COEFFICIENT_WORD * WORD_BYTES + i] & 0xff;
        }
        return 0;
    }

    private int decodeLong() {
        long at = word(words, SED_WORD);
        if (at % IoatDescriptor.ALIGNMENT != 0
                || !function.read(at, more, 0, sedBytes()).isDone()) {
            return Chanerr.SED_ADDRESS.mask();
        }
        for (int i = 0; i < sourceCount; i++) {
            // The first two are where they always are; the third's word has the way to the others.
            sources[i] =
                    switch (i) {
                        case 0 -> word(words, 1);
                        case 1 -> word(words, 4);
                        default -> word(more, i - 1);
                    };
            coefficients[i] =
                    0xff
                            & (i < WORD_BYTES
                                    ? words[COEFFICIENT_WORD * WORD_BYTES + i]
                                    : more[i - WORD_BYTES]);
        }
        return 0;
    }

    /** Nine sources fit into the first half. */
    private int sedBytes() {
        return sourceCount == LONG_COUNT_BASE
                ? IoatDescriptor.SED_BYTES_MAX / 2
                : IoatDescriptor.SED_BYTES_MAX;
    }

    // Working.

    /**
     * Moves, sums or checks the next request's worth.
     *
     * @return why the channel halts, or 0
     */
    int step() {
        int bytes = Math.min(size - done, Timing.REQUEST_BYTES);
        int failure =
                switch (op) {
                    case COPY -> copy(bytes);
                    case XOR, XOR_VAL, PQ, PQ_VAL, PQ_16S, PQ_VAL_16S -> sum(bytes);
                };
        if (failure == 0) {
            done += bytes;
        }
        return failure;
    }

    private int copy(int bytes) {
        if (!function.read(sources[0] + done, operand, 0, bytes).isDone()) {
            return Chanerr.READ_DATA.mask();
        }
        return written(function.write(pAddress + done, operand, 0, bytes));
    }

    private int sum(int bytes) {
        Arrays.fill(p, 0, bytes, (byte) 0);
        Arrays.fill(q, 0, bytes, (byte) 0);
        for (int i = 0; i < sourceCount; i++) {
            if (!function.read(sources[i] + done, operand, 0, bytes).isDone()) {
                return Chanerr.READ_DATA.mask();
            }
            for (int at = 0; at < bytes; at++) {
                p[at] ^= operand[at];
            }
            if (hasQ()) {
                field.addMultiple(q, coefficients[i], operand, bytes);
            }
        }
        int failure = hasP() ? deliver(pAddress, p, bytes, true) : 0;
        return failure == 0 && hasQ() ? deliver(qAddress, q, bytes, false) : failure;
    }

    private boolean hasP() {
        return !isSyndrome() || !Control.P_DISABLE.isSet(control);
    }

    private boolean hasQ() {
        return isSyndrome() && !Control.Q_DISABLE.isSet(control);
    }

    /** Stores a result, or compares it with what is there. */
    private int deliver(long to, byte[] result, int bytes, boolean isP) {
        if (!isCheck()) {
            return written(function.write(to + done, result, 0, bytes));
        }
        if (!function.read(to + done, operand, 0, bytes).isDone()) {
            return Chanerr.READ_DATA.mask();
        }
        if (Arrays.mismatch(operand, 0, bytes, result, 0, bytes) >= 0) {
            pFits &= !isP;
            qFits &= isP;
        }
        return 0;
    }

    private static int written(BusAnswer answer) {
        return answer.isDone() ? 0 : Chanerr.WRITE_DATA.mask();
    }

    /**
     * Ends it: writes back what a check found, if asked to.
     *
     * @return what does not fit: bits of CHANERR, or 0
     */
    int finish() {
        int found = (pFits ? 0 : Chanerr.XOR_P_OR_CRC.mask()) | (qFits ? 0 : Chanerr.XOR_Q.mask());
        if (isCheck() && isSyndrome() && Control.WB_EN.isSet(control)) {
            int status = Size.WBES.mask();
            status = Size.P_VAL_ERR.with(status, !pFits);
            status = Size.Q_VAL_ERR.with(status, !qFits);
            for (int i = 0; i < Integer.BYTES; i++) {
                words[i] = (byte) (status >>> (Byte.SIZE * i));
            }
            function.write(address, words, 0, Integer.BYTES);
        }
        return found;
    }

    /** What it is, for the trace. */
    String content() {
        return op + " sources=" + sourceCount + " size=" + size;
    }

    private int half(int at) {
        return DescriptorWords.word(words, at);
    }

    private static long word(byte[] from, int number) {
        long word = 0;
        for (int i = WORD_BYTES - 1; i >= 0; i--) {
            word = word << Byte.SIZE | (from[number * WORD_BYTES + i] & 0xff);
        }
        return word;
    }
}
