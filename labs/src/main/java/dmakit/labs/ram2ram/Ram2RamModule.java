package dmakit.labs.ram2ram;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.ChannelFilter;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.ProviderOps;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.Completion;
import dmakit.labs.Account;
import java.util.List;

/**
 * Copies 1024 bytes between two coherent buffers by DMA while it is loaded. Every call stands where
 * the lab's text has it: request channel, two buffers, descriptor, completion, submit, issue, wait,
 * status, terminate, free, release.
 */
public final class Ram2RamModule {
    /** Bytes of each buffer. */
    public static final int BUFFER_BYTES = 1024;

    private static final byte SOURCE_FILL = 0x12;
    private static final byte DESTINATION_FILL = 0x00;
    private static final int TIMEOUT_MS = 3000;

    private final Kernel kernel;
    private List<Account.Buffer> buffers = List.of();
    private String channelName = "";
    private String controllerName = "";

    /** Creates the module of one kernel; {@link #init} runs it. */
    public Ram2RamModule(Kernel kernel) {
        this.kernel = kernel;
    }

    /** The buffers of the transfer, in all three address spaces. */
    public List<Account.Buffer> buffers() {
        return buffers;
    }

    /** The channel the module took, {@code dma0chan0}. */
    public String channelName() {
        return channelName;
    }

    /** The device the channel belongs to. */
    public String controllerName() {
        return controllerName;
    }

    /**
     * What {@code module_init} does.
     *
     * @return whether the destination has the bytes of the source
     * @throws DmaException when there is no channel or no memory
     */
    public boolean init() {
        Capabilities mask = Capabilities.of(TransactionType.MEMCPY);
        Channel channel =
                kernel.dmaEngine()
                        .requestChannel(mask, ChannelFilter.ANY)
                        .orElseThrow(
                                () -> new DmaException(Errno.ENODEV, "no channel for %s", mask));
        Device device = channel.device().dev();
        channelName = channel.name();
        controllerName = device.name();
        try {
            CoherentBuffer source = kernel.dma().allocCoherent(device, BUFFER_BYTES, Gfp.KERNEL);
            try {
                CoherentBuffer destination =
                        kernel.dma().allocCoherent(device, BUFFER_BYTES, Gfp.KERNEL);
                try {
                    return transfer(channel, source, destination);
                } finally {
                    kernel.dma().freeCoherent(device, destination);
                }
            } finally {
                kernel.dma().freeCoherent(device, source);
            }
        } finally {
            kernel.dmaEngine().release(channel);
        }
    }

    /** What {@code module_exit} does. */
    public void exit() {
        kernel.log().info("ram2ram: unloaded");
    }

    private boolean transfer(Channel channel, CoherentBuffer source, CoherentBuffer destination) {
        kernel.machine().cpu().fill(source.va(), BUFFER_BYTES, SOURCE_FILL);
        kernel.machine().cpu().fill(destination.va(), BUFFER_BYTES, DESTINATION_FILL);
        buffers = List.of(buffer("src_buf", source), buffer("dst_buf", destination));
        say("before", source, destination);
        Descriptor descriptor =
                channel.prepMemcpy(
                        destination.dma(),
                        source.dma(),
                        BUFFER_BYTES,
                        PrepFlags.ACK | PrepFlags.INTERRUPT);
        Completion done = new Completion(kernel.sched());
        descriptor.callback(done::complete);
        int cookie = descriptor.submit();
        channel.issuePending();
        long left = done.waitForTimeout(Jiffies.ofMillis(TIMEOUT_MS));
        if (left == 0) {
            kernel.log().err("ram2ram: timeout");
        }
        DmaStatus status = channel.isTxComplete(cookie, new TxState());
        // Transfers of some PCI engines cannot be ended, and this one is over.
        if (channel.device().offers(ProviderOps.Op.TERMINATE_ALL)) {
            channel.terminateAll();
        }
        kernel.log().info("ram2ram: transfer of cookie %d: %s", cookie, status);
        say("after", source, destination);
        return left > 0 && status == DmaStatus.COMPLETE && isCopied(destination);
    }

    private void say(String when, CoherentBuffer source, CoherentBuffer destination) {
        kernel.log()
                .info(
                        "ram2ram: %s: src_buf[0] = 0x%02x, dst_buf[0] = 0x%02x",
                        when,
                        kernel.machine().cpu().load8(source.va()),
                        kernel.machine().cpu().load8(destination.va()));
    }

    private boolean isCopied(CoherentBuffer destination) {
        byte[] bytes = new byte[BUFFER_BYTES];
        kernel.machine().cpu().load(destination.va(), bytes, 0, bytes.length);
        for (byte b : bytes) {
            if (b != SOURCE_FILL) {
                return false;
            }
        }
        return true;
    }

    private Account.Buffer buffer(String name, CoherentBuffer memory) {
        long phys = kernel.machine().cpu().physOf(memory.va());
        return new Account.Buffer(name, memory.va(), phys, memory.dma(), memory.size());
    }
}
