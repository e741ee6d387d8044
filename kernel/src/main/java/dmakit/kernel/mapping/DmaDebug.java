package dmakit.kernel.mapping;

import dmakit.kernel.KernelParameters;
import dmakit.kernel.Linux;
import dmakit.kernel.check.DmaDebugText;
import dmakit.kernel.check.Findings;
import dmakit.kernel.check.SourceLine;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.OpenMappings.Kind;
import dmakit.kernel.log.Log;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.CpuFault;
import dmakit.machine.memory.Ram;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a kernel with {@code CONFIG_DMA_API_DEBUG} writes to its log, and what it keeps for {@code
 * /sys/kernel/debug/dma-api}: the messages, which of them are shown, and the count of entries.
 *
 * <p>It is there while mistakes are looked for and {@code dma_debug=off} is not given. An entry is
 * a {@link Lending}; findings say more, and this is silent where the kernel's own checks are.
 */
@Linux(file = "kernel/dma/debug.c", symbol = "dma_debug_init")
public final class DmaDebug {
    /** Entries there are room for, unless {@code dma_debug_entries=} says otherwise. */
    @Linux(file = "kernel/dma/debug.c", symbol = "PREALLOC_DMA_DEBUG_ENTRIES")
    public static final int ENTRY_COUNT_DEFAULT = 1 << 16;

    /** Characters of a driver's name in the filter. */
    @Linux(file = "kernel/dma/debug.c", symbol = "NAME_MAX_LEN")
    public static final int NAME_LENGTH_MAX = 63;

    /** Entries that get room at a time: a page of them. */
    static final int ENTRIES_PER_PAGE = 32;

    /** Pages of entries there are at first, at most. */
    static final int PAGE_COUNT_MAX = Integer.MAX_VALUE / ENTRIES_PER_PAGE;

    /** Buckets of the kernel's table of entries. */
    @Linux(file = "kernel/dma/debug.c", symbol = "HASH_SIZE")
    static final int BUCKET_COUNT = 1 << 14;

    /** No physical address. */
    static final long NO_PHYS = -1;

    private static final int LG2_BUCKET_BYTES = 13;
    private static final Pattern NUMBER = Pattern.compile("-?(?:0[xX]\\p{XDigit}+|\\d+)");

    private final Findings findings;
    private final Log log;
    private final Log plainLog;
    private final Ledger ledger;
    private final Cpu cpu;
    private boolean on;
    private boolean off;
    private int requested = ENTRY_COUNT_DEFAULT;
    private int preallocated;
    private int total;
    private int mostUsed;
    private int errorCount;
    private int allErrors;
    private int numErrors = 1;
    private String filter = "";
    private Predicate<Device> bouncing = _ -> false;

    DmaDebug(Findings findings, Log log, Ledger ledger, Cpu cpu) {
        this.findings = findings;
        this.ledger = ledger;
        this.cpu = cpu;
        plainLog = log;
        this.log = log.prefixed("DMA-API: ");
    }

    /**
     * Begins as soon as mistakes are looked for.
     *
     * @param parameters of which it knows {@code dma_debug=off}, {@code dma_debug_entries=} and
     *     {@code dma_debug_driver=}
     * @param freePages there are for entries
     * @param bouncing says which devices have bounce buffers, where small buffers of {@code
     *     kmalloc} that share a cache line are kept apart
     */
    public void boot(KernelParameters parameters, long freePages, Predicate<Device> bouncing) {
        this.bouncing = bouncing;
        if (parameters.value("dma_debug").orElse("").startsWith("off")) {
            log.info("debugging disabled on kernel command line");
            off = true;
        }
        parameters.value("dma_debug_entries").ifPresent(text -> requested = entryCount(text));
        parameters.value("dma_debug_driver").ifPresent(this::filter);
        findings.onEnable(() -> begin(freePages));
    }

    private static int entryCount(String text) {
        Matcher number = NUMBER.matcher(text);
        if (!number.lookingAt()) {
            return ENTRY_COUNT_DEFAULT;
        }
        try {
            return Long.decode(number.group()).intValue();
        } catch (NumberFormatException e) {
            return ENTRY_COUNT_DEFAULT;
        }
    }

    private void begin(long freePages) {
        if (off) {
            return;
        }
        long pages = (Integer.toUnsignedLong(requested) + ENTRIES_PER_PAGE - 1) / ENTRIES_PER_PAGE;
        long given = Math.min(pages, Math.min(freePages, PAGE_COUNT_MAX));
        preallocated = (int) given * ENTRIES_PER_PAGE;
        total = preallocated;
        if (given == pages) {
            log.info("preallocated %d debug entries", total);
        } else if (total > 0) {
            log.warn("%d debug entries requested but only %d allocated", requested, total);
        } else {
            log.err("debugging out of memory error - disabled");
            off = true;
            return;
        }
        on = true;
        findings.linuxIsHeard();
        log.info("debugging enabled by kernel config");
    }

    // What its files show and take.

    /** Whether it says anything. */
    public boolean isOn() {
        return on;
    }

    /** How many mistakes there were, shown or not; unsigned. */
    public int errorCount() {
        return errorCount;
    }

    /** Whether all mistakes are shown: when not 0. */
    public int allErrors() {
        return allErrors;
    }

    /** Shows all mistakes, or with 0 as many as {@link #numErrors}. */
    public void allErrors(int value) {
        allErrors = value;
    }

    /** How many more mistakes are shown; unsigned. */
    public int numErrors() {
        return numErrors;
    }

    /** Sets how many more mistakes are shown. */
    public void numErrors(int value) {
        numErrors = value;
    }

    /** Entries there is room for now. */
    public int entryCount() {
        return total;
    }

    /** Entries there is room for beside those in use. */
    public int freeEntryCount() {
        return Math.max(0, total - ledger.debugEntryCount());
    }

    /** The least there was room for. */
    public int minFreeEntryCount() {
        return Math.max(0, preallocated - mostUsed);
    }

    /** The driver whose devices' mistakes are shown, or empty for all. */
    public String filter() {
        return filter;
    }

    /**
     * Shows mistakes of one driver's devices only: of the one whose name the text begins with. Any
     * text that begins neither with a letter nor a digit shows all again.
     */
    @Linux(file = "kernel/dma/debug.c", symbol = "filter_write")
    public void filter(String text) {
        int length = 0;
        while (length < Math.min(text.length(), NAME_LENGTH_MAX)
                && text.charAt(length) != 0
                && !isSpace(text.charAt(length))) {
            length++;
        }
        if (length > 0 && isAlphanumeric(text.charAt(0))) {
            filter = text.substring(0, length);
            log.info("enable driver filter for driver [%s]", filter);
        } else if (!filter.isEmpty()) {
            filter = "";
            log.info("switching off dma-debug driver filter");
        }
    }

    private static boolean isSpace(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }

    private static boolean isAlphanumeric(char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    }

    /** All entries, a line each. */
    @Linux(file = "kernel/dma/debug.c", symbol = "dump_show")
    public String dump() {
        if (!on) {
            return "";
        }
        List<Lending> entries = ledger.live();
        entries.removeIf(entry -> !entry.isDebugEntry());
        entries.sort(Comparator.comparingInt(DmaDebug::bucketOf));
        StringBuilder text = new StringBuilder();
        for (Lending entry : entries) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%s %s %s idx %d P=0x%016x D=%x L=%x cln=0x%016x %s %s\n",
                            entry.device().driverName(),
                            entry.device().name(),
                            typeOf(entry.kind()),
                            bucketOf(entry),
                            physOf(entry),
                            entry.dma(),
                            entry.segmentBytes(),
                            lineOf(entry),
                            directionOf(entry),
                            errorCheckOf(entry)));
        }
        return text.toString();
    }

    private static String directionOf(Lending entry) {
        return "DMA_" + entry.direction();
    }

    private static String errorCheckOf(Lending entry) {
        if (!wantsErrorCheck(entry)) {
            return "dma map error check not applicable";
        }
        return entry.isErrorChecked() ? "dma map error checked" : "dma map error not checked";
    }

    // Entries.

    static boolean wantsErrorCheck(Lending entry) {
        return switch (entry.kind()) {
            case SINGLE, RESOURCE -> true;
            case LIST, COHERENT, PAGES, LINKED -> false;
        };
    }

    @Linux(file = "kernel/dma/debug.c", symbol = "type2name")
    static String typeOf(Kind kind) {
        return switch (kind) {
            case SINGLE -> "single";
            case LIST -> "scatter-gather";
            case COHERENT -> "coherent";
            case RESOURCE -> "resource";
            case PAGES -> "noncoherent";
            case LINKED -> throw new IllegalArgumentException("Linux makes no entry for it");
        };
    }

    /** The bucket of the kernel's table that an entry lies in. */
    @Linux(file = "kernel/dma/debug.c", symbol = "hash_fn")
    static int bucketOf(Lending entry) {
        return bucketOf(entry.dma());
    }

    static int bucketOf(long dma) {
        return (int) (dma >>> LG2_BUCKET_BYTES) & (BUCKET_COUNT - 1);
    }

    /** The number of the cache line in which an entry begins. */
    @Linux(file = "kernel/dma/debug.c", symbol = "to_cacheline_number")
    long lineOf(Lending entry) {
        return Long.divideUnsigned(physOf(entry), Ram.LINE_BYTES);
    }

    /** Where the first byte of an entry is; behind an IOMMU, coherent memory is in many places. */
    long physOf(Lending entry) {
        return entry.kind() == Kind.COHERENT ? physOf(entry.va()) : entry.phys();
    }

    /** Where the CPU finds a byte; {@link #NO_PHYS} when it has no place for memory there. */
    @Linux(file = "kernel/dma/debug.c", symbol = "virt_to_paddr")
    long physOf(long va) {
        if (!AddressLayout.isLinear(va) && !AddressLayout.isVmalloc(va)) {
            return NO_PHYS;
        }
        try {
            return cpu.physOf(va);
        } catch (CpuFault e) {
            return NO_PHYS;
        }
    }

    @Linux(file = "include/linux/swiotlb.h", symbol = "is_swiotlb_active")
    boolean hasBounceBuffers(Device device) {
        return bouncing.test(device);
    }

    /** One more entry is in use. */
    @Linux(file = "kernel/dma/debug.c", symbol = "dma_entry_alloc")
    void used(int count) {
        if (count <= mostUsed) {
            return;
        }
        mostUsed = count;
        while (total < count) {
            total += ENTRIES_PER_PAGE;
            if (requested != 0 && Integer.remainderUnsigned(total, requested) < ENTRIES_PER_PAGE) {
                log.info(
                        "dma_debug_entry pool grown to %d (%d00%%)",
                        total, Integer.divideUnsigned(total, requested));
            }
        }
    }

    // Messages.

    /**
     * Counts a mistake, and shows it unless enough were shown.
     *
     * @param device whose driver made it, which still has it
     * @param entry it is about, or null
     * @param tail what follows the text, as a format
     */
    @Linux(file = "kernel/dma/debug.c", symbol = "err_printk")
    void report(
            Device device,
            @Nullable Lending entry,
            DmaDebugText text,
            String tail,
            Object... values) {
        String driver = device.isBound() ? device.driverName() : "";
        report(device.driverName(), driver, device, entry, text, tail, values);
    }

    /** As {@link #report}, for a device that its driver has just left. */
    void reportUnbound(
            Device device,
            @Nullable Lending entry,
            DmaDebugText text,
            String tail,
            Object... values) {
        report(device.subsystem(), "", device, entry, text, tail, values);
    }

    private void report(
            String name,
            String driver,
            Device device,
            @Nullable Lending entry,
            DmaDebugText text,
            String tail,
            Object... values) {
        findings.linuxSays(text);
        errorCount++;
        if ((filter.isEmpty() || filter.equals(driver)) && (allErrors != 0 || numErrors != 0)) {
            String numbers = String.format(Locale.ROOT, tail, values);
            warn(entry, name + " " + device.name() + ": " + text.text() + numbers);
        }
        if (allErrors == 0 && numErrors != 0) {
            numErrors--;
        }
    }

    /** A warning with the place in the driver that it is about, and where the entry was made. */
    void warn(@Nullable Lending entry, String text) {
        plainLog.warn("------------[ cut here ]------------");
        log.warn("%s", text);
        SourceLine here = findings.lineOf(findings.here());
        if (!here.equals(SourceLine.UNKNOWN)) {
            plainLog.warn("WARNING: at %s:%d %s", here.file(), here.line(), here.function());
        }
        plainLog.warn("---[ end trace 0000000000000000 ]---");
        if (entry != null) {
            log.warn("Mapped at:");
            SourceLine mapped = findings.lineOf(entry.site());
            if (!mapped.equals(SourceLine.UNKNOWN)) {
                plainLog.warn(" %s (%s:%d)", mapped.function(), mapped.file(), mapped.line());
            }
        }
    }
}
