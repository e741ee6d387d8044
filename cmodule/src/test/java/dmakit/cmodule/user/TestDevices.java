package dmakit.cmodule.user;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.chardev.File;
import dmakit.kernel.chardev.FileOperations;
import dmakit.kernel.chardev.Ioctl;
import dmakit.kernel.chardev.MiscDevices;
import dmakit.kernel.chardev.Poll;
import dmakit.kernel.chardev.PollTable;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.kernel.mm.Vma;
import dmakit.kernel.sync.WaitQueue;
import dmakit.machine.cpu.MemoryType;
import dmakit.machine.memory.DeviceView;
import dmakit.machine.time.Alarm;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Drivers that tests use: {@code /dev/store} keeps what was written and gives it back, {@code
 * /dev/pipe} lets a reader wait for a writer, {@code /dev/page} is a page to map. {@code
 * /dev/spin}, {@code /dev/stuck} and {@code /dev/oops} do what drivers should not.
 */
final class TestDevices {
    static final int COUNT = Ioctl.io('t', 1);
    static final int FILL = Ioctl.io('t', 2);
    static final int ADD = 0xc008_7403;
    static final int KICK = Ioctl.io('t', 5);
    static final int FLAG = Ioctl.io('t', 6);
    private static final int SIGUSR1 = 10;
    private static final long FLAG_AFTER_PS = 50_000_000_000L;

    private final Kernel kernel;
    final List<String> history = new ArrayList<>();
    private final ByteArrayOutputStream stored = new ByteArrayOutputStream();
    private final ByteArrayOutputStream piped = new ByteArrayOutputStream();
    private long page;
    private Alarm flag = new Alarm("flag", () -> {});

    TestDevices(Kernel kernel) {
        this.kernel = kernel;
    }

    void register() {
        kernel.misc().register(MiscDevices.DYNAMIC_MINOR, "store", new Store());
        kernel.misc().register(MiscDevices.DYNAMIC_MINOR, "pipe", new Pipe());
        kernel.misc().register(MiscDevices.DYNAMIC_MINOR, "page", new Page());
        kernel.misc().register(MiscDevices.DYNAMIC_MINOR, "spin", new Reading(this::spin));
        kernel.misc().register(MiscDevices.DYNAMIC_MINOR, "stuck", new Reading(this::stay));
        kernel.misc().register(MiscDevices.DYNAMIC_MINOR, "oops", new Reading(this::fail));
        kernel.misc().register(MiscDevices.DYNAMIC_MINOR, "pin", new Pinning());
        page = kernel.mm().pages().allocPages(Gfp.KERNEL.with(Gfp.ZERO), 0);
    }

    /** All that was written to {@code /dev/store}. */
    String stored() {
        return stored.toString(StandardCharsets.UTF_8);
    }

    long page() {
        return page;
    }

    private byte[] fromUser(long userVa, long bytes) {
        byte[] copy = new byte[(int) Math.min(bytes, 1 << 20)];
        if (kernel.userAccess().load(userVa, copy) > 0) {
            throw new KernelException(Errno.EFAULT, "bad address 0x%x", userVa);
        }
        return copy;
    }

    private void toUser(long userVa, byte[] bytes) {
        if (kernel.userAccess().store(userVa, bytes) > 0) {
            throw new KernelException(Errno.EFAULT, "bad address 0x%x", userVa);
        }
    }

    private final class Store implements FileOperations {
        @Override
        public void open(File file) {
            history.add("open");
        }

        @Override
        public void release(File file) {
            history.add("release");
        }

        @Override
        public long write(File file, long userVa, long bytes) {
            byte[] copy = fromUser(userVa, bytes);
            stored.writeBytes(copy);
            file.position(file.position() + copy.length);
            return copy.length;
        }

        @Override
        public long read(File file, long userVa, long bytes) {
            byte[] all = stored.toByteArray();
            int from = (int) Math.min(file.position(), all.length);
            int count = (int) Math.min(bytes, all.length - from);
            toUser(userVa, Arrays.copyOfRange(all, from, from + count));
            file.position(from + count);
            return count;
        }

        @Override
        public long seek(File file, long offset, Whence whence) {
            long base =
                    switch (whence) {
                        case SET -> 0;
                        case CUR -> file.position();
                        case END -> stored.size();
                    };
            file.position(base + offset);
            return base + offset;
        }

        @Override
        public long ioctl(File file, int command, long argument) {
            if (command == COUNT) {
                return stored.size();
            }
            if (command == ADD) {
                int value = kernel.userAccess().getUser32(argument);
                kernel.userAccess().putUser32(value + 1, argument + 4);
                return 0;
            }
            if (command == KICK) {
                Objects.requireNonNull(kernel.processes().current()).signal(SIGUSR1);
                return 0;
            }
            return FileOperations.super.ioctl(file, command, argument);
        }
    }

    private void spin() {
        while (true) {
            kernel.sched().udelay(10);
        }
    }

    private void stay() {
        new WaitQueue(kernel.sched()).waitEvent(() -> false);
    }

    private void fail() {
        throw new IllegalStateException("the driver fails");
    }

    /** Pins the page of a command's argument; a later read has a device write to it. */
    private final class Pinning implements FileOperations {
        private final long[] pages = new long[1];

        @Override
        public long ioctl(File file, int command, long argument) {
            var process = Objects.requireNonNull(kernel.processes().current());
            process.memory().pin(argument & -VirtualMemory.PAGE_BYTES, pages, true);
            return 0;
        }

        @Override
        public long read(File file, long userVa, long bytes) {
            byte[] text = "from the device".getBytes(StandardCharsets.UTF_8);
            // As a driver does: map the page, let the device write to RAM, unmap.
            kernel.machine().cpu().invalidate(pages[0], VirtualMemory.PAGE_BYTES);
            var device = new DeviceView(kernel.machine().ram(), kernel.machine().caches(), false);
            device.store(kernel.machine().ram().offsetOf(pages[0]), text, 0, text.length);
            Objects.requireNonNull(kernel.processes().current()).memory().unpin(pages[0], true);
            return 0;
        }
    }

    /** Does something when it is read. */
    private record Reading(Runnable action) implements FileOperations {
        @Override
        public long read(File file, long userVa, long bytes) {
            action.run();
            return 0;
        }
    }

    private final class Pipe implements FileOperations {
        private final WaitQueue readers = new WaitQueue(kernel.sched());

        @Override
        public long write(File file, long userVa, long bytes) {
            piped.writeBytes(fromUser(userVa, bytes));
            readers.wakeUp();
            return bytes;
        }

        @Override
        public long read(File file, long userVa, long bytes) {
            if (piped.size() == 0 && file.isNonBlocking()) {
                throw new KernelException(Errno.EAGAIN, "nothing was written");
            }
            readers.waitEventInterruptible(() -> piped.size() > 0);
            byte[] all = piped.toByteArray();
            int count = (int) Math.min(bytes, all.length);
            toUser(userVa, Arrays.copyOf(all, count));
            piped.reset();
            piped.write(all, count, all.length - count);
            return count;
        }

        @Override
        public int poll(File file, PollTable table) {
            table.waitOn(readers);
            return Poll.OUT | Poll.WRNORM | (piped.size() > 0 ? Poll.IN | Poll.RDNORM : 0);
        }
    }

    private final class Page implements FileOperations {
        /** Sets a byte of the page, a little later, as a device does that has finished. */
        @Override
        public long ioctl(File file, int command, long argument) {
            if (command != FLAG) {
                return FileOperations.super.ioctl(file, command, argument);
            }
            var device = new DeviceView(kernel.machine().ram(), kernel.machine().caches(), false);
            flag =
                    new Alarm(
                            "flag",
                            () -> device.store8(kernel.machine().ram().offsetOf(page), (byte) 1));
            kernel.machine().clock().setIn(flag, FLAG_AFTER_PS);
            return 0;
        }

        @Override
        public void mmap(File file, Vma vma) {
            MemoryType type =
                    vma.pageOffset() == 0 ? MemoryType.WRITE_COMBINE : MemoryType.WRITE_BACK;
            kernel.mm()
                    .virtual()
                    .remapPfnRange(
                            vma,
                            vma.start(),
                            VirtualMemory.pfnOf(page),
                            VirtualMemory.PAGE_BYTES,
                            type);
        }
    }
}
