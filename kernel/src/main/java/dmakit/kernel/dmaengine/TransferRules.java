package dmakit.kernel.dmaengine;

import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.check.Role;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaAddr;
import dmakit.kernel.dmaengine.Transfer.Stage;
import dmakit.kernel.mapping.DeviceWork;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.memory.Ram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What a client may and may not do with a channel; keeps the transfers of all channels and reports
 * findings. It does nothing while mistakes are not looked for.
 */
public final class TransferRules implements DeviceWork {
    /** Transfers of one channel that are remembered; the oldest that have ended are forgotten. */
    static final int TRANSFER_COUNT_MAX = 64;

    /** Transfers of one channel that have not ended and are remembered. */
    static final int UNFINISHED_COUNT_MAX = 1024;

    private final Findings findings;
    private final Ram ram;
    private final Map<Channel, Client> clients = new LinkedHashMap<>();
    private @Nullable Channel callingBack;

    /** What is known of a channel since it was requested. */
    private static final class Client {
        private final List<Transfer> transfers = new ArrayList<>();
        private long requestedAt;
        private long releasedAt;
        private boolean configured;
        private long refusedSubmitAt;
    }

    TransferRules(Findings findings, Ram ram) {
        this.findings = findings;
        this.ram = ram;
    }

    boolean areOn() {
        return findings.isEnabled();
    }

    private Client client(Channel channel) {
        return clients.computeIfAbsent(channel, _ -> new Client());
    }

    // Holding a channel.

    void requested(Channel channel) {
        if (areOn()) {
            Client client = client(channel);
            client.transfers.clear();
            client.requestedAt = findings.here();
            client.releasedAt = 0;
            client.configured = false;
            client.refusedSubmitAt = 0;
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
                        report(
                                FindingId.SUBMIT_MISSING,
                                channel,
                                transfer,
                                "the channel is released with a descriptor that was prepared and"
                                        + " never submitted");
                case SUBMITTED ->
                        report(
                                FindingId.ISSUE_PENDING_MISSING,
                                channel,
                                transfer,
                                "the channel is released with a descriptor that was submitted and"
                                        + " never issued");
                case ISSUED -> {
                    // What cannot be terminated is stopped by the release itself.
                    if (transfer.isRunning(channel)
                            && channel.device().described().canTerminate()) {
                        report(
                                FindingId.TERMINATE_MISSING,
                                channel,
                                transfer,
                                "the channel is released while a transfer runs");
                    }
                }
            }
        }
        client.transfers.clear();
        client.releasedAt = findings.here();
    }

    /** Something is done with a channel: is it held by anybody? */
    void used(Channel channel, String function) {
        if (!areOn() || channel.clientCount() > 0) {
            return;
        }
        Client client = clients.get(channel);
        if (client != null && client.releasedAt != 0) {
            findings.report(
                            FindingId.CHANNEL_USE_AFTER_RELEASE,
                            "%s on %s after it was released",
                            function,
                            channel.name())
                    .site(Role.FREED, client.releasedAt)
                    .device(channel.device().dev().name())
                    .channel(channel.name())
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
                findings.report(
                                FindingId.CHANNEL_LEAK,
                                "%s is still held when the module is unloaded",
                                channel.name())
                        .at(client.requestedAt)
                        .device(channel.device().dev().name())
                        .channel(channel.name())
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
            findings.report(
                            FindingId.CAPABILITY_MISSING,
                            "%s offers no %s; it has %s",
                            channel.name(),
                            op,
                            channel.device().capabilities())
                    .device(channel.device().dev().name())
                    .channel(channel.name())
                    .add();
        }
    }

    void checkAddress(Channel channel, long dma) {
        if (areOn() && dma == DmaAddr.MAPPING_ERROR) {
            findings.report(
                            FindingId.MAP_ERROR_UNCHECKED,
                            "a transfer is prepared with DMA_MAPPING_ERROR for an address")
                    .device(channel.device().dev().name())
                    .channel(channel.name())
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
        if (!client(channel).configured) {
            findings.report(
                            FindingId.SLAVE_CONFIG_MISSING,
                            "a %s transfer is prepared on %s without a dmaengine_slave_config",
                            direction.symbol(),
                            channel.name())
                    .device(channel.device().dev().name())
                    .channel(channel.name())
                    .add();
            return;
        }
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
            reportConfig(
                    channel,
                    "%s_addr_width is %s, %s takes %s",
                    side,
                    width.symbol(),
                    channel.name(),
                    widths.stream().map(BusWidth::symbol).toList());
        } else if (ram.offsetOf(phys) != Ram.NOT_RAM && phys != 0) {
            reportConfig(
                    channel,
                    "%s_addr is 0x%x, which is RAM, wanted the address of a FIFO",
                    side,
                    phys);
        } else if (AddressLayout.isLinear(phys) || AddressLayout.isVmalloc(phys)) {
            reportConfig(
                    channel,
                    "%s_addr is 0x%x, an address of the CPU, wanted a physical one",
                    side,
                    phys);
        }
    }

    private void reportConfig(Channel channel, String format, Object... values) {
        findings.report(FindingId.SLAVE_CONFIG_INVALID, format, values)
                .device(channel.device().dev().name())
                .channel(channel.name())
                .add();
    }

    Descriptor prepared(Descriptor desc, long destination, long source, long size) {
        return areOn()
                ? add(
                        desc,
                        new Extent.Ranges(
                                new long[] {destination, source},
                                new long[] {size, source == 0 ? 0 : size},
                                2),
                        0,
                        null)
                : desc;
    }

    /** Sums of sources, with up to two results; one at 0 is none. */
    Descriptor preparedSums(Descriptor desc, long result, long second, long[] sources, long size) {
        if (!areOn()) {
            return desc;
        }
        long[] operands = Arrays.copyOf(sources, sources.length + 2);
        operands[sources.length] = result;
        operands[sources.length + 1] = second;
        return add(desc, new Extent.Operands(operands, size), 0, null);
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
        return areOn()
                ? add(
                        desc,
                        new Extent.Ranges(new long[] {dma}, new long[] {size}, 1),
                        periods,
                        direction)
                : desc;
    }

    Descriptor preparedList(
            Descriptor desc, Scatterlist sgl, int count, @Nullable TransferDirection direction) {
        if (!areOn()) {
            return desc;
        }
        long[] addresses = new long[count];
        long[] sizes = new long[count];
        int at = 0;
        for (Scatterlist run = sgl; run != null && at < count; run = run.next()) {
            for (int i = 0; i < run.count() && at < count; i++) {
                addresses[at] = run.dmaAddress(i);
                sizes[at++] = run.dmaLength(i);
            }
        }
        return add(desc, new Extent.Ranges(addresses, sizes, at), 0, direction);
    }

    private Descriptor add(
            Descriptor desc, Extent extent, int periods, @Nullable TransferDirection direction) {
        Channel channel = desc.channel();
        List<Transfer> transfers = client(channel).transfers;
        if (transfers.size() >= TRANSFER_COUNT_MAX) {
            forgetOldest(channel, transfers);
        }
        transfers.add(new Transfer(desc, findings.here(), extent, periods, direction));
        return desc;
    }

    private static void forgetOldest(Channel channel, List<Transfer> transfers) {
        for (Iterator<Transfer> i = transfers.iterator(); i.hasNext(); ) {
            Transfer transfer = i.next();
            if (transfer.stage == Stage.ISSUED && !transfer.isRunning(channel)) {
                i.remove();
                return;
            }
        }
        if (transfers.size() >= UNFINISHED_COUNT_MAX) {
            transfers.removeFirst();
        }
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
        report(
                FindingId.DESCRIPTOR_REUSE,
                channel,
                transfer,
                transfer.isRunning(channel)
                        ? "a descriptor is submitted a second time while its transfer runs"
                        : "a descriptor is submitted again after it was submitted before, without"
                                + " DMA_CTRL_REUSE");
    }

    /** A descriptor of C code that has ended is submitted again. */
    public void resubmitted(Channel channel) {
        if (areOn()) {
            findings.report(
                            FindingId.DESCRIPTOR_REUSE,
                            "a descriptor of %s is submitted again after its transfer, without"
                                    + " DMA_CTRL_REUSE",
                            channel.name())
                    .device(channel.device().dev().name())
                    .channel(channel.name())
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
            transfer.cookie = cookie;
        }
    }

    private @Nullable Transfer latestOf(Descriptor desc) {
        Client client = clients.get(desc.channel());
        if (client == null) {
            return null;
        }
        List<Transfer> transfers = client.transfers;
        for (int i = transfers.size() - 1; i >= 0; i--) {
            if (transfers.get(i).descriptor.equals(desc)) {
                return transfers.get(i);
            }
        }
        return null;
    }

    void issued(Channel channel) {
        Client client = clients.get(channel);
        if (!areOn() || client == null) {
            return;
        }
        boolean any = false;
        for (Transfer transfer : client.transfers) {
            if (transfer.stage == Stage.SUBMITTED) {
                transfer.stage = Stage.ISSUED;
                any = true;
            }
        }
        if (!any && client.refusedSubmitAt != 0) {
            findings.report(
                            FindingId.SUBMIT_ERROR_UNCHECKED,
                            "%s is issued although its submit failed",
                            channel.name())
                    .site(Role.SUBMITTED, client.refusedSubmitAt)
                    .device(channel.device().dev().name())
                    .channel(channel.name())
                    .add();
        }
        client.refusedSubmitAt = 0;
    }

    void terminated(Channel channel) {
        Client client = clients.get(channel);
        if (client != null) {
            client.transfers.clear();
        }
    }

    /** Whether a client may wait for callbacks: not from within one. */
    boolean mayWait(Channel channel, String function) {
        boolean waitsForItself = areOn() && channel.equals(callingBack);
        if (waitsForItself) {
            findings.report(
                            FindingId.TERMINATE_IN_CALLBACK,
                            "%s of %s in a callback of it, which it waits for",
                            function,
                            channel.name())
                    .device(channel.device().dev().name())
                    .channel(channel.name())
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
            findings.report(
                            reads ? FindingId.CYCLIC_UNDERRUN : FindingId.CYCLIC_OVERRUN,
                            "%s went round its ring of %d periods before a callback ran",
                            desc.channel().name(),
                            transfer.periods)
                    .at(transfer.submittedAt)
                    .device(desc.channel().device().dev().name())
                    .channel(desc.channel().name())
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
     * A driver waited for something until its time was over, or for ever: was it for a transfer?
     */
    public void waitedInVain() {
        if (!areOn()) {
            return;
        }
        clients.forEach((channel, client) -> {
            // Who gives up on a transfer that is on its way may have reasons to.
            if (channel.clientCount() > 0 && !isMoving(channel, client)) {
                for (Transfer transfer : List.copyOf(client.transfers)) {
                    explain(channel, transfer);
                }
            }
        });
    }

    /** Whether bytes move while one looks. */
    private static boolean isMoving(Channel channel, Client client) {
        TxState state = new TxState();
        for (Transfer transfer : List.copyOf(client.transfers)) {
            if (transfer.isRunning(channel)) {
                channel.statusOf(transfer.cookie, state);
                int before = state.residue();
                channel.statusOf(transfer.cookie, state);
                if (state.residue() != before) {
                    return true;
                }
            }
        }
        return false;
    }

    private void explain(Channel channel, Transfer transfer) {
        if (transfer.descriptor.parent() != null) {
            return; // the one it depends on is to blame
        }
        switch (transfer.stage) {
            case PREPARED ->
                    report(
                            FindingId.SUBMIT_MISSING,
                            channel,
                            transfer,
                            "a wait ended by timeout; a descriptor was prepared and never"
                                    + " submitted");
            case SUBMITTED ->
                    report(
                            FindingId.ISSUE_PENDING_MISSING,
                            channel,
                            transfer,
                            "a wait ended by timeout; a descriptor was submitted and never issued");
            case ISSUED -> {
                if (transfer.periods == 0 && !transfer.repeats() && transfer.isRunning(channel)) {
                    reasonOf(channel, transfer)
                            .ifPresent(reason ->
                                    report(
                                            FindingId.TIMEOUT,
                                            channel,
                                            transfer,
                                            "a wait for a transfer ended by timeout: " + reason));
                }
            }
        }
    }

    /** Why it will not end; empty for one that is still moving, or waits for its turn. */
    private Optional<String> reasonOf(Channel channel, Transfer transfer) {
        if (!transfer.replaces() && waitsBehindRepeated(channel, transfer)) {
            return Optional.of(
                    "the transfer before it repeats, and it is not prepared with"
                            + " DMA_PREP_LOAD_EOT");
        }
        TxState state = new TxState();
        DmaStatus status = channel.statusOf(transfer.cookie, state);
        String left =
                state.residue() == 0
                        ? ""
                        : ", %s bytes are left"
                                .formatted(Integer.toUnsignedString(state.residue()));
        return switch (status) {
            case PAUSED -> Optional.of("the channel is paused" + left);
            case ERROR -> Optional.of("the channel halted on an error" + left);
            case COMPLETE -> Optional.of("it completed, and nobody was told");
            case IN_PROGRESS, OUT_OF_ORDER ->
                    transfer.direction != null && transfer.direction.isSlave()
                            ? Optional.of("the peripheral does not ask for data" + left)
                            : Optional.empty();
        };
    }

    private boolean waitsBehindRepeated(Channel channel, Transfer transfer) {
        for (Transfer before : client(channel).transfers) {
            if (before == transfer) {
                return false;
            }
            if (before.repeats() && before.isRunning(channel)) {
                return true;
            }
        }
        return false;
    }

    private void report(FindingId id, Channel channel, Transfer transfer, String message) {
        findings.report(id, "%s: %s", channel.name(), message)
                .site(Role.ALLOCATED, transfer.submittedAt == 0 ? transfer.preparedAt : 0)
                .site(Role.SUBMITTED, transfer.submittedAt)
                .device(channel.device().dev().name())
                .channel(channel.name())
                .add();
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
