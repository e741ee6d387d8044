package dmakit.cmodule.user;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What a program sent. */
final class Message {
    private static final Wire.Op[] OPS = Wire.Op.values();

    private final Wire.Op op;
    private final long[] values;
    private final byte[] data;

    private Message(Wire.Op op, long[] values, byte[] data) {
        this.op = op;
        this.values = values;
        this.data = data;
    }

    /**
     * Reads one.
     *
     * @throws ProtocolException when no library of ours sends such bytes
     */
    static Message of(byte[] bytes) {
        if (bytes.length < Wire.HEAD_BYTES) {
            throw new ProtocolException("a message of " + bytes.length + " bytes");
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int kind = buffer.getInt(0);
        if (kind < 0 || kind >= OPS.length) {
            throw new ProtocolException("a message of kind " + kind);
        }
        long[] values = new long[Wire.VALUE_COUNT];
        for (int i = 0; i < values.length; i++) {
            values[i] = buffer.getLong(8 + 8 * i);
        }
        return new Message(
                OPS[kind], values, Arrays.copyOfRange(bytes, Wire.HEAD_BYTES, bytes.length));
    }

    /** The bytes of a message to a program. */
    static byte[] bytes(Wire.Wish kind, long[] values, byte[] data, int dataLength) {
        byte[] bytes = new byte[Wire.HEAD_BYTES + dataLength];
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(0, kind.ordinal());
        for (int i = 0; i < values.length; i++) {
            buffer.putLong(8 + 8 * i, values[i]);
        }
        System.arraycopy(data, 0, bytes, Wire.HEAD_BYTES, dataLength);
        return bytes;
    }

    /** What the program wants. */
    Wire.Op op() {
        return op;
    }

    /** One of the {@link Wire#VALUE_COUNT} numbers, addresses and descriptors. */
    long value(int index) {
        return values[index];
    }

    int intValue(int index) {
        return (int) values[index];
    }

    /** What came behind the numbers. */
    byte[] data() {
        return data;
    }

    /** The data as text, up to its first zero byte. */
    String text() {
        int length = 0;
        while (length < data.length && data[length] != 0) {
            length++;
        }
        return new String(data, 0, length, StandardCharsets.UTF_8);
    }
}
