package dmakit.machine.cpu;

import dmakit.machine.bus.Bus;
import dmakit.machine.bus.Ports;
import dmakit.machine.irq.InterruptController;
import dmakit.machine.memory.CpuView;
import dmakit.machine.memory.DeviceView;
import dmakit.machine.memory.Ram;
import dmakit.machine.random.Rng;
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
    private static final int PIECE_BYTES_MAX = 1 << 30;

    private final Clock clock;
    private final Trace trace;
    private final Bus bus;
    private final Ram ram;
    private final CpuView cached;
    private final DeviceView uncached;
    private final WriteBuffer combined;
    private final InterruptController interrupts;
    private final CostTable cost;
    private final PageTable kernelTable =
            new PageTable(AddressLayout.VMALLOC_BASE, AddressLayout.VMALLOC_SIZE);

    private @Nullable PageTable userTable;
    private @Nullable Runnable interruptEntry;
    private boolean interruptsEnabled = true;
    private final long[] spentPs = new long[Purpose.values().length];
    private Purpose purpose = Purpose.CODE;
    private long busyPs;

    /** What the CPU was busy for before it came to its purpose. */
    private long busyBeforePs;

    private long idlePs;
    private long registerPs;
    private long copiedBytes;

    /**
     * Creates a CPU with interrupts enabled and no handler for them, whose stores to
     * write-combining memory take effect at once.
     */
    public Cpu(
            Clock clock,
            Trace trace,
            Bus bus,
            CpuView cached,
            InterruptController interrupts,
            CostTable cost) {
        this(clock, trace, bus, cached, interrupts, cost, null);
    }

    /**
     * Creates a CPU with interrupts enabled and no handler for them.
     *
     * @param writeBuffer chooses when and in which order stores to write-combining memory take
     *     effect; null for at once
     */
    public Cpu(
            Clock clock,
            Trace trace,
            Bus bus,
            CpuView cached,
            InterruptController interrupts,
            CostTable cost,
            @Nullable Rng writeBuffer) {
        this.clock = clock;
        this.trace = trace;
        this.bus = bus;
        this.ram = bus.ram();
        this.cached = cached;
        this.uncached = new DeviceView(ram, cached, false);
        this.combined = new WriteBuffer(clock, uncached, writeBuffer);
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
     * Waits for the next event and takes the interrupts it brings. Interrupts become enabled: a CPU
     * that slept with them disabled would never wake.
     *
     * @return false when no event will ever come
     */
    public boolean idle() {
        interruptsEnabled = true;
        if (interrupts.isSignalled() && interruptEntry != null) {
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

    /**
     * Goes on with another task: stores that wait take effect, and interrupts become enabled, as
     * behind {@code schedule()}.
     */
    public void switchTask() {
        interruptsEnabled = true;
        combined.drain();
        become(Purpose.SWITCH);
        spend(cost.taskSwitch());
        become(Purpose.CODE);
    }

    /**
     * Sets what runs, with interrupts disabled, when an interrupt is taken. As long as nothing is
     * set the CPU takes no interrupts.
     */
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

    /** Of the busy time, what went to loads and stores of devices' registers, in picoseconds. */
    public long registerPs() {
        return registerPs;
    }

    /** Bytes that {@link #copy} copied since power-on. */
    public long copiedBytes() {
        return copiedBytes;
    }

    /** Of the busy time, what went to one purpose, in picoseconds; all purposes give all of it. */
    public long spentPs(Purpose on) {
        return spentPs[on.ordinal()] + (on == purpose ? busyPs - busyBeforePs : 0);
    }

    /**
     * Says what is done from here on, until {@link #end}. What is done on the way to a purpose
     * belongs to it: inside of another one, plain code and interrupts apart, this changes nothing.
     * Code that sleeps in between goes on as {@link Purpose#CODE}.
     *
     * @return what was done before, for {@link #end}
     */
    public Purpose begin(Purpose next) {
        Purpose before = purpose;
        if (before.yields()) {
            become(next);
        }
        return before;
    }

    /** Goes on with what was done before {@link #begin}. */
    public void end(Purpose before) {
        if (before != purpose) {
            become(before);
        }
    }

    /** Time is booked where the purpose changes, so that spending it costs nothing more. */
    private void become(Purpose next) {
        spentPs[purpose.ordinal()] += busyPs - busyBeforePs;
        busyBeforePs = busyPs;
        purpose = next;
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
        Purpose interrupted = purpose;
        become(Purpose.INTERRUPT);
        try {
            spend(cost.interruptEntry());
            entry.run();
        } finally {
            become(interrupted);
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

    /**
     * Loads a range of RAM into an array.
     *
     * @throws CpuFault at the first byte that cannot be loaded; those before it are loaded
     */
    public void load(long va, byte[] into, int at, int bytes) {
        spendCopy(bytes);
        for (int done = 0; done < bytes; ) {
            long from = va + done;
            long offset = linearOffset(from, 1);
            int piece;
            if (offset >= 0) {
                piece = pieceOfRam(offset, bytes - done);
                cached.load(offset, into, at + done, piece);
            } else {
                piece = pieceOfPage(from, bytes - done);
                long entry = entryOf(from, false);
                offset = ramOffset(entry, from, piece, false);
                switch (PageTable.typeOf(entry)) {
                    case WRITE_BACK -> cached.load(offset, into, at + done, piece);
                    case WRITE_COMBINE -> combined.load(offset, into, at + done, piece);
                    case DEVICE -> uncached.load(offset, into, at + done, piece);
                }
            }
            done += piece;
        }
    }

    /**
     * Stores a range of RAM from an array.
     *
     * @throws CpuFault at the first byte that cannot be stored; those before it are stored
     */
    public void store(long va, byte[] from, int at, int bytes) {
        spendCopy(bytes);
        for (int done = 0; done < bytes; ) {
            long to = va + done;
            long offset = linearOffset(to, 1);
            int piece;
            if (offset >= 0) {
                piece = pieceOfRam(offset, bytes - done);
                cached.store(offset, from, at + done, piece);
            } else {
                piece = pieceOfPage(to, bytes - done);
                long entry = entryOf(to, true);
                offset = ramOffset(entry, to, piece, true);
                switch (PageTable.typeOf(entry)) {
                    case WRITE_BACK -> cached.store(offset, from, at + done, piece);
                    case WRITE_COMBINE -> combined.store(offset, from, at + done, piece);
                    case DEVICE -> uncached.store(offset, from, at + done, piece);
                }
            }
            done += piece;
        }
    }

    /**
     * Stores one byte value over a range of RAM, as {@code memset}.
     *
     * @throws CpuFault at the first byte that cannot be stored; those before it are stored
     */
    public void fill(long va, long bytes, byte value) {
        spendCopy(bytes);
        for (long done = 0; done < bytes; ) {
            long to = va + done;
            long offset = linearOffset(to, 1);
            int piece;
            if (offset >= 0) {
                piece = pieceOfRam(offset, bytes - done);
                cached.fill(offset, piece, value);
            } else {
                piece = pieceOfPage(to, bytes - done);
                long entry = entryOf(to, true);
                offset = ramOffset(entry, to, piece, true);
                switch (PageTable.typeOf(entry)) {
                    case WRITE_BACK -> cached.fill(offset, piece, value);
                    case WRITE_COMBINE -> combined.fill(offset, piece, value);
                    case DEVICE -> uncached.fill(offset, piece, value);
                }
            }
            done += piece;
        }
    }

    /**
     * Copies a range of RAM through the linear map, as {@code memcpy}: bytes that nobody wrote are
     * unwritten in the copy, too.
     *
     * @param fromPhys first byte, a physical address
     * @param toPhys first byte of the copy
     * @throws CpuFault when one of the ranges is not RAM; nothing is copied
     */
    public void copy(long fromPhys, long toPhys, long bytes) {
        spendCopy(bytes);
        long from = ramAt(fromPhys, bytes, false);
        cached.copy(from, ramAt(toPhys, bytes, true), bytes);
        copiedBytes += bytes;
    }

    private long ramAt(long phys, long bytes, boolean write) {
        long offset = ram.offsetOf(phys, bytes);
        if (offset == Ram.NOT_RAM) {
            throw CpuFault.at(
                    "copy of what is not RAM", AddressLayout.LINEAR_BASE + phys, phys, write);
        }
        return offset;
    }

    // Cache maintenance and barriers, by physical address.

    /**
     * Cleans the lines that touch a range of RAM to the point of coherency, and waits for that as
     * {@link #barrier} does.
     *
     * @return lines written back; 0 where the range is not RAM or the machine is coherent
     */
    public long clean(long phys, long bytes) {
        long offset = ram.offsetOf(phys, bytes);
        if (offset == Ram.NOT_RAM || ram.isCoherent()) {
            return 0;
        }
        combined.drain();
        spendOnCache(linesIn(phys, bytes));
        long cleaned = cached.clean(offset, bytes);
        if (trace.isOn()) {
            trace.emit(new TraceEvent.CacheMaintenance(clock.now(), "clean", phys, bytes, cleaned));
        }
        return cleaned;
    }

    /**
     * Invalidates the lines of a range of RAM, and waits for that as {@link #barrier} does. A first
     * or last line that the range covers in part is cleaned before.
     *
     * @return lines dropped; 0 where the range is not RAM or the machine is coherent
     */
    public long invalidate(long phys, long bytes) {
        long offset = ram.offsetOf(phys, bytes);
        if (offset == Ram.NOT_RAM || ram.isCoherent()) {
            return 0;
        }
        combined.drain();
        spendOnCache(linesIn(phys, bytes));
        long dropped = cached.invalidate(offset, bytes);
        if (trace.isOn()) {
            trace.emit(
                    new TraceEvent.CacheMaintenance(
                            clock.now(), "invalidate", phys, bytes, dropped));
        }
        return dropped;
    }

    /**
     * Waits until earlier accesses took effect, as {@code mb()} and {@code dma_mb()}: stores to
     * write-combining memory are in RAM afterwards.
     *
     * <p>A store to {@link MemoryType#DEVICE} memory does not do that by itself. {@code writel()}
     * is a {@link #storeBarrier} and a store, {@code writel_relaxed()} the store alone.
     */
    public void barrier() {
        combined.drain();
        spend(cost.barrier());
    }

    /**
     * Lets stores that wait take effect at once and in no time: other code of this CPU is about to
     * reach RAM past this object.
     */
    public void settle() {
        combined.drain();
    }

    /** Waits until earlier stores took effect, as {@code wmb()} and {@code dma_wmb()}. */
    public void storeBarrier() {
        combined.drain();
        spend(cost.barrier());
    }

    /**
     * Keeps later loads behind earlier ones, as {@code rmb()} and {@code dma_rmb()}. Stores that
     * wait go on waiting.
     */
    public void loadBarrier() {
        spend(cost.barrier());
    }

    private void spendOnCache(long lines) {
        Purpose before = begin(Purpose.CACHE);
        spend(lines * cost.cleanLine());
        end(before);
    }

    private static long linesIn(long phys, long bytes) {
        return bytes == 0 ? 0 : ((phys + bytes - 1) >>> Ram.LG2_LINE) - (phys >>> Ram.LG2_LINE) + 1;
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
        long phys = PageTable.physOf(entry, va);
        long offset = ram.offsetOf(phys, bytes);
        if (offset == Ram.NOT_RAM) {
            throw CpuFault.at("bulk access to what is not RAM", va, phys, write);
        }
        return offset;
    }

    private int pieceOfRam(long offset, long bytes) {
        return (int)
                Math.min(Math.min(bytes, PIECE_BYTES_MAX), ram.contiguousFrom(ram.physOf(offset)));
    }

    private static int pieceOfPage(long va, long bytes) {
        return (int) Math.min(bytes, PAGE_BYTES - (va & (PAGE_BYTES - 1)));
    }

    private long loadMapped(long va, int bytes) {
        long entry = entryOf(va, false);
        MemoryType type = PageTable.typeOf(entry);
        long phys = PageTable.physOf(entry, va);
        if (type == MemoryType.DEVICE) {
            return readRegister(va, phys, bytes);
        }
        if (pieceOfPage(va, bytes) < bytes) {
            return loadAcrossPages(va, bytes);
        }
        long offset = ram.offsetOf(phys, bytes);
        if (offset == Ram.NOT_RAM) {
            throw CpuFault.at("external abort", va, phys, false);
        }
        if (type == MemoryType.WRITE_BACK) {
            return load(cached, offset, bytes);
        }
        spend(cost.uncachedAccess());
        return combined.load(offset, bytes);
    }

    private void storeMapped(long va, int bytes, long value) {
        long entry = entryOf(va, true);
        MemoryType type = PageTable.typeOf(entry);
        long phys = PageTable.physOf(entry, va);
        if (type == MemoryType.DEVICE) {
            writeRegister(va, phys, bytes, value);
            return;
        }
        if (pieceOfPage(va, bytes) < bytes) {
            storeAcrossPages(va, bytes, value);
            return;
        }
        long offset = ram.offsetOf(phys, bytes);
        if (offset == Ram.NOT_RAM) {
            throw CpuFault.at("external abort", va, phys, true);
        }
        if (type == MemoryType.WRITE_BACK) {
            store(cached, offset, bytes, value);
        } else {
            spend(cost.access());
            combined.store(offset, bytes, value);
        }
    }

    private long loadAcrossPages(long va, int bytes) {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (loadMapped(va + i, 1) & 0xff) << (8 * i);
        }
        return value;
    }

    private void storeAcrossPages(long va, int bytes, long value) {
        entryOf(va + bytes - 1, true);
        for (int i = 0; i < bytes; i++) {
            storeMapped(va + i, 1, value >>> (8 * i));
        }
    }

    private long readRegister(long va, long phys, int bytes) {
        checkAligned(va, bytes, false);
        Bus.Range range = bus.rangeAt(phys);
        registerPs += cost.registerRead();
        spend(cost.registerRead());
        if (range == null || !range.contains(phys, bytes)) {
            return uncached.load(ramBehindDevice(va, phys, bytes, false), bytes);
        }
        long offset = phys - range.base();
        long value = range.target().read(offset, bytes) & maskOf(bytes);
        if (trace.isOn() && !range.target().tracesAccess(offset)) {
            traceRegister(range, offset, bytes, value, false);
        }
        return value;
    }

    private void writeRegister(long va, long phys, int bytes, long value) {
        checkAligned(va, bytes, true);
        Bus.Range range = bus.rangeAt(phys);
        if (range == null || !range.contains(phys, bytes)) {
            uncached.store(ramBehindDevice(va, phys, bytes, true), bytes, value);
        } else {
            long offset = phys - range.base();
            long stored = value & maskOf(bytes);
            if (trace.isOn() && !range.target().tracesAccess(offset)) {
                traceRegister(range, offset, bytes, stored, true);
            }
            range.target().write(offset, bytes, stored);
        }
        registerPs += cost.registerWrite();
        spend(cost.registerWrite());
    }

    /**
     * Loads from an I/O port, as {@code in} does: the CPU waits for it.
     *
     * @param port 0 to 65535
     * @param bytes 1, 2 or 4
     * @return zero-extended
     */
    public long in(int port, int bytes) {
        combined.drain();
        registerPs += cost.registerRead();
        spend(cost.registerRead());
        long value = bus.ports().read(port, bytes);
        tracePort(port, bytes, value, false);
        return value;
    }

    /**
     * Stores to an I/O port, as {@code out} does: behind all earlier stores, and waited for.
     *
     * @param port 0 to 65535
     * @param bytes 1, 2 or 4
     */
    public void out(int port, int bytes, long value) {
        combined.drain();
        tracePort(port, bytes, value & maskOf(bytes), true);
        bus.ports().write(port, bytes, value);
        registerPs += cost.registerRead();
        spend(cost.registerRead());
    }

    private void tracePort(int port, int bytes, long value, boolean write) {
        if (trace.isOn()) {
            Ports.Range range = bus.ports().at(port);
            int offset = range == null ? port : port - range.first();
            if (range == null || !range.target().tracesAccess(offset)) {
                trace.emit(
                        new TraceEvent.RegisterAccess(
                                clock.now(),
                                range == null ? "port" : range.name(),
                                range == null
                                        ? "0x" + Integer.toHexString(port)
                                        : range.target().registerName(offset),
                                offset,
                                bytes,
                                value,
                                write));
            }
        }
    }

    private static void checkAligned(long va, int bytes, boolean write) {
        if ((va & (bytes - 1)) != 0) {
            throw new CpuFault("alignment fault", va, write);
        }
    }

    /** RAM may be mapped as a device, as {@code ioremap} of reserved memory does. */
    private long ramBehindDevice(long va, long phys, int bytes, boolean write) {
        long offset = ram.offsetOf(phys, bytes);
        if (offset == Ram.NOT_RAM) {
            throw CpuFault.at("external abort", va, phys, write);
        }
        return offset;
    }

    private void traceRegister(Bus.Range range, long offset, int bytes, long value, boolean write) {
        trace.emit(
                new TraceEvent.RegisterAccess(
                        clock.now(),
                        range.name(),
                        range.target().registerName(offset),
                        offset,
                        bytes,
                        value,
                        write));
    }

    private static long maskOf(int bytes) {
        return -1L >>> (Long.SIZE - Byte.SIZE * bytes);
    }

    private static long load(CpuView view, long offset, int bytes) {
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
}
