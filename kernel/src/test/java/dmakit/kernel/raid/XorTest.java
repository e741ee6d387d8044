package dmakit.kernel.raid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.TestKernel;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.random.Rng;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class XorTest {
    private final TestKernel kernel = new TestKernel();
    private final Cpu cpu = kernel.machine.cpu();
    private final Xor xor = new Xor(cpu);
    private final Rng rng = new Rng(5);

    @AfterEach
    void close() {
        kernel.close();
    }

    @Test
    void theDestinationIsASourceToo() {
        for (int count = 1; count <= Xor.SOURCE_COUNT_MAX; count++) {
            Stripe stripe = new Stripe(cpu, rng, count + 3, 5003, false);
            xor.add(count, 5003, stripe.addresses[0], stripe.addresses, 1);
            byte[][] added = Arrays.copyOf(stripe.blocks, count + 1);
            assertThat(stripe.load(0)).isEqualTo(FieldOracle.p(added, 5003));
        }
    }

    @Test
    void moreThanFourSourcesAtATimeAreRefused() {
        assertThatThrownBy(() -> xor.add(5, 64, Stripe.BASE, new long[5], 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("wanted 1 to 4");
        assertThatThrownBy(() -> xor.add(0, 64, Stripe.BASE, new long[5], 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
