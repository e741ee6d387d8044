package dmakit.kernel.dmaengine;

import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import java.util.List;

/** The text of {@code /sys/kernel/debug/dmaengine/summary}: who holds what. */
final class EngineSummary {
    private static final String FILE = "drivers/dma/dmaengine.c";

    private EngineSummary() {}

    static String of(List<DmaDevice> devices) {
        StringBuilder text = new StringBuilder();
        for (DmaDevice device : devices) {
            if (!text.isEmpty()) {
                text.append('\n');
            }
            text.append(
                    "dma%d (%s): number of channels: %d\n"
                            .formatted(device.id(), device.dev().name(), device.channels().size()));
            ProviderOps.Summary own = device.ops().summary;
            text.append(own == null ? of(device) : own.of(device));
        }
        return text.toString();
    }

    @Linux(file = FILE, symbol = "dmaengine_dbg_summary_show")
    private static String of(DmaDevice device) {
        StringBuilder text = new StringBuilder();
        for (Channel channel : device.channels()) {
            if (channel.clientCount() > 0) {
                text.append(of(channel));
            }
        }
        return text.toString();
    }

    private static String of(Channel channel) {
        Device slave = channel.slave();
        DmaRouter router = channel.router();
        return " %-13s| %s%s\n"
                .formatted(
                        channel.name(),
                        slave == null ? "in-use" : slave.name() + ":" + channel.slaveName(),
                        router == null ? "" : " (via router: " + router.dev().name() + ")");
    }
}
