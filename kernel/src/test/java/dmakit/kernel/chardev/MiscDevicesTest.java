package dmakit.kernel.chardev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Calls;
import dmakit.kernel.KernelException;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.Ram;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MiscDevicesTest {
    private final Machine machine =
            new Machine(
                    new Machine.Config(
                            List.of(new Ram.Bank(0, 1 << 20)),
                            true,
                            new Machine.Cache.None(),
                            CostTable.CORTEX_A53,
                            1));
    private final Calls calls = new Calls(machine);
    private final CharDevices devices = new CharDevices(calls);
    private final MiscDevices misc = new MiscDevices(calls, devices);
    private final FileOperations operations = new FileOperations() {};

    @AfterEach
    void close() {
        machine.close();
    }

    @Test
    void dynamicMinorsGoDownFrom127() {
        assertThat(misc.register(MiscDevices.DYNAMIC_MINOR, "a", operations).number())
                .isEqualTo(new DeviceNumber(10, 127));
        assertThat(misc.register(MiscDevices.DYNAMIC_MINOR, "b", operations).number())
                .isEqualTo(new DeviceNumber(10, 126));
        assertThat(misc.procMisc()).isEqualTo("126 b\n127 a\n");
    }

    @Test
    void dynamicMinorsGoOnAbove255WhenTheLowOnesAreTaken() {
        for (int i = 0; i <= 127; i++) {
            misc.register(MiscDevices.DYNAMIC_MINOR, "low" + i, operations);
        }
        assertThat(misc.register(MiscDevices.DYNAMIC_MINOR, "high", operations).number().minor())
                .isEqualTo(256);
    }

    @Test
    void aMinorIsGivenOnce() {
        misc.register(130, "watchdog", operations);
        assertThatThrownBy(() -> misc.register(130, "other", operations))
                .isInstanceOf(KernelException.class)
                .hasMessageContaining("EBUSY");
        assertThat(devices.nodes())
                .extracting(CharDevices.Node::path)
                .containsOnly("/dev/watchdog");
    }

    @Test
    void aNameIsGivenOnce() {
        misc.register(MiscDevices.DYNAMIC_MINOR, "a", operations);
        assertThatThrownBy(() -> misc.register(MiscDevices.DYNAMIC_MINOR, "a", operations))
                .isInstanceOf(KernelException.class)
                .hasMessageContaining("EEXIST");
    }

    @Test
    void aNameThatIsNoFileNameIsRefused() {
        for (String name : List.of("", ".", "..", "a//b", "a\0b", "x".repeat(256))) {
            assertThatThrownBy(() -> misc.register(MiscDevices.DYNAMIC_MINOR, name, operations))
                    .as("\"%s\"", name)
                    .isInstanceOf(KernelException.class)
                    .hasMessageContaining("EINVAL");
        }
        assertThat(misc.procMisc()).isEmpty();
    }

    @Test
    void deregisteringTwiceTakesNobodyElsesDevice() {
        var first = misc.register(7, "first", operations);
        first.deregister();
        misc.register(7, "second", operations);
        first.deregister();
        assertThat(devices.nodes()).extracting(CharDevices.Node::path).containsOnly("/dev/second");
    }
}
