package dmakit.machine.cpu;

import dmakit.machine.bus.Bus;
import dmakit.machine.irq.InterruptController;
import dmakit.machine.memory.CpuView;
import dmakit.machine.memory.DeviceView;
import dmakit.machine.memory.Ram;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import dmakit.machine.trace.TraceEvent;
import org.jspecify.annotations.Nullable;

/**
 * The CPU: loads and stores at virtual addresses, cache maintenance, barriers, interrupts, and the
 * time all of it takes.
 *
 * <p>CPU code runs in no simulated time except what it {@linkplain #spend spends}; every access
 * spends its cost. While time passes hardware goes on, and an interrupt that is signalled is taken
 * at once, on the stack of whatever runs. All values are little-endian.
 */
public final class Cpu {
    private static final int PAGE_BYTES = AddressLayout.PAGE_BYTES;

    private final Clock clock;
    private final Trace trace;
    private final Bus bus;
    private final Ram ram;
    private final CpuView cached;
    private final DeviceView uncached;
    private final InterruptController interrupts;
    private final CostTable cost;
    private final PageTable kernelTable =
            new PageTable(AddressLayout.VMALLOC_BASE, AddressLayout.VMALLOC_SIZE);

    private @Nullable PageTable userTable;
    private @Nullable Runnable interruptEntry;
    private boolean interruptsEnabled = true;
    private long busyPs;
    private long idlePs;

    /** Creates a CPU with interrupts enabled and no handler for them. */
    public Cpu(
            Clock clock,
            Trace trace,
            Bus bus,
            CpuView cached,
            InterruptController interrupts,
            CostTable cost) {
        this.clock = clock;
        this.trace = trace;
        this.bus = bus;
        this.ram = bus.ram();
        this.cached = cached;
        this.uncached = new DeviceView(ram, cached, false);
        this.interrupts = interrupts;
        this.cost = cost;
    }

    // Time and interrupts.

    /** Lets the CPU be busy, while hardware goes on and interrupts come in. */
    public void spend(long ps) {
        busyPs += ps;
        clock.advanceBy(ps);
        if (interrupts.isSignalled()) {
            takeInterrupts();
        }
    }

    /**
     * Waits for the next event and takes the interrupts it brings.
     *
     * @return false when no event will ever come
     */
    public boolean idle() {
        if (interrupts.isSignalled()) {
            takeInterrupts();
            return true;
        }
        long next = clock.nextAt();
        if (next == Clock.NEVER) {
            return false;
        }
        idlePs += next - clock.now();
        clock.advanceTo(next);
        if (interrupts.isSignalled()) {
            takeInterrupts();
        }
        return true;
    }

    /** Sets what runs, with interrupts disabled, when an interrupt is taken. */
    public void onInterrupt(Runnable entry) {
        interruptEntry = entry;
    }

    /**
     * Disables interrupts.
     *
     * @return whether they were enabled, for {@link #restoreInterrupts}
     */
    public boolean disableInterrupts() {
        boolean before = interruptsEnabled;
        interruptsEnabled = false;
        return before;
    }

    /** Restores what {@link #disableInterrupts} answered; a waiting interrupt is taken at once. */
    public void restoreInterrupts(boolean enabled) {
        interruptsEnabled = enabled;
        if (enabled && interrupts.isSignalled()) {
            takeInterrupts();
        }
    }

    /** Whether interrupts are enabled. */
    public boolean interruptsEnabled() {
        return interruptsEnabled;
    }

    /** Time the CPU was busy, in picoseconds. */
    public long busyPs() {
        return busyPs;
    }

    /** Time the CPU had nothing to do, in picoseconds. */
    public long idlePs() {
        return idlePs;
    }

    /** What CPU code costs. */
    public CostTable cost() {
        return cost;
    }

    private void takeInterrupts() {
        Runnable entry = interruptEntry;
        if (!interruptsEnabled || entry == null) {
            return;
        }
        interruptsEnabled = false;
        try {
            spend(cost.interruptEntry());
            entry.run();
        } finally {
            interruptsEnabled = true;
        }
    }

    // Address spaces.

    /** The kernel's mappings outside of the linear map. */
    public PageTable kernelTable() {
        return kernelTable;
    }

    /** Chooses the process whose mappings user addresses reach; null for none. */
    public void userTable(@Nullable PageTable table) {
        userTable = table;
    }

    /** The mappings that user addresses reach, or null. */
    public @Nullable PageTable userTable() {
        return userTable;
    }

    /**
     * The physical address a virtual one reaches.
     *
     * @throws CpuFault when nothing is mapped there
     */
    public long physOf(long va) {
        if (AddressLayout.isLinear(va)) {
            return va - AddressLayout.LINEAR_BASE;
        }
        return PageTable.physOf(entryOf(va, false), va);
    }

    // Loads and stores.

    /** Loads one byte. */
    public byte load8(long va) {
        spend(cost.access());
        long offset = linearOffset(va, 1);
        return offset >= 0 ? cached.load8(offset) : (byte) loadMapped(va, 1);
    }

    /** Loads 2 bytes. */
    public short load16(long va) {
        spend(cost.access());
        long offset = linearOffset(va, 2);
        return offset >= 0 ? cached.load16(offset) : (short) loadMapped(va, 2);
    }

    /** Loads 4 bytes. */
    public int load32(long va) {
        spend(cost.access());
        long offset = linearOffset(va, 4);
        return offset >= 0 ? cached.load32(offset) : (int) loadMapped(va, 4);
    }

    /** Loads 8 bytes. */
    public long load64(long va) {
        spend(cost.access());
        long offset = linearOffset(va, 8);
        return offset >= 0 ? cached.load64(offset) : loadMapped(va, 8);
    }

    /** Stores one byte. */
    public void store8(long va, byte value) {
        spend(cost.access());
        long offset = linearOffset(va, 1);
        if (offset >= 0) {
            cached.store8(offset, value);
        } else {
            storeMapped(va, 1, value);
        }
    }

    /** Stores 2 bytes. */
    public void store16(long va, short value) {
        spend(cost.access());
        long offset = linearOffset(va, 2);
        if (offset >= 0) {
            cached.store16(offset, value);
        } else {
            storeMapped(va, 2, value);
        }
    }

    /** Stores 4 bytes. */
    public void store32(long va, int value) {
        spend(cost.access());
        long offset = linearOffset(va, 4);
        if (offset >= 0) {
            cached.store32(offset, value);
        } else {
            storeMapped(va, 4, value);
        }
    }

    /** Stores 8 bytes. */
    public void store64(long va, long value) {
        spend(cost.access());
        long offset = linearOffset(va, 8);
        if (offset >= 0) {
            cached.store64(offset, value);
        } else {
            storeMapped(va, 8, value);
        }
    }

    /** Loads a range into an array. */
    public void load(long va, byte[] into, int at, int bytes) {
        spendCopy(bytes);
        int done = 0;
        while (done < bytes) {
            long offset = linearOffset(va + done, bytes - done);
            if (offset >= 0) {
                cached.load(offset, into, at + done, bytes - done);
                return;
            }
            int piece = pieceOfPage(va + done, bytes - done);
            long entry = entryOf(va + done, false);
            long position = ramOffset(entry, va + done, piece, false);
            if (PageTable.typeOf(entry) == MemoryType.WRITE_BACK) {
                cached.load(position, into, at + done, piece);
            } else {
                uncached.load(position, into, at + done, piece);
            }
            done += piece;
        }
    }

    /** Stores a range from an array. */
    public void store(long va, byte[] from, int at, int bytes) {
        spendCopy(bytes);
        int done = 0;
        while (done < bytes) {
            long offset = linearOffset(va + done, bytes - done);
            if (offset >= 0) {
                cached.store(offset, from, at + done, bytes - done);
                return;
            }
            int piece = pieceOfPage(va + done, bytes - done);
            long entry = entryOf(va + done, true);
            long position = ramOffset(entry, va + done, piece, true);
            if (PageTable.typeOf(entry) == MemoryType.WRITE_BACK) {
                cached.store(position, from, at + done, piece);
            } else {
                uncached.store(position, from, at + done, piece);
            }
            done += piece;
        }
    }

    /** Stores one byte value over a range, as {@code memset}. */
    public void fill(long va, long bytes, byte value) {
        spendCopy(bytes);
        long done = 0;
        while (done < bytes) {
            long offset = linearOffset(va + done, bytes - done);
            if (offset >= 0) {
                cached.fill(offset, bytes - done, value);
                return;
            }
            int piece = pieceOfPage(va + done, bytes - done);
            long entry = entryOf(va + done, true);
            long position = ramOffset(entry, va + done, piece, true);
            if (PageTable.typeOf(entry) == MemoryType.WRITE_BACK) {
                cached.fill(position, piece, value);
            } else {
                uncached.fill(position, piece, value);
            }
            done += piece;
        }
    }

    // Cache maintenance and barriers, by physical address.

    /**
     * Cleans the lines that touch a range of RAM to the point of coherency.
     *
     * @return lines written back
     */
    public long clean(long phys, long bytes) {
        long offset = ram.offsetOf(phys, bytes);
        if (offset == Ram.NOT_RAM || ram.isCoherent()) {
            return 0;
        }
        spend(linesIn(phys, bytes) * cost.cleanLine());
        long cleaned = cached.clean(offset, bytes);
        if (trace.isOn()) {
            trace.emit(new TraceEvent.CacheMaintenance(clock.now(), "clean", phys, bytes, cleaned));
        }
        return cleaned;
    }

    /**
     * Invalidates the lines of a range of RAM; partial edge lines are cleaned before.
     *
     * @return lines dropped
     */
    public long invalidate(long phys, long bytes) {
        long offset = ram.offsetOf(phys, bytes);
        if (offset == Ram.NOT_RAM || ram.isCoherent()) {
            return 0;
        }
        spend(linesIn(phys, bytes) * cost.cleanLine());
        long dropped = cached.invalidate(offset, bytes);
        if (trace.isOn()) {
            trace.emit(
                    new TraceEvent.CacheMaintenance(
                            clock.now(), "invalidate", phys, bytes, dropped));
        }
        return dropped;
    }

    /**
     * Waits until earlier accesses took effect, as {@code mb()}, {@code wmb()} and {@code rmb()}.
     */
    public void barrier() {
        spend(cost.barrier());
    }

    private static long linesIn(long phys, long bytes) {
        return bytes == 0 ? 0 : ((phys + bytes - 1) >> Ram.LG2_LINE) - (phys >> Ram.LG2_LINE) + 1;
    }

    private void spendCopy(long bytes) {
        spend(cost.access() + (bytes >> Ram.LG2_LINE) * cost.copyLine());
    }

    /** The position in RAM of a linear address, or negative. */
    private long linearOffset(long va, long bytes) {
        long phys = va - AddressLayout.LINEAR_BASE;
        return Long.compareUnsigned(phys, AddressLayout.LINEAR_SIZE) < 0
                ? ram.offsetOf(phys, bytes)
                : Ram.NOT_RAM;
    }

    private long entryOf(long va, boolean write) {
        PageTable user = userTable;
        PageTable table = AddressLayout.isUser(va) && user != null ? user : kernelTable;
        long entry = table.entryOf(va);
        if (entry == PageTable.UNMAPPED) {
            throw new CpuFault("page fault", va, write);
        }
        return entry;
    }

    private long ramOffset(long entry, long va, int bytes, boolean write) {
        long offset = ram.offsetOf(PageTable.physOf(entry, va), bytes);
        if (offset == Ram.NOT_RAM) {
            throw new CpuFault("bulk access to device memory", va, write);
        }
        return offset;
    }

    private static int pieceOfPage(long va, long bytes) {
        return (int) Math.min(bytes, PAGE_BYTES - (va & (PAGE_BYTES - 1)));
    }

    private long loadMapped(long va, int bytes) {
        long entry = entryOf(va, false);
        if (pieceOfPage(va, bytes) < bytes) {
            return loadAcrossPages(va, bytes);
        }
        long phys = PageTable.physOf(entry, va);
        long offset = ram.offsetOf(phys, bytes);
        return switch (PageTable.typeOf(entry)) {
            case WRITE_BACK -> load(cached, inRam(offset, va, false), bytes);
            case WRITE_COMBINE -> {
                spend(cost.uncachedAccess());
                yield load(uncached, inRam(offset, va, false), bytes);
            }
            case DEVICE -> readRegister(va, phys, bytes);
        };
    }

    private void storeMapped(long va, int bytes, long value) {
        long entry = entryOf(va, true);
        if (pieceOfPage(va, bytes) < bytes) {
            for (int i = 0; i < bytes; i++) {
                storeMapped(va + i, 1, value >>> (8 * i));
            }
            return;
        }
        long phys = PageTable.physOf(entry, va);
        long offset = ram.offsetOf(phys, bytes);
        switch (PageTable.typeOf(entry)) {
            case WRITE_BACK -> store(cached, inRam(offset, va, true), bytes, value);
            case WRITE_COMBINE -> {
                spend(cost.access());
                store(uncached, inRam(offset, va, true), bytes, value);
            }
            case DEVICE -> writeRegister(va, phys, bytes, value);
        }
    }

    private long loadAcrossPages(long va, int bytes) {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (loadMapped(va + i, 1) & 0xff) << (8 * i);
        }
        return value;
    }

    private static long inRam(long offset, long va, boolean write) {
        if (offset == Ram.NOT_RAM) {
            throw new CpuFault("external abort", va, write);
        }
        return offset;
    }

    private long readRegister(long va, long phys, int bytes) {
        Bus.Range range = bus.rangeAt(phys);
        if (range == null) {
            throw new CpuFault("external abort", va, false);
        }
        spend(cost.registerRead());
        return range.target().read(phys - range.base(), bytes);
    }

    private void writeRegister(long va, long phys, int bytes, long value) {
        Bus.Range range = bus.rangeAt(phys);
        if (range == null) {
            throw new CpuFault("external abort", va, true);
        }
        range.target().write(phys - range.base(), bytes, value);
        spend(cost.registerWrite());
    }

    private static long load(CpuView view, long offset, int bytes) {
        return switch (bytes) {
            case 1 -> view.load8(offset);
            case 2 -> view.load16(offset);
            case 4 -> view.load32(offset);
            default -> view.load64(offset);
        };
    }

    private static long load(DeviceView view, long offset, int bytes) {
        return switch (bytes) {
            case 1 -> view.load8(offset);
            case 2 -> view.load16(offset);
            case 4 -> view.load32(offset);
            default -> view.load64(offset);
        };
    }

    private static void store(CpuView view, long offset, int bytes, long value) {
        switch (bytes) {
            case 1 -> view.store8(offset, (byte) value);
            case 2 -> view.store16(offset, (short) value);
            case 4 -> view.store32(offset, (int) value);
            default -> view.store64(offset, value);
        }
    }

    private static void store(DeviceView view, long offset, int bytes, long value) {
        switch (bytes) {
            case 1 -> view.store8(offset, (byte) value);
            case 2 -> view.store16(offset, (short) value);
            case 4 -> view.store32(offset, (int) value);
            default -> view.store64(offset, value);
        }
    }
}
