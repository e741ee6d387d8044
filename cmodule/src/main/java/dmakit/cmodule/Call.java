package dmakit.cmodule;

import dmakit.machine.Check;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One call of C code: what came with it, and what goes back beside the result. */
public final class Call {
    private static final String[] NO_TEXTS = {};
    private static final byte[] NO_DATA = {};

    private final long[] args = new long[Abi.ARG_COUNT];
    private final long[] outs = new long[Abi.ARG_COUNT];
    private String[] texts = NO_TEXTS;
    private byte[] data = NO_DATA;
    private int outCount;
    private long site;
    private long stackPointer;
    private @Nullable String answer;
    int service;

    Call() {}

    void read(Lane lane) {
        for (int i = 0; i < args.length; i++) {
            args[i] = lane.arg(i);
        }
        site = lane.getLong(Abi.SITE);
        stackPointer = lane.getLong(Abi.CALLER_SP);
        service = lane.getInt(Abi.SERVICE);
        int textCount = lane.getInt(Abi.TEXT_COUNT);
        texts = textCount == 0 ? NO_TEXTS : lane.texts(textCount);
        int bytes = lane.getInt(Abi.DATA_BYTES);
        data = bytes == 0 ? NO_DATA : lane.data(bytes);
        outCount = 0;
        answer = null;
    }

    void write(Lane lane, long result) {
        for (int i = 0; i < outCount; i++) {
            lane.arg(i, outs[i]);
        }
        if (data.length > 0) {
            lane.data(data);
        }
        String text = answer;
        if (text != null) {
            lane.text(text);
        }
        lane.kind(Abi.KIND_ANSWER);
        lane.result(result);
    }

    /** An argument, from 0. */
    public long arg(int index) {
        return args[index];
    }

    /** An argument that is an {@code int} in C. */
    public int intArg(int index) {
        return (int) args[index];
    }

    /** An argument that is a truth value in C. */
    public boolean isArg(int index) {
        return (int) args[index] != 0;
    }

    /** The text that came with the call; empty without one. */
    public String text() {
        return text(0);
    }

    /** One of the texts that came with the call; empty when there are fewer. */
    public String text(int index) {
        return index < texts.length ? texts[index] : "";
    }

    /** How many texts came with the call: a NULL is none. */
    public int textCount() {
        return texts.length;
    }

    /** The bytes that came with the call; what is changed in them goes back with the answer. */
    public byte[] data() {
        return data;
    }

    /** Where the module made the call; 0 when no module did. */
    public long site() {
        return site;
    }

    /** How far the stack of the module's function reached that made the call. */
    public long stackPointer() {
        return stackPointer;
    }

    /** Sets a value that goes back beside the result. */
    public void out(int index, long value) {
        if (index >= outCount) {
            Arrays.fill(outs, outCount, index, 0);
            outCount = index + 1;
        }
        outs[index] = value;
    }

    /**
     * Sets the text that goes back.
     *
     * @throws IllegalArgumentException when it is longer than {@value Abi#TEXT_SIZE} bytes
     */
    public void answer(String text) {
        Check.argument(
                text.getBytes(StandardCharsets.UTF_8).length < Abi.TEXT_SIZE,
                "an answer of more than %d bytes",
                Abi.TEXT_SIZE - 1);
        answer = text;
    }
}
