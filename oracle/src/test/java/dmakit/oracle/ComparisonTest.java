package dmakit.oracle;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.Ram;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The comparisons catch what they are for: two machines of ours, one of which is made wrong. */
class ComparisonTest {
    private enum Known implements Deviation {
        ONE;

        @Override
        public String section() {
            return "1.2";
        }
    }

    private static BareMachine machine() {
        return new BareMachine(
                new Machine(
                        new Machine.Config(
                                List.of(new Ram.Bank(0, 1 << 20)),
                                true,
                                new Machine.Cache.None(),
                                CostTable.CORTEX_A53,
                                1)));
    }

    @Test
    void oneByteThatDiffersIsNamedWithItsAddressAndTheReplay() {
        try (BareMachine one = machine();
                BareMachine other = machine()) {
            one.poke(0x1000, new byte[64]);
            other.poke(0x1000, new byte[64]);
            assertThatCode(() -> Memories.areEqual(one, other, 0x1000, 64, "replay"))
                    .doesNotThrowAnyException();
            other.poke(0x1000 + 63, new byte[] {7});
            assertThatThrownBy(() -> Memories.areEqual(one, other, 0x1000, 64, "again"))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("0x103f")
                    .hasMessageContaining("again");
        }
    }

    @Test
    void aListedDifferenceMayVanishButNotChange() {
        assertThatCode(() -> Listed.register(Known.ONE, 1, 1, 2, 2)).doesNotThrowAnyException();
        assertThatCode(() -> Listed.register(Known.ONE, 1, 1, 1, 2)).doesNotThrowAnyException();
        assertThatThrownBy(() -> Listed.register(Known.ONE, 1, 1, 3, 2))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("ONE");
    }

    @Test
    void oursIsWhatTheManualSays() {
        assertThatThrownBy(() -> Listed.register(Known.ONE, 2, 1, 2, 2))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("1.2");
    }
}
