package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dmakit.labs.audio.Sound;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WavFileTest {
    private static final int PCM = 1;
    private static final byte[] FOUR_FRAMES = {
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
    };

    @TempDir private Path folder;

    /** A file of these bytes, read. */
    private Sound read(byte... content) throws IOException {
        return WavFile.read("--in", Files.write(folder.resolve("a.wav"), content));
    }

    private void isRefused(String complaint, byte... content) {
        assertThatThrownBy(() -> read(content))
                .isInstanceOf(CouldNotRun.class)
                .hasMessageStartingWith("--in " + folder.resolve("a.wav") + ": " + complaint);
    }

    private static byte[] chunk(String id, byte... content) {
        return chunk(id, content.length, content);
    }

    private static byte[] chunk(String id, int saidBytes, byte... content) {
        return ByteBuffer.allocate(8 + content.length + (content.length & 1))
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(id.getBytes(StandardCharsets.ISO_8859_1))
                .putInt(saidBytes)
                .put(content)
                .array();
    }

    private static byte[] format(int tag, int channels, int rate, int bits) {
        int frameBytes = channels * bits / 8;
        return ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) tag)
                .putShort((short) channels)
                .putInt(rate)
                .putInt(rate * frameBytes)
                .putShort((short) frameBytes)
                .putShort((short) bits)
                .array();
    }

    private static byte[] extensible(int tag, int channels, int rate, int bits) {
        byte[] guidTail = {0, 0, 0, 0, 0x10, 0, -128, 0, 0, -86, 0, 0x38, -101, 0x71};
        return ByteBuffer.allocate(40)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(format(0xfffe, channels, rate, bits))
                .putShort((short) 22)
                .putShort((short) bits)
                .putInt(3)
                .putShort((short) tag)
                .put(guidTail)
                .array();
    }

    private static byte[] file(byte[]... chunks) {
        int size = Arrays.stream(chunks).mapToInt(chunk -> chunk.length).sum();
        ByteBuffer file = ByteBuffer.allocate(12 + size).order(ByteOrder.LITTLE_ENDIAN);
        file.put("RIFF".getBytes(StandardCharsets.ISO_8859_1)).putInt(4 + size);
        file.put("WAVE".getBytes(StandardCharsets.ISO_8859_1));
        for (byte[] chunk : chunks) {
            file.put(chunk);
        }
        return file.array();
    }

    private static byte[] sound(byte[] format, byte... data) {
        return file(chunk("fmt ", format), chunk("data", data));
    }

    @ParameterizedTest
    @CsvSource({"2, 16", "1, 16", "2, 32", "1, 32"})
    void samplesAreRead(int channels, int bits) throws IOException {
        assertThat(read(sound(format(PCM, channels, 44_100, bits), FOUR_FRAMES)))
                .isEqualTo(new Sound(44_100, channels, bits, FOUR_FRAMES));
    }

    @Test
    void samplesOf24BitsAreRead() throws IOException {
        byte[] three = Arrays.copyOf(FOUR_FRAMES, 9);
        assertThat(read(sound(format(PCM, 1, 96_000, 24), three)))
                .isEqualTo(new Sound(96_000, 1, 24, three));
    }

    @Test
    void theExtensibleFormIsRead() throws IOException {
        assertThat(read(sound(extensible(PCM, 2, 48_000, 32), FOUR_FRAMES)))
                .isEqualTo(new Sound(48_000, 2, 32, FOUR_FRAMES));
    }

    @Test
    void otherChunksArePassedOverWhateverTheirLength() throws IOException {
        byte[] content =
                file(
                        chunk("LIST", new byte[7]),
                        chunk("fmt ", format(PCM, 2, 48_000, 16)),
                        chunk("fact", new byte[4]),
                        chunk("odd ", new byte[1]),
                        chunk("data", FOUR_FRAMES),
                        chunk("id3 ", new byte[3]));
        assertThat(read(content)).isEqualTo(new Sound(48_000, 2, 16, FOUR_FRAMES));
    }

    @ParameterizedTest
    @CsvSource({"2, 16, 16", "1, 24, 9", "1, 24, 6"})
    void whatIsWrittenIsReadAgain(int channels, int bits, int bytes) throws IOException {
        Sound sound = new Sound(8_000, channels, bits, Arrays.copyOf(FOUR_FRAMES, bytes));
        byte[] content = WavFile.of(sound);
        assertThat(read(content)).isEqualTo(sound);
        assertThat(content.length % 2).isZero();
    }

    @Nested
    class IsRefused {
        @Test
        void whenItIsEmpty() {
            isRefused("is no whole WAV file: it is empty");
        }

        @ParameterizedTest
        @CsvSource({
            "RIFX, 'but RIFX, which is big-endian'",
            "RF64, 'but one for more than 4 GiB, RF64'",
            "FORM, but probably AIFF",
            "OggS, but Ogg",
            "fLaC, but FLAC",
            "ID3x, but probably MP3",
            "xxxx, it does not begin with RIFF"
        })
        void whenItIsSomethingElse(String id, String what) {
            byte[] content = sound(format(PCM, 2, 48_000, 16), FOUR_FRAMES);
            System.arraycopy(id.getBytes(StandardCharsets.ISO_8859_1), 0, content, 0, 4);
            isRefused("is no WAV file, " + what + ", wanted RIFF, and WAVE in it; ", content);
        }

        @Test
        void whenItIsShorterThanAnyHeader() {
            isRefused("is no WAV file, it does not begin with RIFF", (byte) 'R', (byte) 'I');
            isRefused("is no WAV file, but RIFF of another kind", Arrays.copyOf(file(), 9));
            isRefused("is no whole WAV file: it ends without a fmt chunk", file());
        }

        @ParameterizedTest
        @CsvSource({
            "3, floating-point samples",
            "6, samples compressed as A-law",
            "7, samples compressed as mu-law",
            "17, samples compressed as ADPCM",
            "85, samples compressed as MP3",
            "291, samples of the unknown format 0x0123"
        })
        void whenItsSamplesAreNoSignedIntegers(int tag, String what) {
            String complaint = "has " + what + ", wanted signed integers; 'ffmpeg -i ";
            isRefused(complaint, sound(format(tag, 2, 48_000, 32), FOUR_FRAMES));
            isRefused(complaint, sound(extensible(tag, 2, 48_000, 32), FOUR_FRAMES));
        }

        @Test
        void whenItsFormIsOfSomebodysOwn() {
            byte[] format = extensible(PCM, 2, 48_000, 16);
            format[39]++;
            isRefused("has samples of a kind of its own", sound(format, FOUR_FRAMES));
            isRefused(
                    "is no whole WAV file: its fmt chunk is of the extensible form and has 24"
                            + " bytes of 40",
                    sound(Arrays.copyOf(format, 24), FOUR_FRAMES));
        }

        @Test
        void whenThePortDoesNotPlayIt() {
            isRefused(
                    "has samples of 8 bits, wanted 16, 24 or 32; 'ffmpeg -i "
                            + folder.resolve("a.wav")
                            + " -ac 2 -c:a pcm_s16le b.wav' makes what is played",
                    sound(format(PCM, 2, 48_000, 8), FOUR_FRAMES));
            isRefused(
                    "has 6 channels, wanted 1 or 2; ",
                    sound(format(PCM, 6, 48_000, 16), FOUR_FRAMES));
            isRefused(
                    "has 0 channels, wanted 1 or 2; ",
                    sound(format(PCM, 0, 48_000, 16), FOUR_FRAMES));
            isRefused(
                    "has 999 frames a second, wanted 1000 to 384000; ",
                    sound(format(PCM, 2, 999, 16), FOUR_FRAMES));
            isRefused(
                    "has 4294967295 frames a second, wanted 1000 to 384000; ",
                    sound(format(PCM, 2, -1, 16), FOUR_FRAMES));
        }

        @Test
        void whenItsHeaderContradictsItself() {
            byte[] format = format(PCM, 2, 48_000, 16);
            format[12] = 3;
            isRefused(
                    "is no whole WAV file: its frames have 3 bytes, wanted 4 for 2 x 16 bits",
                    sound(format, FOUR_FRAMES));
            isRefused(
                    "is no whole WAV file: its fmt chunk has 14 bytes of 16",
                    sound(Arrays.copyOf(format, 14), FOUR_FRAMES));
        }

        @Test
        void whenItIsCutOff() {
            byte[] whole = sound(format(PCM, 2, 48_000, 16), FOUR_FRAMES);
            isRefused(
                    "is no whole WAV file: it is cut off, 15 of 16 bytes of sound are there;"
                            + " 'ffmpeg -i ",
                    Arrays.copyOf(whole, whole.length - 1));
            isRefused(
                    "is no whole WAV file: it ends without a data chunk",
                    Arrays.copyOf(whole, whole.length - 17));
            isRefused(
                    "is no whole WAV file: its fmt chunk has 10 bytes of 16",
                    Arrays.copyOf(whole, 30));
        }

        @ParameterizedTest
        @CsvSource({"0xffffffff", "0x7ffff000"})
        void whenItDoesNotSayHowLongItIs(String said) {
            isRefused(
                    "is no whole WAV file: it was written to a pipe and does not say how long it"
                            + " is; 'ffmpeg -i ",
                    file(
                            chunk("fmt ", format(PCM, 2, 48_000, 16)),
                            chunk("data", (int) (long) Long.decode(said), FOUR_FRAMES)));
        }

        @Test
        void whenThereIsNoSoundInIt() {
            isRefused(
                    "there is no sound in it, its data chunk is empty",
                    sound(format(PCM, 2, 48_000, 16), new byte[0]));
        }

        @Test
        void whenItsLastFrameIsBroken() {
            isRefused(
                    "is no whole WAV file: 14 bytes of sound are no whole frames of 4",
                    sound(format(PCM, 2, 48_000, 16), Arrays.copyOf(FOUR_FRAMES, 14)));
        }

        @Test
        void whenItIsLongerThanCanBePlayed() throws IOException {
            byte[] format = format(PCM, 2, 48_000, 16);
            assertThat(read(sound(format, new byte[Sound.BYTES_MAX])).frames())
                    .isEqualTo(Sound.BYTES_MAX / 4);
            isRefused(
                    "16777220 bytes of sound, at most 16777216 are played; 'ffmpeg -i ",
                    sound(format, new byte[Sound.BYTES_MAX + 4]));
            isRefused(
                    "has more than 16448 KiB, the most that is read",
                    new byte[WavFile.BYTES_MAX + 1]);
        }

        @Test
        void whenItIsNoFileThatCanBeRead() throws IOException {
            assertThatThrownBy(() -> WavFile.read("--in", folder))
                    .hasMessage("--in " + folder + ": is a folder");
            assertThatThrownBy(() -> WavFile.read("--in", Path.of("")))
                    .hasMessage("--in: the name of the file is empty");
            assertThatThrownBy(() -> WavFile.read("--in", Path.of("nowhere.wav")))
                    .hasMessage("--in nowhere.wav: no such file");
            Path secret = Files.write(folder.resolve("secret.wav"), FOUR_FRAMES);
            assumeFalse(!secret.toFile().setReadable(false) || Files.isReadable(secret));
            assertThatThrownBy(() -> WavFile.read("--in", secret))
                    .hasMessage("--in " + secret + ": permission denied");
        }
    }
}
