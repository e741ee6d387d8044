package dmakit.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.KernelParameters.Parsed;
import org.junit.jupiter.api.Test;

class KernelParametersTest {
    @Test
    void theLastOfSeveralValuesCounts() {
        var parameters = new KernelParameters("cma=16M quiet  cma=8M -- cma=1M");
        assertThat(parameters.value("cma")).contains("8M");
        assertThat(parameters.values("cma")).containsExactly("16M", "8M");
        assertThat(parameters.has("quiet")).isTrue();
        assertThat(parameters.value("quiet")).isEmpty();
        assertThat(parameters.has("=")).isFalse();
    }

    @Test
    void namesMayBeWrittenWithDashes() {
        var parameters = new KernelParameters("coherent-pool=1M");
        assertThat(parameters.value("coherent_pool")).contains("1M");
    }

    @Test
    void answersAreThoseOfLinux() {
        var parameters = new KernelParameters("a=1 b=no c=on d=off e=o f=maybe g=");
        assertThat(parameters.flag("a")).contains(true);
        assertThat(parameters.flag("b")).contains(false);
        assertThat(parameters.flag("c")).contains(true);
        assertThat(parameters.flag("d")).contains(false);
        assertThat(parameters.flag("e")).isEmpty();
        assertThat(parameters.flag("f")).isEmpty();
        assertThat(parameters.flag("g")).isEmpty();
        assertThat(parameters.flag("h")).isEmpty();
    }

    @Test
    void sizesHaveUnits() {
        assertThat(KernelParameters.memparse("64M@0x1000"))
                .contains(new Parsed(64 << 20, "@0x1000"));
        assertThat(KernelParameters.memparse("0x10k")).contains(new Parsed(16 << 10, ""));
        assertThat(KernelParameters.memparse("010")).contains(new Parsed(8, ""));
        assertThat(KernelParameters.memparse("0")).contains(new Parsed(0, ""));
        assertThat(KernelParameters.memparse("G")).isEmpty();
        assertThat(KernelParameters.memparse("99999999999999999999")).isEmpty();
        assertThat(KernelParameters.memparse("16777216T")).isEmpty();
    }

    @Test
    void aLineThatIsTooLongIsRefused() {
        var fits = new KernelParameters("x".repeat(KernelParameters.LENGTH_MAX));
        assertThat(fits.has("x".repeat(KernelParameters.LENGTH_MAX))).isTrue();
        String longer = "x".repeat(KernelParameters.LENGTH_MAX + 1);
        assertThatThrownBy(() -> new KernelParameters(longer)).isInstanceOf(KernelException.class);
    }
}
