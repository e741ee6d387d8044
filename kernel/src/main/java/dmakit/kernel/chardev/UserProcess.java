package dmakit.kernel.chardev;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.chardev.FileOperations.Whence;
import dmakit.kernel.mm.Vma;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sched.TaskState;
import dmakit.machine.Check;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.MemoryType;
import dmakit.machine.cpu.PageTable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
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

    private record Area(long start, long end, @Nullable File file, long anonymousPhys) {}

    private final String name;
    private final Processes processes;
    private final Sched sched;
    private final Cpu cpu;
    private final CharDevices devices;
    private final AnonymousMemory memory;
    private final PageTable table = new PageTable(AddressLayout.USER_BASE, AddressLayout.USER_SIZE);
    private final Map<Integer, File> files = new TreeMap<>();
    private final NavigableMap<Long, Area> areas = new TreeMap<>();
    private final Map<File, Integer> references = new LinkedHashMap<>();

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

    UserProcess(
            String name,
            Processes processes,
            Sched sched,
            CharDevices devices,
            AnonymousMemory memory) {
        this.name = name;
        this.processes = processes;
        this.sched = sched;
        this.cpu = sched.machine().cpu();
        this.devices = devices;
        this.memory = memory;
    }

    /** The name of the program. */
    public String name() {
        return name;
    }

    /** What the process has mapped. */
    PageTable table() {
        return table;
    }

    /**
     * Opens a device file.
     *
     * @param flags bits of {@link OpenFlags}
     * @return the lowest free descriptor
     * @throws KernelException {@code ENOENT}, {@code ENXIO}, {@code EMFILE}, or what the driver
     *     says
     */
    @Linux(file = "fs/open.c", symbol = "openat")
    public int open(String path, int flags) {
        enter();
        int descriptor = 0;
        while (files.containsKey(descriptor)) {
            descriptor++;
        }
        if (descriptor >= DESCRIPTOR_COUNT_MAX) {
            throw new KernelException(
                    Errno.EMFILE, "%s has %d files open", name, DESCRIPTOR_COUNT_MAX);
        }
        File file = asSeenByUser(() -> devices.open(path, flags));
        files.put(descriptor, file);
        references.put(file, 1);
        return descriptor;
    }

    /**
     * Closes a descriptor.
     *
     * @throws KernelException {@code EBADF}
     */
    @Linux(file = "fs/open.c", symbol = "close")
    public void close(int descriptor) {
        enter();
        File file = fileOf(descriptor);
        files.remove(descriptor);
        drop(file);
    }

    /**
     * Reads into memory of the process.
     *
     * @return bytes read
     */
    @Linux(file = "fs/read_write.c", symbol = "read")
    public long read(int descriptor, long userVa, long bytes) {
        enter();
        File file = fileOf(descriptor);
        if (!OpenFlags.reads(file.flags())) {
            throw new KernelException(Errno.EBADF, "%s is not open for reading", file.name());
        }
        requireUserRange(userVa, bytes);
        return asSeenByUser(() -> file.operations().read(file, userVa, bytes));
    }

    /**
     * Writes from memory of the process.
     *
     * @return bytes written
     */
    @Linux(file = "fs/read_write.c", symbol = "write")
    public long write(int descriptor, long userVa, long bytes) {
        enter();
        File file = fileOf(descriptor);
        if (!OpenFlags.writes(file.flags())) {
            throw new KernelException(Errno.EBADF, "%s is not open for writing", file.name());
        }
        requireUserRange(userVa, bytes);
        return asSeenByUser(() -> file.operations().write(file, userVa, bytes));
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

    /** Sends a command. */
    @Linux(file = "fs/ioctl.c", symbol = "ioctl")
    public long ioctl(int descriptor, int command, long argument) {
        enter();
        File file = fileOf(descriptor);
        return asSeenByUser(() -> file.operations().ioctl(file, command, argument));
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
            ready[i] =
                    file == null
                            ? Poll.NVAL
                            : file.operations().poll(file, table)
                                    & (request.events() | Poll.ERR | Poll.HUP);
        }
        return ready;
    }

    /** Moves the position of a file. */
    @Linux(file = "fs/read_write.c", symbol = "lseek")
    public long lseek(int descriptor, long offset, Whence whence) {
        enter();
        File file = fileOf(descriptor);
        return file.operations().seek(file, offset, whence);
    }

    /**
     * Maps a file, shared, for reading and writing.
     *
     * @param bytes at least 1, rounded up to pages
     * @param offset into the file in bytes, page aligned
     * @return where it appears in the process
     * @throws KernelException {@code EINVAL}, {@code EBADF}, {@code ENOMEM}, or what the driver
     *     says
     */
    @Linux(file = "mm/mmap.c", symbol = "mmap")
    public long mmap(long bytes, int descriptor, long offset) {
        enter();
        File file = fileOf(descriptor);
        if (offset < 0 || offset % PAGE_BYTES != 0) {
            throw new KernelException(Errno.EINVAL, "offset 0x%x is not page aligned", offset);
        }
        long start = findRoom(bytes);
        long end = start + pages(bytes);
        Vma vma = new Vma(table, start, end, offset / PAGE_BYTES);
        try {
            file.operations().mmap(file, vma);
        } catch (RuntimeException e) {
            table.unmap(start, end - start);
            throw e;
        }
        areas.put(start, new Area(start, end, file, 0));
        references.merge(file, 1, Integer::sum);
        return start;
    }

    /**
     * Gives the process fresh memory, zeroed, as an anonymous {@code mmap} does.
     *
     * @param bytes at least 1, rounded up to pages
     */
    public long allocate(long bytes) {
        enter();
        long start = findRoom(bytes);
        long size = pages(bytes);
        long phys = memory.allocate(size);
        table.map(start, phys, size, MemoryType.WRITE_BACK);
        areas.put(start, new Area(start, start + size, null, phys));
        return start;
    }

    /**
     * Unmaps an area that {@link #mmap} or {@link #allocate} answered.
     *
     * @throws KernelException {@code EINVAL} when there is no such area
     */
    @Linux(file = "mm/mmap.c", symbol = "munmap")
    public void munmap(long start, long bytes) {
        enter();
        Area area = areas.get(start);
        if (area == null || area.end() != start + pages(bytes)) {
            throw new KernelException(
                    Errno.EINVAL, "no area of 0x%x bytes at user:0x%x", bytes, start);
        }
        unmap(area);
    }

    /** Loads from memory of the process. */
    public byte[] load(long userVa, int bytes) {
        byte[] into = new byte[bytes];
        cpu.userTable(table);
        try {
            cpu.load(userVa, into, 0, bytes);
        } finally {
            cpu.userTable(null);
        }
        return into;
    }

    /** Stores to memory of the process. */
    public void store(long userVa, byte[] bytes) {
        cpu.userTable(table);
        try {
            cpu.store(userVa, bytes, 0, bytes.length);
        } finally {
            cpu.userTable(null);
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
        table.unmap(area.start(), area.end() - area.start());
        File file = area.file();
        if (file != null) {
            drop(file);
        } else {
            memory.free(area.anonymousPhys(), area.end() - area.start());
        }
    }

    private void drop(File file) {
        int left = references.merge(file, -1, Integer::sum);
        if (left == 0) {
            references.remove(file);
            devices.release(file);
        }
    }

    private File fileOf(int descriptor) {
        File file = files.get(descriptor);
        if (file == null) {
            throw new KernelException(Errno.EBADF, "descriptor %d is not open", descriptor);
        }
        return file;
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

    private static void requireUserRange(long userVa, long bytes) {
        if (bytes < 0) {
            throw new KernelException(Errno.EINVAL, "a length of %d", bytes);
        }
        boolean inside =
                AddressLayout.isUser(userVa)
                        && bytes <= AddressLayout.USER_BASE + AddressLayout.USER_SIZE - userVa;
        if (!inside) {
            throw new KernelException(Errno.EFAULT, "bad user address 0x%x", userVa);
        }
    }

    private static long pages(long bytes) {
        return (bytes + PAGE_BYTES - 1) & -PAGE_BYTES;
    }

    /**
     * What a driver answers, as the program sees it: ERESTARTSYS never leaves the kernel. Programs
     * here have no signal handlers that ask for a restart, so it is EINTR.
     */
    private static <T> T asSeenByUser(Supplier<T> operation) {
        try {
            return operation.get();
        } catch (KernelException e) {
            if (e.errno() != Errno.ERESTARTSYS) {
                throw e;
            }
            throw new KernelException(Errno.EINTR, "a signal interrupted the system call");
        }
    }

    private void enter() {
        Check.invariant(processes.current() == this, "a system call by somebody else's task");
        cpu.spend(SYSTEM_CALL_PS);
    }
}
