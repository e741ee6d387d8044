package dmakit.kernel.isa;

import dmakit.datasheet.i8237.I8237Store;
import dmakit.datasheet.i8237.I8237Store.Mode;
import dmakit.datasheet.i8237.I8237Store.Selected;
import dmakit.datasheet.i8237.IsaPage;
import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.kernel.Architecture;
import dmakit.kernel.Calls;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.log.Log;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sync.SpinLock;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The DMA channels of a PC's ISA bus: 0 to 3 move bytes, 5 to 7 words; 4 connects the controllers.
 *
 * <p>Order of calls: {@link #request}; for each transfer, with the {@linkplain #claimLock lock}
 * held, {@link #disable}, {@link #clearFlipFlop}, {@link #setMode}, {@link #setAddress}, {@link
 * #setCount}, {@link #enable}; then the card asks for it. {@link #residue} tells what is left.
 *
 * <p>Addresses have 24 bits and stay in a page of 64 KiB, of 128 KiB on channels 5 to 7. Nothing
 * here refuses what does not fit, as nothing does in Linux; what the hardware cannot reach is a
 * finding.
 */
public final class IsaDma {
    private static final String FILE = "kernel/dma.c";
    private static final String ASM = "arch/x86/include/asm/dma.h";

    /** {@code MAX_DMA_CHANNELS}. */
    public static final int CHANNEL_COUNT = 8;

    /** {@code DMA_MODE_READ}: from the card to memory, one transfer for each request. */
    @Linux(file = ASM, symbol = "DMA_MODE_READ")
    public static final int MODE_READ = Mode.KIND.of(Mode.SINGLE) | Mode.TRANSFER.of(Mode.WRITE);

    /** {@code DMA_MODE_WRITE}: from memory to the card, one transfer for each request. */
    @Linux(file = ASM, symbol = "DMA_MODE_WRITE")
    public static final int MODE_WRITE = Mode.KIND.of(Mode.SINGLE) | Mode.TRANSFER.of(Mode.READ);

    /** {@code DMA_MODE_CASCADE}: pass the bus on. */
    @Linux(file = ASM, symbol = "DMA_MODE_CASCADE")
    public static final int MODE_CASCADE = Mode.KIND.of(Mode.CASCADE);

    /** {@code DMA_AUTOINIT}: begin again at the end of the count. */
    @Linux(file = ASM, symbol = "DMA_AUTOINIT")
    public static final int AUTOINIT = Mode.AUTO_INITIALIZE.of(1);

    /** The first address that no channel reaches, {@code MAX_DMA_ADDRESS} as physical address. */
    @Linux(file = ASM, symbol = "MAX_DMA_ADDRESS")
    public static final long ADDRESS_END = 1L << 24;

    /** What the controllers are called in a device tree: the plug and play number of the AT's. */
    public static final String COMPATIBLE = "pnpPNP,200";

    private static final int CASCADE = 4;
    private static final int CONTROLLER_1 = 0x00;
    private static final int CONTROLLER_2 = 0xc0;
    private static final int PAGES = 0x80;
    private static final int PAGE_SHIFT = 16;
    private static final int BYTE = 0xff;

    private final Calls calls;
    private final Log log;
    private final IoPorts ports;
    private final DmaMapping mapping;
    private final Findings findings;
    private final SpinLock lock;
    private final @Nullable String[] owners = new String[CHANNEL_COUNT];
    private final int[] pages = new int[CHANNEL_COUNT];
    private final long[] addresses = new long[CHANNEL_COUNT];
    private final long[] counts = new long[CHANNEL_COUNT];
    private final boolean here;
    private final String portName;

    /**
     * Creates the API; on another architecture than x86 there are no channels.
     *
     * @param mapping is told for whom a channel works
     */
    public IsaDma(Sched sched, Log log, IoPorts ports, DmaMapping mapping, DeviceTree tree) {
        calls = sched.calls();
        this.log = log;
        this.ports = ports;
        this.mapping = mapping;
        findings = calls.findings();
        lock = new SpinLock(sched, "dma_spin_lock");
        here = Architecture.of(tree) == Architecture.X86;
        owners[CASCADE] = "cascade";
        portName =
                tree.nodes().stream()
                        .filter(node -> node.isReachable() && node.isCompatibleWith(COMPATIBLE))
                        .map(IsaDma::nameOf)
                        .findFirst()
                        .orElse("");
    }

    private static String nameOf(Node node) {
        return node.labels().isEmpty() ? node.name() : node.labels().getFirst();
    }

    // Owners.

    /**
     * Takes a channel.
     *
     * @param owner shown in {@code /proc/dma}
     * @throws KernelException EINVAL when there is no such channel, EBUSY when somebody has it
     */
    @Linux(file = FILE, symbol = "request_dma")
    public void request(int channel, String owner) {
        enter("request_dma", channel);
        if (!here || channel < 0 || channel >= CHANNEL_COUNT) {
            throw new KernelException(Errno.EINVAL, "no DMA channel %d", channel);
        }
        String holder = owners[channel];
        if (holder != null) {
            throw new KernelException(Errno.EBUSY, "DMA channel %d is %s's", channel, holder);
        }
        owners[channel] = owner;
    }

    /** Gives a channel back; one that nobody has, or that is none, is named in the log. */
    @Linux(file = FILE, symbol = "free_dma")
    public void free(int channel) {
        enter("free_dma", channel);
        if (!here) {
            return;
        }
        if (channel < 0 || channel >= CHANNEL_COUNT) {
            log.warn("Trying to free DMA%d", channel);
            return;
        }
        if (owners[channel] == null) {
            log.warn("Trying to free free DMA%d", channel);
            return;
        }
        owners[channel] = null;
    }

    /** Who has a channel, or null. */
    public @Nullable String owner(int channel) {
        return owners[channel];
    }

    /** {@code /proc/dma}: the channels that somebody has. */
    @Linux(file = FILE, symbol = "proc_dma_show")
    public String procText() {
        if (!here) {
            return "No DMA\n";
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < CHANNEL_COUNT; i++) {
            if (owners[i] != null) {
                text.append(String.format(Locale.ROOT, "%2d: %s\n", i, owners[i]));
            }
        }
        return text.toString();
    }

    /** Whether the bridge loses data with two channels at once; never here. */
    @Linux(file = ASM, symbol = "isa_dma_bridge_buggy")
    public boolean isBridgeBuggy() {
        return false;
    }

    // Programming.

    /**
     * Takes the lock of the controllers' registers, interrupts off.
     *
     * @return for {@link #releaseLock}
     */
    @Linux(file = ASM, symbol = "claim_dma_lock")
    public boolean claimLock() {
        enter("claim_dma_lock", -1);
        return lock.lockIrqSave();
    }

    /** Gives the lock back. */
    @Linux(file = ASM, symbol = "release_dma_lock")
    public void releaseLock(boolean flags) {
        lock.unlockIrqRestore(flags);
    }

    /** Lets the card's requests through. */
    @Linux(file = ASM, symbol = "enable_dma")
    public void enable(int channel) {
        enter("enable_dma", channel);
        worksFor(channel);
        out(channel, I8237Store.SINGLE_MASK, index(channel));
    }

    /** Keeps the card's requests back. */
    @Linux(file = ASM, symbol = "disable_dma")
    public void disable(int channel) {
        enter("disable_dma", channel);
        out(channel, I8237Store.SINGLE_MASK, Selected.SET.mask() | index(channel));
    }

    /** Makes the next byte of an address or count the low one. */
    @Linux(file = ASM, symbol = "clear_dma_ff")
    public void clearFlipFlop(int channel) {
        enter("clear_dma_ff", channel);
        out(channel, I8237Store.CLEAR_FLIP_FLOP, 0);
    }

    /** Sets how a channel transfers: {@link #MODE_READ} and the like, or bits of the register. */
    @Linux(file = ASM, symbol = "set_dma_mode")
    public void setMode(int channel, int mode) {
        enter("set_dma_mode", channel);
        out(channel, I8237Store.MODE, (mode & BYTE) | index(channel));
    }

    /** Sets address lines 23 to 16; on channels 5 to 7 the lowest one is not used. */
    @Linux(file = ASM, symbol = "set_dma_page")
    public void setPage(int channel, int page) {
        enter("set_dma_page", channel);
        writePage(channel, page);
        addresses[channel] = (long) pages[channel] << PAGE_SHIFT | (addresses[channel] & 0xffff);
    }

    private void writePage(int channel, int page) {
        if (channel == CASCADE) {
            return;
        }
        pages[channel] = page & (channel > CASCADE ? BYTE & ~1 : BYTE);
        ports.outb(pages[channel], PAGES + IsaPage.of(channel).offset());
    }

    /**
     * Sets where a transfer begins.
     *
     * @param dma the address; on channels 5 to 7 an even one. Of more than 24 bits the upper ones
     *     are lost
     */
    @Linux(file = ASM, symbol = "set_dma_addr")
    public void setAddress(int channel, long dma) {
        enter("set_dma_addr", channel);
        addresses[channel] = dma;
        writePage(channel, (int) (dma >>> PAGE_SHIFT));
        long counted = channel < CASCADE ? dma : dma >>> 1;
        writeHalves(channel, 0, (int) counted);
    }

    /**
     * Sets the length of a transfer.
     *
     * @param bytes at least 1; on channels 5 to 7 an even number. At most 64 KiB, or 128 KiB there
     */
    @Linux(file = ASM, symbol = "set_dma_count")
    public void setCount(int channel, int bytes) {
        enter("set_dma_count", channel);
        counts[channel] = Integer.toUnsignedLong(bytes);
        int last = bytes - 1;
        writeHalves(channel, 1, channel < CASCADE ? last : last >>> 1);
    }

    /** Stores the low byte, then the high one. */
    private void writeHalves(int channel, int which, int value) {
        int port = port(channel, 2 * index(channel) + which);
        ports.outb(value & BYTE, port);
        ports.outb(value >>> Byte.SIZE & BYTE, port);
    }

    /**
     * Bytes of a transfer that have not moved; 0 at its end. The flip-flop must be clear and the
     * lock held.
     */
    @Linux(file = ASM, symbol = "get_dma_residue")
    public int residue(int channel) {
        enter("get_dma_residue", channel);
        int port = port(channel, 2 * index(channel) + 1);
        int count = 1 + ports.inb(port);
        count += ports.inb(port) << Byte.SIZE;
        count &= 0xffff;
        return channel < CASCADE ? count : count << 1;
    }

    private static int index(int channel) {
        return channel & I8237Store.CHANNEL_COUNT - 1;
    }

    private static int port(int channel, int register) {
        return channel < CASCADE ? CONTROLLER_1 + register : CONTROLLER_2 + 2 * register;
    }

    private void out(int channel, I8237Store register, int value) {
        ports.outb(value, port(channel, register.offset()));
    }

    // Findings.

    /** From now on what the channel accesses is accessed for whom its memory is mapped. */
    private void worksFor(int channel) {
        if (!findings.isEnabled() || channel < 0 || channel >= CHANNEL_COUNT) {
            return;
        }
        long start = addresses[channel];
        String device = mapping.thirdParty(portName + " " + channel, start);
        long bytes = counts[channel];
        long pageBytes = channel < CASCADE ? 1L << PAGE_SHIFT : 2L << PAGE_SHIFT;
        if (start + Math.max(bytes, 1) > ADDRESS_END) {
            report(
                    channel,
                    device,
                    "DMA channel %d is to access %d bytes at dma:0x%x, wanted an address below"
                            + " 0x1000000: it has 24 address lines",
                    channel,
                    bytes,
                    start);
        } else if (start / pageBytes != (start + Math.max(bytes, 1) - 1) / pageBytes) {
            report(
                    channel,
                    device,
                    "DMA channel %d is to access %d bytes at dma:0x%x, which cross a multiple of"
                            + " %d KiB: its address starts again there",
                    channel,
                    bytes,
                    start,
                    pageBytes >> 10);
        }
    }

    private void report(int channel, String device, String format, Object... values) {
        findings.report(FindingId.DEVICE_UNREACHABLE, format, values)
                .device(device)
                .channel("DMA" + channel)
                .at(findings.here())
                .add();
    }

    private void enter(String symbol, int channel) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(symbol, channel < 0 ? "" : Integer.toString(channel));
        }
    }
}
