package dmakit.kernel.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.TestTrees;
import dmakit.kernel.device.Device;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.ChannelFilter;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.DmaSlaveMap;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.ProviderOps;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.Ram;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DmaEngineFilesTest {
    private static final String CLASS = "/sys/class/dma";

    private final Machine machine =
            new Machine(
                    new Machine.Config(
                            List.of(new Ram.Bank(0, 64 << 20)),
                            false,
                            new Machine.Cache.None(),
                            CostTable.CORTEX_A53,
                            1));
    private final Kernel kernel =
            Kernel.boot(machine, TestTrees.soc(), TestTrees.LINES, _ -> {}, "quiet cma=0");
    private final Device engineDevice = device("engine");
    private final Device uart = device("uart");
    private final DmaDevice provider =
            new DmaDevice(
                            kernel.dmaEngine(),
                            engineDevice,
                            new ProviderOps((_, _, _) -> DmaStatus.COMPLETE, _ -> {}))
                    .capabilities(Capabilities.of(TransactionType.SLAVE, TransactionType.PRIVATE))
                    .slaveMap(List.of(new DmaSlaveMap(uart.name(), "rx", ChannelFilter.ANY)));
    private final Counting channel = new Counting(provider);

    private static final class Counting extends Channel {
        Counting(DmaDevice device) {
            super(device);
        }

        void copied(long bytes) {
            countCopy(bytes);
        }
    }

    DmaEngineFilesTest() {
        kernel.dmaEngine().register(provider);
    }

    @AfterEach
    void close() {
        machine.close();
    }

    private Device device(String part) {
        return kernel.platform().devices().stream()
                .map(platform -> platform.device())
                .filter(device -> device.name().endsWith("." + part))
                .findFirst()
                .orElseThrow();
    }

    private String read(String file) {
        return kernel.files().read(CLASS + "/dma0chan0/" + file);
    }

    @Test
    void everyChannelHasAFolderWithItsCounts() {
        channel.copied(4096);
        channel.copied(4);
        assertThat(read("in_use")).isEqualTo("0\n");
        assertThat(read("memcpy_count")).isEqualTo("2\n");
        assertThat(read("bytes_transferred")).isEqualTo("4100\n");
        assertThat(kernel.files().exists(CLASS + "/dma0chan0/device/uevent")).isTrue();
    }

    @Test
    void aNamedRequestLinksChannelAndClientUntilTheRelease() {
        String link = "/sys/bus/platform/devices/" + uart.name() + "/dma:rx";
        kernel.run(
                "client",
                () -> {
                    Channel rx = kernel.dmaEngine().requestChan(uart, "rx");
                    assertThat(read("in_use")).isEqualTo("1\n");
                    assertThat(read("slave/uevent")).contains("uart@7e002000");
                    assertThat(kernel.files().read(link + "/in_use")).isEqualTo("1\n");
                    kernel.dmaEngine().release(rx);
                });
        assertThat(kernel.files().exists(link)).isFalse();
        assertThat(kernel.files().exists(CLASS + "/dma0chan0/slave")).isFalse();
    }

    @Test
    void aClientThatHasNoFolderIsWarnedOf() {
        provider.slaveMap(List.of(new DmaSlaveMap("ghost", "tx", ChannelFilter.ANY)));
        var ghost = new Device("ghost", "platform", null, null);
        kernel.run("client", () -> kernel.dmaEngine().requestChan(ghost, "tx"));
        assertThat(kernel.log().buffer().texts())
                .endsWith(
                        "platform ghost: Cannot create DMA slave symlink",
                        "platform ghost: Cannot create DMA dma:tx symlink");
    }

    @Test
    void debugfsHasASummaryAndAFolderPerProvider() {
        String folder = "/sys/kernel/debug/dmaengine/";
        assertThat(kernel.files().read(folder + "summary"))
                .isEqualTo("dma0 (" + engineDevice.name() + "): number of channels: 1\n");
        assertThat(kernel.files().exists(folder + engineDevice.name())).isTrue();
        kernel.dmaEngine().unregister(provider);
        assertThat(kernel.files().exists(folder + engineDevice.name())).isFalse();
    }

    @Test
    void aProviderThatLeavesTakesItsFoldersAway() {
        kernel.dmaEngine().unregister(provider);
        assertThat(kernel.files().exists(CLASS)).isTrue();
        assertThat(kernel.files().exists(CLASS + "/dma0chan0")).isFalse();
        assertThat(kernel.devices().all()).noneMatch(device -> device.subsystem().equals("dma"));
    }
}
