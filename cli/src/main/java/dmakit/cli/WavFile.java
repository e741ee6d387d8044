package dmakit.cli;

import dmakit.labs.audio.Sound;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioFormat.Encoding;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.UnsupportedAudioFileException;

/** WAV files, as {@link Sound}. */
final class WavFile {
    /** Room for the headers of a file whose sound is as long as can be. */
    private static final int HEADERS_MAX = 1 << 16;

    private WavFile() {}

    /**
     * Reads a file.
     *
     * @param option that names it, for messages
     * @throws CouldNotRun when it is no WAV file, or one of a kind that the port does not play
     */
    static Sound read(String option, Path file) {
        try {
            if (Files.isDirectory(file)) {
                throw new CouldNotRun("%s %s: is a folder".formatted(option, file));
            }
            if (Files.size(file) > Sound.BYTES_MAX + HEADERS_MAX) {
                throw new CouldNotRun(
                        "%s %s: %d bytes, at most %d MiB"
                                .formatted(option, file, Files.size(file), Sound.BYTES_MAX >> 20));
            }
            return sound(option, file, Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw new CouldNotRun("%s %s: no such file".formatted(option, file), e);
        } catch (IOException e) {
            throw new CouldNotRun("%s %s: %s".formatted(option, file, WholeFile.reason(e)), e);
        }
    }

    private static Sound sound(String option, Path file, byte[] content) throws IOException {
        try (AudioInputStream stream =
                AudioSystem.getAudioInputStream(new ByteArrayInputStream(content))) {
            AudioFormat format = stream.getFormat();
            byte[] data = stream.readAllBytes();
            int frame = format.getFrameSize();
            if (!format.getEncoding().equals(Encoding.PCM_SIGNED)
                    || format.isBigEndian()
                    || frame <= 0
                    || data.length % frame != 0) {
                throw unplayable(option, file, format.toString());
            }
            return new Sound(
                    (int) format.getSampleRate(),
                    format.getChannels(),
                    format.getSampleSizeInBits(),
                    data);
        } catch (UnsupportedAudioFileException e) {
            throw new CouldNotRun("%s %s: no WAV file".formatted(option, file), e);
        } catch (IllegalArgumentException e) {
            throw unplayable(option, file, String.valueOf(e.getMessage()));
        }
    }

    private static CouldNotRun unplayable(String option, Path file, String what) {
        return new CouldNotRun(
                "%s %s: %s; wanted whole frames of 1 or 2 signed samples of 16, 24 or 32 bits, %d to %d a second"
                        .formatted(option, file, what, Sound.RATE_MIN, Sound.RATE_MAX));
    }

    /** What a file of a sound contains. */
    static byte[] of(Sound sound) {
        AudioFormat format =
                new AudioFormat(sound.rate(), sound.bits(), sound.channels(), true, false);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (AudioInputStream stream =
                new AudioInputStream(
                        new ByteArrayInputStream(sound.data()), format, sound.frames())) {
            AudioSystem.write(stream, AudioFileFormat.Type.WAVE, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
