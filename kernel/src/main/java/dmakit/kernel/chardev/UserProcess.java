package dmakit.kernel.chardev;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.chardev.FileOperations.Whence;
import dmakit.kernel.mm.Vma;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sched.KernelTask;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sched.TaskState;
import dmakit.machine.Check;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.PageTable;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A process: its memory, its open files, and the system calls it makes. Its methods are called by
 * its own task, which is where they may sleep.
 *
 * <p>A refused call throws a {@link KernelException} with the {@code errno} a C program would see.
 */
public final class UserProcess {
    /** Descriptors one process may have open, {@code RLIMIT_NOFILE}. */
    public static final int DESCRIPTOR_COUNT_MAX = 1024;

    /** Areas one process may have mapped, {@code vm.max_map_count}. */
    public static final int AREA_COUNT_MAX = 65_530;

    private static final int SYSTEM_CALL_PS = 200_000;
    private static final long PAGE_BYTES = AddressLayout.PAGE_BYTES;

    private record Area(long start, long end, @Nullable File file, @Nullable Vma vma) {}

    private final String name;
    private final Processes processes;
    private final Sched sched;
    private final Cpu cpu;
    private final Namespace namespace;
    private final UserMemory memory;
    private final @Nullable SimulatedMemory simulated;
    private final Map<Integer, File> files = new TreeMap<>();
    private final NavigableMap<Long, Area> areas = new TreeMap<>();
    private final List<KernelTask> threads = new ArrayList<>();
    private SignalHandling signals =
            signal ->
                    signal == KernelTask.SIGKILL
                            ? SignalHandling.Action.DIE
                            : SignalHandling.Action.INTERRUPT;

    /** Where the pages of a process come from and go to. */
    public interface AnonymousMemory {
        /**
         * Zeroed pages, physically contiguous.
         *
         * @return physical address
         * @throws KernelException {@code ENOMEM}
         */
        long allocate(long bytes);

        /** Gives them back. */
        void free(long phys, long bytes);
    }

    /** A process of the simulation. */
    UserProcess(
            String name,
            Processes processes,
            Sched sched,
            Namespace namespace,
            AnonymousMemory pages) {
        this.name = name;
        this.processes = processes;
        this.sched = sched;
        cpu = sched.machine().cpu();
        this.namespace = namespace;
        simulated = new SimulatedMemory(cpu, pages, this::fault);
        memory = simulated;
    }

    /** A process whose memory is elsewhere. */
    UserProcess(
            String name, Processes processes, Sched sched, Namespace namespace, UserMemory memory) {
        this.name = name;
        this.processes = processes;
        this.sched = sched;
        cpu = sched.machine().cpu();
        this.namespace = namespace;
        simulated = null;
        this.memory = memory;
    }

    /** The name of the program. */
    public String name() {
        return name;
    }

    /** Its memory, as the kernel reaches it. */
    public UserMemory memory() {
        return memory;
    }

    // Threads and signals.

    /** Its threads that have not ended, the oldest first. */
    public List<KernelTask> threads() {
        return List.copyOf(threads);
    }

    void threadStarted(KernelTask thread) {
        threads.add(thread);
    }

    /** Whether that was the last one. */
    boolean threadEnded(KernelTask thread) {
        threads.remove(thread);
        return threads.isEmpty();
    }

    /** Says what happens about signals from now on. */
    @Linux(file = "kernel/signal.c", symbol = "sigaction")
    public void onSignal(SignalHandling handling) {
        signals = handling;
    }

    /**
     * Sends a signal to the process: to a thread that sleeps and can be woken by it, else to the
     * oldest. A process whose threads have ended gets none.
     *
     * @param signal 1 to {@link KernelTask#SIGNAL_MAX}
     */
    @Linux(file = "kernel/signal.c", symbol = "kill_pid_info")
    public void signal(int signal) {
        for (KernelTask thread : threads) {
            if (thread.state() == TaskState.INTERRUPTIBLE) {
                sched.sendSignal(thread, signal);
                return;
            }
        }
        if (!threads.isEmpty()) {
            sched.sendSignal(threads.getFirst(), signal);
        }
    }

    // Files.

    /**
     * Opens a file.
     *
     * @param path absolute, normalised
     * @param flags bits of {@link OpenFlags}
     * @return the lowest free descriptor
     * @throws KernelException {@code EMFILE}, or as {@link #openFile}
     */
    @Linux(file = "fs/open.c", symbol = "openat")
    public int open(String path, int flags) {
        int descriptor = freeDescriptor();
        files.put(descriptor, openFile(path, flags));
        return descriptor;
    }

    /**
     * Opens a file without a descriptor.
     *
     * @return the file, with one reference, which the caller {@linkplain File#put gives back}
     * @throws KernelException {@code ENOENT}, {@code ENXIO}, or what the driver says
     */
    public File openFile(String path, int flags) {
        enter();
        return call(() -> namespace.open(path, flags));
    }

    /**
     * Gives an open file a descriptor, which takes over the caller's reference.
     *
     * @return the lowest free one
     * @throws KernelException {@code EMFILE}; the reference stays with the caller then
     */
    @Linux(file = "fs/file.c", symbol = "fd_install")
    public int install(File file) {
        int descriptor = freeDescriptor();
        files.put(descriptor, file);
        return descriptor;
    }

    private int freeDescriptor() {
        int descriptor = 0;
        while (files.containsKey(descriptor)) {
            descriptor++;
        }
        if (descriptor >= DESCRIPTOR_COUNT_MAX) {
            throw new KernelException(
                    Errno.EMFILE, "%s has %d files open", name, DESCRIPTOR_COUNT_MAX);
        }
        return descriptor;
    }

    /**
     * The file of a descriptor.
     *
     * @throws KernelException {@code EBADF}
     */
    @Linux(file = "fs/file.c", symbol = "fget")
    public File file(int descriptor) {
        File file = files.get(descriptor);
        if (file == null) {
            throw new KernelException(Errno.EBADF, "descriptor %d is not open", descriptor);
        }
        return file;
    }

    /**
     * Makes another descriptor of the same file.
     *
     * @throws KernelException {@code EBADF}, {@code EMFILE}
     */
    @Linux(file = "fs/file.c", symbol = "dup")
    public int dup(int descriptor) {
        enter();
        File file = file(descriptor);
        int copy = install(file);
        file.get();
        return copy;
    }

    /**
     * Closes a descriptor.
     *
     * @throws KernelException {@code EBADF}
     */
    @Linux(file = "fs/open.c", symbol = "close")
    public void close(int descriptor) {
        enter();
        File file = file(descriptor);
        files.remove(descriptor);
        close(file);
    }

    /**
     * Closes a file that has no descriptor: the driver may flush, and the reference is given back.
     */
    @Linux(file = "fs/open.c", symbol = "filp_close")
    public void close(File file) {
        try {
            file.operations().flush(file);
        } finally {
            if (OpenFlags.isAsync(file.flags()) && file.references() == 1) {
                file.operations().async(file, false);
            }
            file.put();
        }
    }

    /**
     * Reads into memory of the process.
     *
     * @return bytes read
     */
    public long read(int descriptor, long userVa, long bytes) {
        return read(file(descriptor), userVa, bytes);
    }

    /** As {@link #read(int, long, long)}, of a file without a descriptor. */
    @Linux(file = "fs/read_write.c", symbol = "read")
    public long read(File file, long userVa, long bytes) {
        enter();
        if (!OpenFlags.reads(file.flags())) {
            throw new KernelException(Errno.EBADF, "%s is not open for reading", file.name());
        }
        requireUserRange(userVa, bytes);
        return callOn(file, () -> file.operations().read(file, userVa, bytes));
    }

    /**
     * Writes from memory of the process.
     *
     * @return bytes written
     */
    public long write(int descriptor, long userVa, long bytes) {
        return write(file(descriptor), userVa, bytes);
    }

    /** As {@link #write(int, long, long)}, to a file without a descriptor. */
    @Linux(file = "fs/read_write.c", symbol = "write")
    public long write(File file, long userVa, long bytes) {
        enter();
        if (!OpenFlags.writes(file.flags())) {
            throw new KernelException(Errno.EBADF, "%s is not open for writing", file.name());
        }
        requireUserRange(userVa, bytes);
        return callOn(file, () -> file.operations().write(file, userVa, bytes));
    }

    /** Writes a text, by way of memory of the process. */
    public long write(int descriptor, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        long buffer = allocate(Math.max(bytes.length, 1));
        try {
            store(buffer, bytes);
            return write(descriptor, buffer, bytes.length);
        } finally {
            munmap(buffer, Math.max(bytes.length, 1));
        }
    }

    /** Reads all there is, by way of memory of the process, as {@code cat} does. */
    public byte[] readAll(int descriptor) {
        long buffer = allocate(PAGE_BYTES);
        try {
            var all = new ByteArrayOutputStream();
            long got = read(descriptor, buffer, PAGE_BYTES);
            while (got > 0) {
                all.writeBytes(load(buffer, (int) got));
                got = read(descriptor, buffer, PAGE_BYTES);
            }
            return all.toByteArray();
        } finally {
            munmap(buffer, PAGE_BYTES);
        }
    }

    /**
     * Reads from a position, which the file's own does not follow.
     *
     * @throws KernelException {@code EINVAL} when it is negative
     */
    @Linux(file = "fs/read_write.c", symbol = "pread64")
    public long pread(File file, long userVa, long bytes, long offset) {
        return at(file, offset, () -> read(file, userVa, bytes));
    }

    /**
     * Writes to a position, which the file's own does not follow.
     *
     * @throws KernelException {@code EINVAL} when it is negative
     */
    @Linux(file = "fs/read_write.c", symbol = "pwrite64")
    public long pwrite(File file, long userVa, long bytes, long offset) {
        return at(file, offset, () -> write(file, userVa, bytes));
    }

    private static long at(File file, long offset, LongSupplier transfer) {
        if (offset < 0) {
            throw new KernelException(Errno.EINVAL, "position %d", offset);
        }
        long own = file.position();
        file.position(offset);
        try {
            return transfer.getAsLong();
        } finally {
            file.position(own);
        }
    }

    /** Sends a command. */
    public long ioctl(int descriptor, int command, long argument) {
        return ioctl(file(descriptor), command, argument);
    }

    /** As {@link #ioctl(int, int, long)}, to a file without a descriptor. */
    @Linux(file = "fs/ioctl.c", symbol = "ioctl")
    public long ioctl(File file, int command, long argument) {
        enter();
        try {
            return callOn(file, () -> file.operations().ioctl(file, command, argument));
        } catch (KernelException e) {
            if (e.errno() == Errno.ENOIOCTLCMD) {
                throw new KernelException(
                        Errno.ENOTTY, "%s knows no command 0x%x", file.name(), command);
            }
            throw e;
        }
    }

    /** Brings what was written to where it lasts. */
    @Linux(file = "fs/sync.c", symbol = "fsync")
    public void fsync(File file) {
        enter();
        callOn(
                file,
                () -> {
                    file.operations().fsync(file);
                    return 0L;
                });
    }

    /**
     * Sets the flags of an open file that may change ({@code F_SETFL}).
     *
     * @param flags bits of {@link OpenFlags}
     */
    @Linux(file = "fs/fcntl.c", symbol = "do_fcntl")
    public void setFlags(File file, int flags) {
        enter();
        boolean async = OpenFlags.isAsync(flags);
        if (async != OpenFlags.isAsync(file.flags())) {
            file.operations().async(file, async);
        }
        file.changeFlags(flags);
    }

    /**
     * What a process wants to know of one descriptor.
     *
     * @param descriptor to look at
     * @param events bits of {@link Poll}; errors are told unasked
     */
    public record PollRequest(int descriptor, int events) {}

    /**
     * Waits until a descriptor is ready.
     *
     * @param timeoutMs 0 to look only, negative to wait without limit
     * @return for each request the bits that hold; all 0 after the timeout
     * @throws KernelException {@code EINTR} when a signal came first, {@code EINVAL} for more
     *     requests than {@link #DESCRIPTOR_COUNT_MAX}
     */
    @Linux(file = "fs/select.c", symbol = "poll")
    public int[] poll(List<PollRequest> requests, int timeoutMs) {
        enter();
        if (requests.size() > DESCRIPTOR_COUNT_MAX) {
            throw new KernelException(Errno.EINVAL, "poll of %d files", requests.size());
        }
        PollTable table = new PollTable(sched);
        try {
            long left = timeoutMs < 0 ? Jiffies.MAX_TIMEOUT : Jiffies.ofMillis(timeoutMs);
            while (true) {
                int[] ready = ready(requests, table);
                if (left == 0 || Arrays.stream(ready).anyMatch(bits -> bits != 0)) {
                    return ready;
                }
                sched.setCurrentState(TaskState.INTERRUPTIBLE);
                if (sched.isInterrupted(TaskState.INTERRUPTIBLE)) {
                    sched.setCurrentState(TaskState.RUNNING);
                    throw new KernelException(Errno.EINTR, "a signal interrupted poll");
                }
                if (table.takeNews()) {
                    sched.setCurrentState(TaskState.RUNNING);
                } else {
                    left = sched.scheduleTimeout(left);
                }
            }
        } finally {
            table.close();
        }
    }

    private int[] ready(List<PollRequest> requests, PollTable table) {
        int[] ready = new int[requests.size()];
        for (int i = 0; i < ready.length; i++) {
            PollRequest request = requests.get(i);
            File file = files.get(request.descriptor());
            ready[i] = file == null ? Poll.NVAL : ready(file, request.events(), table);
        }
        return ready;
    }

    private static int ready(File file, int events, PollTable table) {
        return file.operations().poll(file, table) & (events | Poll.ERR | Poll.HUP);
    }

    /**
     * Looks what a file is ready for now.
     *
     * @param events bits of {@link Poll}; errors are told unasked
     * @param news is run, in any context, when that may have changed; only until the watch is
     *     closed
     */
    public PollWatch watch(File file, int events, Runnable news) {
        PollTable table = new PollTable(news);
        int bits = ready(file, events, table);
        return new PollWatch(bits, table);
    }

    /**
     * What a file was ready for, and who hears of news of it.
     *
     * @param ready bits of {@link Poll}
     * @param table where it listens
     */
    public record PollWatch(int ready, PollTable table) implements AutoCloseable {
        /** Listens no more. */
        @Override
        public void close() {
            table.close();
        }
    }

    /** Moves the position of a file. */
    public long lseek(int descriptor, long offset, Whence whence) {
        return lseek(file(descriptor), offset, whence);
    }

    /** As {@link #lseek(int, long, Whence)}, of a file without a descriptor. */
    @Linux(file = "fs/read_write.c", symbol = "lseek")
    public long lseek(File file, long offset, Whence whence) {
        enter();
        return callOn(file, () -> file.operations().seek(file, offset, whence));
    }

    // Memory.

    /**
     * Maps a file, shared, for reading and writing.
     *
     * @param bytes at least 1, rounded up to pages
     * @param offset into the file in bytes, page aligned
     * @return where it appears in the process
     * @throws KernelException {@code EINVAL}, {@code EBADF}, {@code ENOMEM}, or what the driver
     *     says
     */
    public long mmap(long bytes, int descriptor, long offset) {
        File file = file(descriptor);
        long start = findRoom(bytes);
        long flags = Vma.READ | Vma.WRITE | Vma.SHARED | Vma.MAY_ALL;
        mmap(file, start, bytes, offset, flags);
        return start;
    }

    /**
     * Maps a file where the process has room for it.
     *
     * @param start page aligned; what lies there must be unmapped
     * @param bytes at least 1, rounded up to pages
     * @param offset into the file in bytes, page aligned
     * @param flags {@link Vma#READ} and the like
     * @return the area, whose pages the driver may have mapped already
     * @throws KernelException {@code EINVAL}, {@code EACCES}, or what the driver says
     */
    @Linux(file = "mm/mmap.c", symbol = "mmap")
    public Vma mmap(File file, long start, long bytes, long offset, long flags) {
        enter();
        if (bytes <= 0 || start % PAGE_BYTES != 0) {
            throw new KernelException(Errno.EINVAL, "%d bytes at 0x%x", bytes, start);
        }
        if (offset < 0 || offset % PAGE_BYTES != 0) {
            throw new KernelException(Errno.EINVAL, "offset 0x%x is not page aligned", offset);
        }
        requireMayMap(file, flags);
        long end = start + pages(bytes);
        PageTable table = memory.tableFor(start, end - start);
        Vma vma = new Vma(table, start, end, offset / PAGE_BYTES, flags);
        try {
            callOn(
                    file,
                    () -> {
                        file.operations().mmap(file, vma);
                        return 0L;
                    });
        } catch (RuntimeException e) {
            table.unmap(start, end - start);
            throw e;
        }
        areas.put(start, new Area(start, end, file.get(), vma));
        return vma;
    }

    private static void requireMayMap(File file, long flags) {
        boolean sharedWrite = (flags & Vma.WRITE) != 0 && (flags & Vma.SHARED) != 0;
        if (!OpenFlags.reads(file.flags()) || (sharedWrite && !OpenFlags.writes(file.flags()))) {
            throw new KernelException(
                    Errno.EACCES, "%s is not open for what a mapping would do", file.name());
        }
    }

    /**
     * Gives the process fresh memory, zeroed, as an anonymous {@code mmap} does.
     *
     * @param bytes at least 1, rounded up to pages
     */
    public long allocate(long bytes) {
        enter();
        SimulatedMemory own = simulated();
        long start = findRoom(bytes);
        long size = pages(bytes);
        own.allocate(start, size);
        areas.put(start, new Area(start, start + size, null, null));
        return start;
    }

    /**
     * Unmaps all areas in a range.
     *
     * @throws KernelException {@code EINVAL} when there is none, or one reaches out of the range
     */
    @Linux(file = "mm/mmap.c", symbol = "munmap")
    public void munmap(long start, long bytes) {
        enter();
        long end = start + pages(bytes);
        Area before = areaAt(start);
        List<Area> inside = bytes <= 0 ? List.of() : List.copyOf(areas.subMap(start, end).values());
        if (inside.isEmpty()
                || inside.getLast().end() > end
                || (before != null && before.start() < start)) {
            throw new KernelException(
                    Errno.EINVAL, "no area of 0x%x bytes at user:0x%x", bytes, start);
        }
        inside.forEach(this::unmap);
    }

    /** The area of a driver's mapping at an address, or null. */
    public @Nullable Vma vmaAt(long va) {
        Area area = areaAt(va);
        return area == null ? null : area.vma();
    }

    void addAreasOf(File file, List<Vma> into) {
        for (Area area : areas.values()) {
            Vma vma = area.vma();
            if (vma != null && file.equals(area.file())) {
                into.add(vma);
            }
        }
    }

    private @Nullable Area areaAt(long va) {
        Map.Entry<Long, Area> below = areas.floorEntry(va);
        return below != null && va < below.getValue().end() ? below.getValue() : null;
    }

    /**
     * Lets the driver of the mapping at an address bring the page that is missing there.
     *
     * @param write whether it was a store
     * @return whether a page is there now; if not the process gets {@code SIGSEGV} or {@code
     *     SIGBUS}
     */
    @Linux(file = "arch/arm64/mm/fault.c", symbol = "do_page_fault")
    public boolean fault(long va, boolean write) {
        Vma vma = vmaAt(va);
        return vma != null && vma.fault(va, write);
    }

    /**
     * Loads from memory of the process.
     *
     * @throws KernelException {@code EFAULT} where it has none
     */
    public byte[] load(long userVa, int bytes) {
        byte[] into = new byte[bytes];
        if (memory.load(userVa, into, 0, bytes) < bytes) {
            throw new KernelException(
                    Errno.EFAULT, "%s has no %d bytes at user:0x%x", name, bytes, userVa);
        }
        return into;
    }

    /**
     * Stores to memory of the process.
     *
     * @throws KernelException {@code EFAULT} where it has none
     */
    public void store(long userVa, byte[] bytes) {
        if (memory.store(userVa, bytes, 0, bytes.length) < bytes.length) {
            throw new KernelException(
                    Errno.EFAULT, "%s has no %d bytes at user:0x%x", name, bytes.length, userVa);
        }
    }

    /** Text from memory of the process, up to a zero byte or {@code bytesMax}. */
    public String loadText(long userVa, int bytesMax) {
        byte[] bytes = load(userVa, bytesMax);
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    /** Takes over the files and mappings of another process. */
    void forkOf(UserProcess parent) {
        parent.files.forEach((descriptor, file) -> files.put(descriptor, file.get()));
        for (Area area : parent.areas.values()) {
            Vma vma = area.vma();
            if (vma != null && area.file() != null) {
                PageTable table = memory.tableFor(vma.start(), vma.size());
                areas.put(
                        area.start(),
                        new Area(area.start(), area.end(), area.file().get(), vma.copyTo(table)));
            }
        }
        signals = parent.signals;
    }

    /** Ends the process: every file is closed and all memory given back. */
    void exit() {
        for (Area area : List.copyOf(areas.values())) {
            unmap(area);
        }
        for (int descriptor : List.copyOf(files.keySet())) {
            close(descriptor);
        }
    }

    private void unmap(Area area) {
        areas.remove(area.start());
        Vma vma = area.vma();
        File file = area.file();
        if (vma == null || file == null) {
            simulated().free(area.start(), area.end() - area.start());
            return;
        }
        vma.table().unmap(area.start(), area.end() - area.start());
        try {
            vma.closed();
        } finally {
            file.put();
        }
    }

    private SimulatedMemory simulated() {
        if (simulated == null) {
            throw new IllegalStateException("the memory of %s is not simulated".formatted(name));
        }
        return simulated;
    }

    /** The lowest run of unused pages. */
    private long findRoom(long bytes) {
        if (bytes <= 0) {
            throw new KernelException(Errno.EINVAL, "cannot map %d bytes", bytes);
        }
        if (areas.size() >= AREA_COUNT_MAX) {
            throw new KernelException(Errno.ENOMEM, "%s has %d areas", name, AREA_COUNT_MAX);
        }
        long start = AddressLayout.USER_BASE;
        for (Area area : areas.values()) {
            if (area.start() - start >= bytes) {
                break;
            }
            start = area.end();
        }
        if (bytes > AddressLayout.USER_BASE + AddressLayout.USER_SIZE - start) {
            throw new KernelException(Errno.ENOMEM, "no room for %d bytes", bytes);
        }
        return start;
    }

    private void requireUserRange(long userVa, long bytes) {
        if (bytes < 0) {
            throw new KernelException(Errno.EINVAL, "a length of %d", bytes);
        }
        if (!memory.isUser(userVa, bytes)) {
            throw new KernelException(Errno.EFAULT, "bad user address 0x%x", userVa);
        }
    }

    private static long pages(long bytes) {
        return (bytes + PAGE_BYTES - 1) & -PAGE_BYTES;
    }

    /** A file stays open while it is used, even if another thread closes its descriptor. */
    private <T> T callOn(File file, Supplier<T> operation) {
        file.get();
        try {
            return call(operation);
        } finally {
            file.put();
        }
    }

    /** Runs a system call to its end, again where a signal says so. */
    @Linux(file = "arch/arm64/kernel/signal.c", symbol = "do_signal")
    private <T> T call(Supplier<T> operation) {
        while (true) {
            try {
                T answer = operation.get();
                dieIfKilled();
                return answer;
            } catch (KernelException e) {
                dieIfKilled();
                if (!startsOver(e.errno())) {
                    throw e;
                }
            }
        }
    }

    /** Whether a call that ended so starts over; an answer without a signal is the driver's own. */
    private boolean startsOver(Errno errno) {
        boolean handled = errno == Errno.ERESTARTSYS || errno == Errno.ERESTARTNOHAND;
        if ((!handled && errno != Errno.ERESTARTNOINTR) || !sched.current().hasSignal()) {
            return false;
        }
        boolean interrupted = false;
        for (int signal = sched.current().takeSignal();
                signal != 0;
                signal = sched.current().takeSignal()) {
            interrupted |=
                    switch (signals.take(signal)) {
                        case IGNORE -> false;
                        case RESTART -> errno == Errno.ERESTARTNOHAND;
                        case INTERRUPT -> handled;
                        case DIE -> throw new ProcessKilled(name, signal);
                    };
        }
        if (interrupted) {
            throw new KernelException(Errno.EINTR, "a signal interrupted the system call");
        }
        return true;
    }

    private void dieIfKilled() {
        if (sched.current().hasFatalSignal()
                && signals.take(KernelTask.SIGKILL) == SignalHandling.Action.DIE) {
            throw new ProcessKilled(name, KernelTask.SIGKILL);
        }
    }

    private void enter() {
        Check.invariant(processes.current() == this, "a system call by somebody else's task");
        cpu.spend(SYSTEM_CALL_PS);
    }
}
