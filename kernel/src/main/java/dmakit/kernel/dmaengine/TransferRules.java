package dmakit.kernel.dmaengine;

import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.check.Role;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaAddr;
import dmakit.kernel.dmaengine.Transfer.Stage;
import dmakit.kernel.mapping.DeviceWork;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.sched.KernelTask;
import dmakit.kernel.sched.Sched;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What a client may and may not do with a channel; keeps the transfers of all channels and reports
 * findings. It does nothing while mistakes are not looked for.
 */
public final class TransferRules implements DeviceWork {
    private final Sched sched;
    private final Findings findings;
    private final ChannelReports reports;
    private final SlaveConfigRules configs;
    private final VainWaits vainWaits;
    private final Map<Channel, Client> clients = new LinkedHashMap<>();
    private @Nullable Channel callingBack;

    TransferRules(Sched sched) {
        this.sched = sched;
        findings = sched.calls().findings();
        reports = new ChannelReports(findings);
        configs = new SlaveConfigRules(reports, sched.machine().ram());
        vainWaits = new VainWaits(reports);
    }

    boolean areOn() {
        return findings.isEnabled();
    }

    private Client client(Channel channel) {
        return clients.computeIfAbsent(channel, Client::new);
    }

    // Holding a channel.

    void requested(Channel channel) {
        if (areOn()) {
            client(channel).begin(findings.here());
        }
    }

    /** The client lets go of a channel: is all it asked for done? */
    void released(Channel channel) {
        Client client = clients.get(channel);
        if (!areOn() || client == null) {
            return;
        }
        for (Transfer transfer : client.transfers) {
            switch (transfer.stage) {
                case PREPARED ->
                        reports.add(
                                FindingId.SUBMIT_MISSING,
                                transfer,
                                releasedWith(channel, Unfinished.NOT_SUBMITTED));
                case SUBMITTED ->
                        reports.add(
                                FindingId.ISSUE_PENDING_MISSING,
                                transfer,
                                releasedWith(channel, Unfinished.NOT_ISSUED));
                case ISSUED -> {
                    if (!client.wantedAnEnd && transfer.isRunning(channel)) {
                        reports.add(
                                FindingId.TERMINATE_MISSING,
                                transfer,
                                releasedWith(channel, Unfinished.RUNNING));
                    }
                }
            }
        }
        if (client.transfers.isEmpty()) {
            releasedElsewhere(channel, client);
        }
        client.giveUp();
        client.releasedAt = findings.here();
    }

    /** The same of a client that does what it does elsewhere. */
    private void releasedElsewhere(Channel channel, Client client) {
        for (Unfinished each : unfinishedElsewhere(channel)) {
            if (each != Unfinished.RUNNING || !client.wantedAnEnd) {
                reports.of(
                                channel,
                                ChannelReports.idOf(each),
                                "%s: %s",
                                channel.name(),
                                releasedWith(channel, each))
                        .add();
            }
        }
    }

    /** Where a provider has left there is nobody to ask. */
    private static Set<Unfinished> unfinishedElsewhere(Channel channel) {
        return channel.device().isGone() || channel.index() < 0
                ? EnumSet.noneOf(Unfinished.class)
                : channel.unfinishedElsewhere();
    }

    private static String releasedWith(Channel channel, Unfinished what) {
        return switch (what) {
            case NOT_SUBMITTED ->
                    "the channel is released with a descriptor that was prepared and never"
                            + " submitted";
            case NOT_ISSUED ->
                    "the channel is released with a descriptor that was submitted and never issued";
            case RUNNING ->
                    "the channel is released while a transfer runs"
                            + (channel.device().described().canTerminate()
                                    ? ""
                                    : "; its provider cannot terminate, so that has to be waited"
                                            + " for");
        };
    }

    /** Something is done with a channel: is it held by anybody? */
    void used(Channel channel, String function) {
        if (!areOn() || channel.clientCount() > 0) {
            return;
        }
        Client client = clients.get(channel);
        if (client != null && client.releasedAt != 0) {
            reports.of(
                            channel,
                            FindingId.CHANNEL_USE_AFTER_RELEASE,
                            "%s on %s after it was released",
                            function,
                            channel.name())
                    .site(Role.FREED, client.releasedAt)
                    .add();
        }
    }

    /**
     * The channels that a module requested and still holds, each reported.
     *
     * @param sites of the module
     */
    public List<Channel> checkLeft(LongPredicate sites) {
        List<Channel> left = new ArrayList<>();
        clients.forEach((channel, client) -> {
            if (channel.clientCount() > 0
                    && client.releasedAt == 0
                    && client.requestedAt != 0
                    && sites.test(client.requestedAt)) {
                reports.of(
                                channel,
                                FindingId.CHANNEL_LEAK,
                                "%s is still held when the module is unloaded",
                                channel.name())
                        .at(client.requestedAt)
                        .add();
                left.add(channel);
            }
        });
        return left;
    }

    // Preparing.

    void configured(Channel channel) {
        if (areOn()) {
            client(channel).configured = true;
        }
    }

    void lacks(Channel channel, String op) {
        if (areOn()) {
            reports.of(
                            channel,
                            FindingId.CAPABILITY_MISSING,
                            "%s offers no %s; it has %s",
                            channel.name(),
                            op,
                            channel.device().capabilities())
                    .add();
        }
    }

    void checkAddress(Channel channel, long dma) {
        if (areOn() && dma == DmaAddr.MAPPING_ERROR) {
            reports.of(
                            channel,
                            FindingId.MAP_ERROR_UNCHECKED,
                            "a transfer is prepared with DMA_MAPPING_ERROR for an address")
                    .add();
        }
    }

    /** A transfer with a peripheral is about to be prepared. */
    void checkSlave(Channel channel, TransferDirection direction) {
        if (!areOn() || !channel.device().offers(ProviderOps.Op.CONFIG) || !direction.isSlave()) {
            return;
        }
        if (channel.device().readsNoConfig()) {
            return; // what is at the other end of a stream has no address and no width
        }
        if (client(channel).configured) {
            configs.check(channel, direction);
        } else {
            reports.of(
                            channel,
                            FindingId.SLAVE_CONFIG_MISSING,
                            "a %s transfer is prepared on %s without a dmaengine_slave_config",
                            direction.symbol(),
                            channel.name())
                    .add();
        }
    }

    Descriptor prepared(Descriptor desc, long destination, long source, long size) {
        return areOn() ? add(desc, Extent.Ranges.ofCopy(destination, source, size), 0, null) : desc;
    }

    /** Sums of sources, with up to two results; one at 0 is none. */
    Descriptor preparedSums(Descriptor desc, long result, long second, long[] sources, long size) {
        return areOn()
                ? add(desc, Extent.Operands.ofSums(result, second, sources, size), 0, null)
                : desc;
    }

    Descriptor preparedFrames(Descriptor desc, InterleavedTemplate template) {
        return areOn() ? add(desc, new Extent.Frames(template), 0, template.direction()) : desc;
    }

    Descriptor preparedPieces(
            Descriptor desc, long[] dmas, long[] sizes, TransferDirection direction) {
        return areOn()
                ? add(
                        desc,
                        new Extent.Ranges(dmas.clone(), sizes.clone(), dmas.length),
                        0,
                        direction)
                : desc;
    }

    Descriptor preparedRing(
            Descriptor desc, long dma, long size, long period, TransferDirection direction) {
        int periods =
                period <= 0 ? 1 : (int) Math.min(Integer.MAX_VALUE, Math.max(1, size / period));
        return areOn() ? add(desc, Extent.Ranges.ofOne(dma, size), periods, direction) : desc;
    }

    Descriptor preparedList(
            Descriptor desc, Scatterlist sgl, int count, @Nullable TransferDirection direction) {
        return areOn() ? add(desc, Extent.Ranges.ofList(sgl, count), 0, direction) : desc;
    }

    private Descriptor add(
            Descriptor desc, Extent extent, int periods, @Nullable TransferDirection direction) {
        client(desc.channel())
                .add(
                        new Transfer(
                                desc,
                                findings.here(),
                                extent,
                                periods,
                                direction,
                                sched.current()));
        return desc;
    }

    // Running.

    /** A descriptor is about to be submitted; answers whether it is a prepared one. */
    public boolean submitting(Descriptor desc) {
        if (!areOn()) {
            return true;
        }
        Transfer transfer = latestOf(desc);
        if (transfer == null || transfer.stage == Stage.PREPARED || desc.isReused()) {
            return true;
        }
        reportReuse(desc.channel(), transfer);
        return false;
    }

    private void reportReuse(Channel channel, Transfer transfer) {
        reports.add(
                FindingId.DESCRIPTOR_REUSE,
                transfer,
                transfer.isRunning(channel)
                        ? "a descriptor is submitted a second time while its transfer runs"
                        : "a descriptor is submitted again after it was submitted before, without"
                                + " DMA_CTRL_REUSE");
    }

    /** A descriptor of C code that has ended is submitted again. */
    public void resubmitted(Channel channel) {
        if (areOn()) {
            reports.of(
                            channel,
                            FindingId.DESCRIPTOR_REUSE,
                            "a descriptor of %s is submitted again after its transfer, without"
                                    + " DMA_CTRL_REUSE",
                            channel.name())
                    .add();
        }
    }

    void submitted(Descriptor desc, int cookie) {
        if (!areOn()) {
            return;
        }
        Client client = client(desc.channel());
        if (cookie < 0) {
            client.refusedSubmitAt = findings.here();
            return;
        }
        Transfer transfer = latestOf(desc);
        if (transfer != null) {
            transfer.stage = Stage.SUBMITTED;
            transfer.submittedAt = findings.here();
            transfer.askedBy = sched.current();
            transfer.cookie = cookie;
            client.wantedAnEnd = false;
        }
    }

    private @Nullable Transfer latestOf(Descriptor desc) {
        Client client = clients.get(desc.channel());
        return client == null ? null : client.latestOf(desc);
    }

    void issued(Channel channel) {
        Client client = clients.get(channel);
        if (!areOn() || client == null) {
            return;
        }
        if (!client.issue(sched.current()) && client.refusedSubmitAt != 0) {
            reports.of(
                            channel,
                            FindingId.SUBMIT_ERROR_UNCHECKED,
                            "%s is issued although its submit failed",
                            channel.name())
                    .site(Role.SUBMITTED, client.refusedSubmitAt)
                    .add();
        }
        client.refusedSubmitAt = 0;
    }

    void terminated(Channel channel) {
        Client client = clients.get(channel);
        if (client != null) {
            client.giveUp();
        }
    }

    /**
     * A client wants an end to all that runs, of a provider that has no such call: releasing the
     * channel is all that is left to it.
     */
    public void terminateRefused(Channel channel) {
        if (areOn()) {
            client(channel).wantedAnEnd = true;
        }
    }

    /** Whether a client may wait for callbacks: not from within one. */
    boolean mayWait(Channel channel, String function) {
        boolean waitsForItself = areOn() && channel.equals(callingBack);
        if (waitsForItself) {
            reports.of(
                            channel,
                            FindingId.TERMINATE_IN_CALLBACK,
                            "%s of %s in a callback of it, which it waits for",
                            function,
                            channel.name())
                    .add();
        }
        return !waitsForItself;
    }

    /** A client's callback begins; answers whose ran before. */
    @Nullable Channel callback(@Nullable Channel of) {
        Channel before = callingBack;
        callingBack = of;
        return before;
    }

    /** For providers: a period of a ring is over. */
    public void periodPassed(Descriptor desc) {
        Transfer transfer = areOn() ? latestOf(desc) : null;
        if (transfer == null || transfer.periods < 2 || ++transfer.passed <= transfer.periods) {
            return;
        }
        boolean reads = transfer.direction == TransferDirection.MEM_TO_DEV;
        if (transfer.passed == transfer.periods + 1) {
            reports.of(
                            desc.channel(),
                            reads ? FindingId.CYCLIC_UNDERRUN : FindingId.CYCLIC_OVERRUN,
                            "%s went round its ring of %d periods before a callback ran",
                            desc.channel().name(),
                            transfer.periods)
                    .at(transfer.submittedAt)
                    .add();
        }
    }

    /** For providers: the callback of a ring runs, for all periods until now. */
    public void periodsTaken(Descriptor desc) {
        Transfer transfer = areOn() ? latestOf(desc) : null;
        if (transfer != null) {
            transfer.passed = 0;
        }
    }

    // Waiting in vain.

    /**
     * A task waited for something until its time was over: was it for a transfer? One that others
     * asked for is their business, as a receiver that always stands ready.
     */
    public void waitedInVain() {
        if (areOn()) {
            KernelTask waiter = sched.current();
            eachHeld((channel, client) ->
                    vainWaits.explain(
                            channel,
                            client.transfers,
                            transfer -> transfer.askedBy.equals(waiter)));
        }
    }

    /** Nothing will ever happen any more, and somebody waits: is it for a transfer? */
    public void allWaitForEver() {
        if (areOn()) {
            eachHeld((channel, client) -> {
                if (client.transfers.isEmpty()) {
                    vainWaits.explainElsewhere(channel, unfinishedElsewhere(channel));
                } else {
                    vainWaits.explain(channel, client.transfers, _ -> true);
                }
            });
        }
    }

    private void eachHeld(BiConsumer<Channel, Client> judge) {
        clients.forEach((channel, client) -> {
            if (channel.clientCount() > 0) {
                judge.accept(channel, client);
            }
        });
    }

    // For accesses of devices.

    @Override
    public DeviceWork.@Nullable Request using(
            Device device, long dma, long bytes, boolean unfinished) {
        DeviceWork.Request latest = null;
        for (Map.Entry<Channel, Client> entry : clients.entrySet()) {
            Channel channel = entry.getKey();
            if (!channel.device().dev().equals(device)) {
                continue;
            }
            for (Transfer transfer : entry.getValue().transfers) {
                if (!transfer.touches(dma, bytes) || transfer.stage == Stage.PREPARED) {
                    continue;
                }
                boolean running = transfer.isRunning(channel);
                if (running) {
                    return new DeviceWork.Request(channel.name(), transfer.submittedAt);
                }
                if (!unfinished) {
                    latest = new DeviceWork.Request(channel.name(), transfer.submittedAt);
                }
            }
        }
        return latest;
    }
}
