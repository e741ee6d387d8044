package dmakit.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Calls;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.Ram;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NestedResourcesTest {
    private final Machine machine =
            new Machine(
                    new Machine.Config(
                            List.of(new Ram.Bank(0, 1 << 20)),
                            true,
                            new Machine.Cache.None(),
                            CostTable.CORTEX_A53,
                            1));
    private final Resources resources = new Resources(new Calls(machine));

    @AfterEach
    void close() {
        machine.close();
    }

    @Test
    void aClaimLiesInTheInnermostWindowThatHoldsIt() {
        resources.reserve(0xc000_0000L, 0x1000_0000L, "bus");
        resources.reserve(0xc000_0000L, 0x10_0000, "function");
        resources.request(0xc000_0000L, 0x10_0000, "driver");
        assertThat(resources.iomem())
                .isEqualTo(
                        """
                        c0000000-cfffffff : bus
                          c0000000-c00fffff : function
                            c0000000-c00fffff : driver
                        """);
        resources.release(0xc000_0000L, 0x10_0000);
        assertThat(resources.iomem()).doesNotContain("driver").contains("function");
    }

    @Test
    void whatIsClaimedIsBusyForOthers() {
        resources.reserve(0xc000_0000L, 0x10_0000, "function");
        resources.request(0xc000_0000L, 0x1000, "driver");
        assertThatThrownBy(() -> resources.request(0xc000_0000L, 0x1000, "other"))
                .hasMessageStartingWith("-EBUSY");
        assertThatThrownBy(() -> resources.request(0xbfff_f000L, 0x2000, "across"))
                .hasMessageStartingWith("-EBUSY");
    }

    @Test
    void aReservationIsNoClaimThatCanBeReleased() {
        resources.reserve(0xc000_0000L, 0x10_0000, "function");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> resources.release(0xc000_0000L, 0x10_0000));
        resources.unreserve(0xc000_0000L, 0x10_0000);
        assertThat(resources.iomem()).isEmpty();
    }
}
