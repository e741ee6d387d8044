package dmakit.labs.audio;

import dmakit.labs.Count;
import dmakit.machine.Check;
import java.util.Arrays;

/**
 * Sound as a file has it: frames of one or two little-endian signed samples.
 *
 * @param rate frames a second, 1000 to 384,000
 * @param channels 1 or 2
 * @param bits of a sample: 16, 24 or 32
 * @param data whole frames
 */
@SuppressWarnings("ArrayRecordComponent") // copied on the way in and out, and compared by contents
public record Sound(int rate, int channels, int bits, byte[] data) {
    /** Least rate, in frames a second. */
    public static final int RATE_MIN = 1_000;

    /** Greatest rate, in frames a second. */
    public static final int RATE_MAX = 384_000;

    /** Most bytes of one run. */
    public static final int BYTES_MAX = 16 << 20;

    private static final int NARROW_BITS = 16;
    private static final int WORD_BYTES = 4;

    /** Checks the ranges, and copies the bytes. */
    public Sound {
        Check.argument(rate >= RATE_MIN && rate <= RATE_MAX, "%d frames a second", rate);
        Check.argument(channels == 1 || channels == 2, "%d channels", channels);
        Check.argument(bits == 16 || bits == 24 || bits == 32, "samples of %d bits", bits);
        Check.argument(data.length <= BYTES_MAX, "%d bytes", data.length);
        Check.argument(data.length % (channels * bits / Byte.SIZE) == 0, "a broken frame");
        data = data.clone();
    }

    /** The bytes; a copy. */
    @Override
    public byte[] data() {
        return data.clone();
    }

    /** How many frames it has. */
    public int frames() {
        return data.length / frameBytes();
    }

    private int frameBytes() {
        return channels * sampleBytes();
    }

    private int sampleBytes() {
        return bits / Byte.SIZE;
    }

    /**
     * Bytes of a frame in the FIFOs of the port: packed into a word, or a word for each channel.
     */
    int portFrameBytes() {
        return bits == NARROW_BITS ? WORD_BYTES : 2 * WORD_BYTES;
    }

    /** The frames as the port takes them; a single channel goes to both. */
    byte[] toPort() {
        byte[] port = new byte[frames() * portFrameBytes()];
        int slot = portFrameBytes() / 2;
        for (int frame = 0; frame < frames(); frame++) {
            for (int channel = 0; channel < 2; channel++) {
                int from = frame * frameBytes() + channel % channels * sampleBytes();
                int to = frame * portFrameBytes() + channel * slot;
                System.arraycopy(data, from, port, to, sampleBytes());
            }
        }
        return port;
    }

    /**
     * Sound of the same kind from what the port received.
     *
     * @param port whole frames
     */
    Sound fromPort(byte[] port) {
        byte[] file = new byte[port.length / portFrameBytes() * frameBytes()];
        int slot = portFrameBytes() / 2;
        for (int frame = 0; frame < port.length / portFrameBytes(); frame++) {
            for (int channel = 0; channel < channels; channel++) {
                int from = frame * portFrameBytes() + channel * slot;
                int to = frame * frameBytes() + channel * sampleBytes();
                System.arraycopy(port, from, file, to, sampleBytes());
            }
        }
        return new Sound(rate, channels, bits, file);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Sound sound
                && rate == sound.rate
                && channels == sound.channels
                && bits == sound.bits
                && Arrays.equals(data, sound.data);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(data) * 31 + rate;
    }

    @Override
    public String toString() {
        return "%d frames a second, %d x %d bits, %s"
                .formatted(rate, channels, bits, Count.of(frames(), "frame"));
    }
}
