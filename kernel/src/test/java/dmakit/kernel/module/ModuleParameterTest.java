package dmakit.kernel.module;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.KernelParameters;
import dmakit.kernel.log.Log;
import dmakit.kernel.module.ModuleParameter.Bool;
import dmakit.kernel.module.ModuleParameter.Called;
import dmakit.kernel.module.ModuleParameter.Int;
import dmakit.kernel.module.ModuleParameter.Text;
import dmakit.kernel.module.ModuleParameter.Uint;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModuleParameterTest {
    private static final int MODE = 0644;

    private final Log log = new Log(new Clock(), new Trace());

    private static void refuses(ModuleParameter parameter, @Nullable String value, Errno errno) {
        String before = parameter.get();
        assertThatThrownBy(() -> parameter.set(value))
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo(errno));
        assertThat(parameter.get()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "12, 12", "0x1f, 31", "010, 8", "+7, 7", "4294967295, 4294967295"})
    void aNumberWithoutSignIsShownInDecimal(String written, String shown) {
        var parameter = new Uint("count", MODE, 5);
        parameter.set(written + "\n");
        assertThat(parameter.get()).isEqualTo(shown + "\n");
    }

    @ParameterizedTest
    @CsvSource({"4294967296, ERANGE", "-1, EINVAL", "'', EINVAL", "5x, EINVAL", "' 5', EINVAL"})
    void aNumberWithoutSignRefusesWhatIsNone(String written, Errno errno) {
        refuses(new Uint("count", MODE, 5), written, errno);
    }

    @ParameterizedTest
    @CsvSource({"-1, -1", "-0x80000000, -2147483648", "2147483647, 2147483647", "+3, 3"})
    void aNumberWithSignKeepsIt(String written, String shown) {
        var parameter = new Int("level", MODE, 0);
        parameter.set(written);
        assertThat(parameter.get()).isEqualTo(shown + "\n");
    }

    @ParameterizedTest
    @CsvSource({
        "2147483648, ERANGE",
        "-2147483649, ERANGE",
        "18446744073709551615, ERANGE",
        "-18446744073709551615, ERANGE",
        "-+5, EINVAL",
        "--5, EINVAL",
        "-, EINVAL"
    })
    void aNumberWithSignRefusesWhatIsNone(String written, Errno errno) {
        refuses(new Int("level", MODE, 0), written, errno);
    }

    @ParameterizedTest
    @CsvSource({"1, Y", "yes, Y", "on, Y", "T, Y", "0, N", "off, N", "nope, N"})
    void aSwitchIsShownAsALetter(String written, String shown) {
        var parameter = new Bool("fast", MODE);
        parameter.set(written);
        assertThat(parameter.get()).isEqualTo(shown + "\n");
    }

    @Test
    void aSwitchIsOnByItsNameAlone() {
        var parameter = new Bool("fast", MODE);
        parameter.set(null);
        assertThat(parameter.value()).isTrue();
        refuses(parameter, "maybe", Errno.EINVAL);
        refuses(new Uint("count", MODE, 1), null, Errno.EINVAL);
    }

    @Test
    void aTextKeepsItsLineEndUntilItIsTrimmed() {
        var parameter = new Text("name", MODE, 6, log);
        parameter.set("four\n");
        assertThat(parameter.get()).isEqualTo("four\n\n");
        parameter.trim();
        assertThat(parameter.get()).isEqualTo("four\n");
        refuses(parameter, "sixsix", Errno.ENOSPC);
        assertThat(log.buffer().texts()).containsExactly("name: string doesn't fit in 5 chars.");
    }

    @Test
    void whatHasNoSetterCannotBeSet() {
        refuses(new Called("list", 0444, null, () -> "a\n"), "b", Errno.EPERM);
    }

    @Test
    void wordsOfTheCommandLineAreTakenInTheirOrder() {
        List<String> taken = new ArrayList<>();
        var count = new Uint("count_max", MODE, 1);
        var fast = new Bool("fast", MODE);
        var each = new Called("each", MODE, taken::add, () -> "");
        var module = new BuiltInModule("my_module", List.of(count, fast, each));
        var words =
                new KernelParameters(
                        "my-module.count-max=7 other.fast my_module.fast my_module.each=a"
                                + " my_module.each=b my_module.each my_module.count_max=x");
        module.boot(words, log);
        assertThat(count.value()).isEqualTo(7);
        assertThat(fast.value()).isTrue();
        assertThat(taken).containsExactly("a", "b");
        assertThat(log.buffer().texts())
                .containsExactly(
                        "Booting kernel: `' invalid for parameter `my_module.each'",
                        "Booting kernel: `x' invalid for parameter `my_module.count_max'");
    }
}
