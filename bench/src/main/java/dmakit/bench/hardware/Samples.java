package dmakit.bench.hardware;

/** Bytes to be copied. */
final class Samples {
    private Samples() {}

    static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) ((i * 0x9e37_79b9) >>> 24);
        }
        return bytes;
    }
}
