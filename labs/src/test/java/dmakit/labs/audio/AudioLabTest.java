package dmakit.labs.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dmakit.board.Board;
import dmakit.board.BoardException;
import dmakit.board.Simulation;
import dmakit.labs.LabOptions;
import dmakit.machine.Machine;
import dmakit.machine.random.Rng;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AudioLabTest {
    private static final AudioLab.Pace QUICK = new AudioLab.Pace(256, 4, 0);

    private static Sound sound(int rate, int channels, int bits, int frames) {
        Rng rng = new Rng(frames + 7L * bits);
        byte[] data = new byte[frames * channels * bits / 8];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) rng.nextInt(256);
        }
        return new Sound(rate, channels, bits, data);
    }

    private static AudioLab.Result run(String board, long seed, Sound sound, AudioLab.Pace pace) {
        Simulation.Options machine =
                new Simulation.Options(seed, Optional.of(new Machine.Cache.Adversary()), "");
        return AudioLab.run(
                new LabOptions(Board.of(board), machine, List.of(), _ -> {}), sound, pace);
    }

    @ParameterizedTest
    @CsvSource({
        "48000, 2, 16, 3000",
        "44100, 1, 16, 1001",
        "96000, 2, 24, 2000",
        "192000, 1, 24, 777",
        "48000, 2, 32, 1025",
        "8000, 1, 32, 300"
    })
    void whatIsRecordedIsWhatIsPlayed(int rate, int channels, int bits, int frames) {
        Sound played = sound(rate, channels, bits, frames);
        AudioLab.Result result = run("rpi3", 1, played, QUICK);
        AudioOutcome outcome = result.outcome();
        assertThat(outcome.success()).as(outcome.message()).isTrue();
        assertThat(outcome.findings()).isEmpty();
        assertThat(result.recorded()).contains(played);
        assertThat(outcome.framesPlayedBeforeUnderrun()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rpi3", "rpi3-coherent", "rpi3-smmu"})
    void everyBoardWithThePortPlays(String board) {
        Sound played = sound(48_000, 2, 16, 2000);
        assertThat(run(board, 5, played, QUICK).recorded()).contains(played);
    }

    @ParameterizedTest
    @CsvSource({"66, 3", "4096, 2", "64, 32", "100, 5"})
    void periodsMayHaveAnyLength(int frames, int periods) {
        Sound played = sound(48_000, 2, 16, 5000);
        AudioOutcome outcome =
                run("rpi3", 2, played, new AudioLab.Pace(frames, periods, 0)).outcome();
        assertThat(outcome.success()).as(outcome.message()).isTrue();
    }

    @Test
    void silenceOfNoLengthIsPlayedToo() {
        assertThat(run("rpi3", 1, sound(48_000, 2, 16, 0), QUICK).outcome().success()).isTrue();
    }

    @Test
    void aProgramThatIsHeldUpForLongerThanAPeriodIsOvertaken() {
        Sound played = sound(48_000, 2, 16, 20_000);
        AudioLab.Result result = run("rpi3", 1, played, new AudioLab.Pace(256, 4, 6000));
        AudioOutcome outcome = result.outcome();
        assertThat(outcome.success()).isFalse();
        assertThat(outcome.message()).startsWith("under-run after ");
        assertThat(outcome.framesPlayedBeforeUnderrun().orElseThrow()).isBetween(1024L, 20_000L);
        assertThat(result.recorded()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"32, 2", "33, 3", "64, 2"})
    void aRingThatTheFifoSwallowsIsOvertaken(int frames, int periods) {
        Sound played = sound(48_000, 2, 16, 5000);
        AudioOutcome outcome =
                run("rpi3", 2, played, new AudioLab.Pace(frames, periods, 0)).outcome();
        assertThat(outcome.message()).startsWith("under-run after ");
    }

    @Test
    void aProgramThatIsHeldUpForLessKeepsUp() {
        Sound played = sound(48_000, 2, 16, 5000);
        AudioOutcome outcome = run("rpi3", 1, played, new AudioLab.Pace(256, 4, 4000)).outcome();
        assertThat(outcome.success()).as(outcome.message()).isTrue();
    }

    @Test
    void theSameSeedTakesTheSameTime() {
        Sound played = sound(48_000, 2, 16, 1000);
        assertThat(run("rpi3", 9, played, QUICK).outcome().elapsedPs())
                .isEqualTo(run("rpi3", 9, played, QUICK).outcome().elapsedPs());
    }

    @Test
    void aBoardWithoutThePortIsRefused() {
        Assertions.assertThatThrownBy(() -> run("pc", 1, sound(48_000, 2, 16, 10), QUICK))
                .isInstanceOf(BoardException.class);
    }

    @Test
    void whatIsTooMuchOrTooLittleIsRefused() {
        byte[] much = new byte[Sound.BYTES_MAX + 4];
        assertThatIllegalArgumentException().isThrownBy(() -> new Sound(48_000, 2, 16, much));
        assertThatIllegalArgumentException().isThrownBy(() -> sound(999, 2, 16, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> sound(384_001, 2, 16, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> sound(48_000, 3, 16, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> sound(48_000, 1, 8, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Sound(48_000, 2, 16, new byte[3]));
        assertThatIllegalArgumentException().isThrownBy(() -> new AudioLab.Pace(31, 4, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new AudioLab.Pace(4097, 4, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new AudioLab.Pace(256, 1, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new AudioLab.Pace(256, 33, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AudioLab.Pace(256, 4, AudioLab.SLOW_US_MAX + 1));
    }
}
