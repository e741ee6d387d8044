package dmakit.kernel.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RuntimePowerTest {
    private final RuntimePower power = new RuntimePower();
    private final List<String> calls = new ArrayList<>();
    private int answer;

    private final RuntimePower.Callbacks driver =
            new RuntimePower.Callbacks() {
                @Override
                public int resume() {
                    calls.add("resume");
                    return answer;
                }

                @Override
                public int suspend() {
                    calls.add("suspend");
                    return answer;
                }

                @Override
                public int idle() {
                    return 0;
                }
            };

    @Test
    void nothingHappensBeforeItIsEnabled() {
        assertThat(power.get(driver)).isEqualTo(-13);
        assertThat(power.usageCount()).isEqualTo(1);
        assertThat(power.isActive()).isTrue();
        assertThat(calls).isEmpty();
    }

    @Test
    void theFirstUserWakesItAndTheLastPutsItToSleep() {
        power.enable();
        assertThat(power.get(driver)).isZero();
        assertThat(power.get(driver)).isEqualTo(1);
        assertThat(power.put(driver)).isZero();
        assertThat(calls).containsExactly("resume");
        assertThat(power.put(driver)).isZero();
        assertThat(calls).containsExactly("resume", "suspend");
        assertThat(power.isSuspended()).isTrue();
    }

    @Test
    void oneUserTooFewIsRefused() {
        power.enable();
        assertThat(power.put(driver)).isEqualTo(-22);
        assertThat(power.usageCount()).isZero();
    }

    @Test
    void aDriverThatIsBusyIsAskedAgain() {
        power.enable();
        power.get(driver);
        answer = -16;
        assertThat(power.put(driver)).isEqualTo(-16);
        assertThat(power.isActive()).isTrue();
        answer = 0;
        assertThat(power.suspend(driver)).isZero();
    }

    @Test
    void afterAnErrorOnlySettingTheStateHelps() {
        power.enable();
        answer = -5;
        assertThat(power.get(driver)).isEqualTo(-5);
        answer = 0;
        assertThat(power.resume(driver)).isEqualTo(-22);
        assertThat(power.setStatus(false)).isZero();
        assertThat(power.resume(driver)).isZero();
    }

    @Test
    void theStateIsNotSetWhileItIsManaged() {
        assertThat(power.setStatus(true)).isZero();
        power.enable();
        assertThat(power.setStatus(false)).isEqualTo(-11);
        assertThat(power.isActive()).isTrue();
    }
}
