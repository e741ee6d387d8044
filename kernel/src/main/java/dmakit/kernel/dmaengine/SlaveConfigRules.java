package dmakit.kernel.dmaengine;

import dmakit.kernel.check.FindingId;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.memory.Ram;
import java.util.Set;

/** What a peripheral's side of a transfer looks like: where its FIFO is, and how wide. */
final class SlaveConfigRules {
    private final ChannelReports reports;
    private final Ram ram;

    SlaveConfigRules(ChannelReports reports, Ram ram) {
        this.reports = reports;
        this.ram = ram;
    }

    /** Reports what does not fit of a channel's configuration, for a transfer that way. */
    void check(Channel channel, TransferDirection direction) {
        SlaveConfig config = channel.lastConfig();
        if (direction != TransferDirection.DEV_TO_MEM) {
            checkSide(
                    channel,
                    "dst",
                    config.destinationPhys(),
                    config.destinationWidth(),
                    channel.device().described().destinationWidths());
        }
        if (direction != TransferDirection.MEM_TO_DEV) {
            checkSide(
                    channel,
                    "src",
                    config.sourcePhys(),
                    config.sourceWidth(),
                    channel.device().described().sourceWidths());
        }
    }

    private void checkSide(
            Channel channel, String side, long phys, BusWidth width, Set<BusWidth> widths) {
        if (!widths.isEmpty() && !widths.contains(width)) {
            report(
                    channel,
                    "%s_addr_width is %s, %s takes %s",
                    side,
                    width.symbol(),
                    channel.name(),
                    widths.stream().map(BusWidth::symbol).toList());
        } else if (ram.offsetOf(phys) != Ram.NOT_RAM && phys != 0) {
            report(
                    channel,
                    "%s_addr is 0x%x, which is RAM, wanted the address of a FIFO",
                    side,
                    phys);
        } else if (AddressLayout.isLinear(phys) || AddressLayout.isVmalloc(phys)) {
            report(
                    channel,
                    "%s_addr is 0x%x, an address of the CPU, wanted a physical one",
                    side,
                    phys);
        }
    }

    private void report(Channel channel, String format, Object... values) {
        reports.of(channel, FindingId.SLAVE_CONFIG_INVALID, format, values).add();
    }
}
