package dmakit.cmodule.user;

import java.nio.charset.StandardCharsets;

/** What a system call answers. */
final class Answer {
    private static final byte[] NOTHING = {};

    private final long value;
    private final long second;
    private final byte[] data;
    private final int attachment;

    private Answer(long value, long second, byte[] data, int attachment) {
        this.value = value;
        this.second = second;
        this.data = data;
        this.attachment = attachment;
    }

    /**
     * A number.
     *
     * @param value 0 or more, or a negative error number
     */
    static Answer of(long value) {
        return new Answer(value, 0, NOTHING, 0);
    }

    /** A number, and what goes behind it. */
    static Answer of(long value, byte[] data) {
        return new Answer(value, 0, data, 0);
    }

    /** A path, or another text without a zero byte behind it. */
    static Answer text(String text) {
        return of(0, text.getBytes(StandardCharsets.UTF_8));
    }

    /** The same with a second number. */
    Answer withSecond(long other) {
        return new Answer(value, other, data, attachment);
    }

    /** The same with what {@link Wire#attach} names. */
    Answer withAttachment(Wire.Attachment kind, int number) {
        return new Answer(value, second, data, Wire.attach(kind, number));
    }

    /** The second number; 0 where there is none. */
    long second() {
        return second;
    }

    /** What goes with it, for the guard. */
    int attachment() {
        return attachment;
    }

    /** The message that carries it. */
    byte[] bytes() {
        long[] values = new long[Wire.VALUE_COUNT];
        values[0] = value;
        values[1] = second;
        return Message.bytes(Wire.Wish.ANSWER, values, data, data.length);
    }
}
