package dmakit.cli;

import dmakit.labs.audio.Sound;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * WAV files, as {@link Sound}: RIFF chunks, of which {@code fmt} says how the samples in {@code
 * data} are to be understood, and all others are passed over.
 */
final class WavFile {
    /** Most bytes of a file: the longest sound, and room for other chunks. */
    static final int BYTES_MAX = Sound.BYTES_MAX + (1 << 16);

    private static final String RIFF = "RIFF";
    private static final String WAVE = "WAVE";
    private static final String FORMAT_CHUNK = "fmt ";
    private static final String DATA_CHUNK = "data";
    private static final int ID_BYTES = 4;
    private static final int CHUNK_HEADER_BYTES = 8;
    private static final int FILE_HEADER_BYTES = 12;

    /** Bytes of a {@code fmt} chunk: the least, and that of the extensible form. */
    private static final int FORMAT_BYTES = 16;

    private static final int EXTENSIBLE_BYTES = 40;

    // Where the fields of a fmt chunk lie in it.
    private static final int CHANNELS_AT = 2;
    private static final int RATE_AT = 4;
    private static final int FRAME_BYTES_AT = 12;
    private static final int BITS_AT = 14;
    private static final int SUBFORMAT_AT = 24;

    /** The length of what a program wrote that could not go back to its header, or more. */
    private static final long UNKNOWN_BYTES_MIN = 0x7fff_0000L;

    private static final int PCM = 1;
    private static final int EXTENSIBLE = 0xfffe;

    /** What follows the two bytes of the tag in the GUID of an extensible format. */
    private static final byte[] GUID_TAIL = {
        0, 0, 0, 0, 0x10, 0, (byte) 0x80, 0, 0, (byte) 0xaa, 0, 0x38, (byte) 0x9b, 0x71
    };

    private final String named;
    private final Path file;
    private final ByteBuffer in;

    private WavFile(String option, Path file, byte[] content) {
        this.file = file;
        named = option + " " + file;
        in = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Reads a file.
     *
     * @param option that names it, for messages
     * @throws CouldNotRun when it is no whole WAV file, or one of a kind that the port does not
     *     play
     */
    static Sound read(String option, Path file) {
        return new WavFile(option, file, InputFile.read(option, file, BYTES_MAX)).sound();
    }

    private Sound sound() {
        checkBeginning();
        Chunk format = chunk(FORMAT_CHUNK, FILE_HEADER_BYTES);
        if (format.bytes() < FORMAT_BYTES || format.bytes() > in.limit() - format.at()) {
            throw broken(
                    "its fmt chunk has %d bytes of %d"
                            .formatted(
                                    Math.min(format.bytes(), in.limit() - format.at()),
                                    FORMAT_BYTES));
        }
        checkSamples(format);
        int channels = unsigned16(format.at() + CHANNELS_AT);
        int bits = unsigned16(format.at() + BITS_AT);
        if (channels != 1 && channels != 2) {
            throw unplayable("has %d channels".formatted(channels), "1 or 2");
        }
        if (bits != 16 && bits != 24 && bits != 32) {
            throw unplayable("has samples of %d bits".formatted(bits), "16, 24 or 32");
        }
        int frameBytes = channels * bits / Byte.SIZE;
        if (unsigned16(format.at() + FRAME_BYTES_AT) != frameBytes) {
            throw broken(
                    "its frames have %d bytes, wanted %d for %d x %d bits"
                            .formatted(
                                    unsigned16(format.at() + FRAME_BYTES_AT),
                                    frameBytes,
                                    channels,
                                    bits));
        }
        long rate = Integer.toUnsignedLong(in.getInt(format.at() + RATE_AT));
        if (rate < Sound.RATE_MIN || rate > Sound.RATE_MAX) {
            throw unplayable(
                    "has %d frames a second".formatted(rate),
                    "%d to %d".formatted(Sound.RATE_MIN, Sound.RATE_MAX));
        }
        return new Sound((int) rate, channels, bits, frames(format, frameBytes));
    }

    private void checkBeginning() {
        if (in.limit() == 0) {
            throw broken("it is empty");
        }
        String id = id(0);
        if (!id.equals(RIFF) || !id(CHUNK_HEADER_BYTES).equals(WAVE)) {
            throw unplayable("is no WAV file, %s".formatted(kind(id)), "RIFF, and WAVE in it");
        }
    }

    private static String kind(String id) {
        return switch (id) {
            case RIFF -> "but RIFF of another kind";
            case "RIFX" -> "but RIFX, which is big-endian";
            case "RF64", "BW64" -> "but one for more than 4 GiB, " + id;
            case "FORM" -> "but probably AIFF";
            case "fLaC" -> "but FLAC";
            case "OggS" -> "but Ogg";
            default -> id.startsWith("ID3") ? "but probably MP3" : "it does not begin with RIFF";
        };
    }

    /** Whether the samples are signed integers. */
    private void checkSamples(Chunk format) {
        int tag = unsigned16(format.at());
        if (tag == EXTENSIBLE) {
            if (format.bytes() < EXTENSIBLE_BYTES) {
                throw broken(
                        "its fmt chunk is of the extensible form and has %d bytes of %d"
                                .formatted(format.bytes(), EXTENSIBLE_BYTES));
            }
            tag = unsigned16(format.at() + SUBFORMAT_AT);
            byte[] tail = new byte[GUID_TAIL.length];
            in.get(format.at() + SUBFORMAT_AT + Short.BYTES, tail);
            if (!ByteBuffer.wrap(tail).equals(ByteBuffer.wrap(GUID_TAIL))) {
                throw unplayable("has samples of a kind of its own", "signed integers");
            }
        }
        if (tag != PCM) {
            throw unplayable("has %s".formatted(samples(tag)), "signed integers");
        }
    }

    private static String samples(int tag) {
        return switch (tag) {
            case 0x02, 0x11 -> "samples compressed as ADPCM";
            case 0x03 -> "floating-point samples";
            case 0x06 -> "samples compressed as A-law";
            case 0x07 -> "samples compressed as mu-law";
            case 0x55 -> "samples compressed as MP3";
            default -> "samples of the unknown format 0x%04x".formatted(tag);
        };
    }

    private byte[] frames(Chunk format, int frameBytes) {
        Chunk data = chunk(DATA_CHUNK, format.next());
        int left = in.limit() - data.at();
        if (data.bytes() > left) {
            throw broken(
                    "%s; 'ffmpeg -i %s b.wav' keeps what there is"
                            .formatted(
                                    data.bytes() >= UNKNOWN_BYTES_MIN
                                            ? "it was written to a pipe and does not say how long"
                                                    + " it is"
                                            : "it is cut off, %d of %d bytes of sound are there"
                                                    .formatted(left, data.bytes()),
                                    file));
        }
        if (data.bytes() > Sound.BYTES_MAX) {
            throw new CouldNotRun(
                    "%s: %d bytes of sound, at most %d are played; 'ffmpeg -i %s -t 10 b.wav' keeps"
                                    .formatted(named, data.bytes(), Sound.BYTES_MAX, file)
                            + " ten seconds");
        }
        if (data.bytes() == 0) {
            throw new CouldNotRun(named + ": there is no sound in it, its data chunk is empty");
        }
        if (data.bytes() % frameBytes != 0) {
            throw broken(
                    "%d bytes of sound are no whole frames of %d"
                            .formatted(data.bytes(), frameBytes));
        }
        byte[] frames = new byte[(int) data.bytes()];
        in.get(data.at(), frames);
        return frames;
    }

    /**
     * A chunk.
     *
     * @param at where its content lies
     * @param bytes that it says it has
     */
    private record Chunk(int at, long bytes) {
        /** Where the one behind it lies: at an even place. */
        long next() {
            return at + bytes + bytes % 2;
        }
    }

    private Chunk chunk(String wanted, long from) {
        long at = from;
        while (at <= in.limit() - CHUNK_HEADER_BYTES) {
            Chunk chunk =
                    new Chunk(
                            (int) at + CHUNK_HEADER_BYTES,
                            Integer.toUnsignedLong(in.getInt((int) at + ID_BYTES)));
            if (id((int) at).equals(wanted)) {
                return chunk;
            }
            at = chunk.next();
        }
        throw broken("it ends without a %s chunk".formatted(wanted.strip()));
    }

    private String id(int at) {
        byte[] id = new byte[Math.clamp(in.limit() - at, 0, ID_BYTES)];
        in.get(Math.min(at, in.limit()), id);
        return new String(id, StandardCharsets.ISO_8859_1);
    }

    private int unsigned16(int at) {
        return Short.toUnsignedInt(in.getShort(at));
    }

    private CouldNotRun broken(String why) {
        return new CouldNotRun("%s: is no whole WAV file: %s".formatted(named, why));
    }

    private CouldNotRun unplayable(String what, String wanted) {
        return new CouldNotRun(
                "%s: %s, wanted %s; 'ffmpeg -i %s -ac 2 -c:a pcm_s16le b.wav' makes what is played"
                        .formatted(named, what, wanted, file));
    }

    /** What a file of a sound contains. */
    static byte[] of(Sound sound) {
        byte[] data = sound.data();
        int padding = data.length % 2;
        int frameBytes = sound.channels() * sound.bits() / Byte.SIZE;
        int size = FILE_HEADER_BYTES + FORMAT_BYTES + 2 * CHUNK_HEADER_BYTES + data.length;
        ByteBuffer out = ByteBuffer.allocate(size + padding).order(ByteOrder.LITTLE_ENDIAN);
        out.put(bytes(RIFF)).putInt(size + padding - CHUNK_HEADER_BYTES).put(bytes(WAVE));
        out.put(bytes(FORMAT_CHUNK)).putInt(FORMAT_BYTES);
        out.putShort((short) PCM).putShort((short) sound.channels()).putInt(sound.rate());
        out.putInt(sound.rate() * frameBytes).putShort((short) frameBytes);
        out.putShort((short) sound.bits());
        out.put(bytes(DATA_CHUNK)).putInt(data.length).put(data);
        return out.array();
    }

    private static byte[] bytes(String id) {
        return id.getBytes(StandardCharsets.ISO_8859_1);
    }
}
