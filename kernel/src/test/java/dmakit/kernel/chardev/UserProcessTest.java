package dmakit.kernel.chardev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Calls;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.log.Log;
import dmakit.kernel.mm.Vma;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sched.KernelTask;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sync.Mutex;
import dmakit.kernel.sync.SpinLock;
import dmakit.kernel.sync.WaitQueue;
import dmakit.machine.Machine;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.Ram;
import dmakit.machine.task.Task;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class UserProcessTest {
    private static final long KERNEL_BUFFER = AddressLayout.LINEAR_BASE + 0x10_0000;

    private final Machine machine =
            new Machine(
                    new Machine.Config(
                            List.of(new Ram.Bank(0, 16 << 20)),
                            false,
                            new Machine.Cache.None(),
                            CostTable.CORTEX_A53,
                            1));
    private final Calls calls = new Calls(machine);
    private final CharDevices devices = new CharDevices(calls);
    private final MiscDevices misc = new MiscDevices(calls, devices);
    private final BumpMemory memory = new BumpMemory();
    private final Sched sched = new Sched(machine, new Log(machine.clock(), machine.trace()));
    private final Processes processes = new Processes(sched, devices, memory);
    private final UserAccess userAccess = new UserAccess(machine.cpu(), calls, processes);
    private final List<String> heard = new ArrayList<>();

    /** Hands out pages in order and counts what is out. */
    private static final class BumpMemory implements UserProcess.AnonymousMemory {
        private long next = 0x80_0000;
        private long bytesOut;

        @Override
        public long allocate(long bytes) {
            long phys = next;
            next += bytes;
            bytesOut += bytes;
            return phys;
        }

        @Override
        public void free(long phys, long bytes) {
            bytesOut -= bytes;
        }
    }

    /** Keeps what was written and gives it back. */
    private final class Notebook implements FileOperations {
        private long length;

        @Override
        public void open(File file) {
            heard.add("open");
        }

        @Override
        public void release(File file) {
            heard.add("release");
        }

        @Override
        public long write(File file, long userVa, long bytes) {
            long left = userAccess.copyFromUser(KERNEL_BUFFER, userVa, bytes);
            if (left > 0) {
                throw new KernelException(Errno.EFAULT, "%d bytes left", left);
            }
            length = bytes;
            return bytes;
        }

        @Override
        public long read(File file, long userVa, long bytes) {
            long count = Math.min(bytes, length - file.position());
            long left = userAccess.copyToUser(userVa, KERNEL_BUFFER + file.position(), count);
            file.position(file.position() + count - left);
            return count - left;
        }

        @Override
        public void mmap(File file, Vma vma) {
            heard.add("mmap of " + vma.size() + " at page " + vma.pageOffset());
        }
    }

    @AfterEach
    void close() {
        machine.close();
    }

    private void run(Consumer<UserProcess> program) {
        Task task = processes.start("app", program);
        machine.scheduler().runUntil(task);
        Throwable failure = task.failure();
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
    }

    private static void refused(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void aSystemCallThatASignalEndsIsInterrupted() {
        WaitQueue never = new WaitQueue(sched);
        misc.register(
                MiscDevices.DYNAMIC_MINOR,
                "silent",
                new FileOperations() {
                    @Override
                    public long read(File file, long userVa, long bytes) {
                        never.waitEventInterruptible(() -> false);
                        return 0;
                    }
                });
        run(process -> {
            KernelTask me = sched.current();
            int file = process.open("/dev/silent", OpenFlags.RDONLY);
            long va = process.allocate(1);
            sched.sendSignal(me, KernelTask.SIGINT);
            refused(Errno.EINTR, () -> process.read(file, va, 1));
        });
    }

    @Test
    void aDriverThatDiesUnderASpinlockLeavesFilesThatCanBeClosed() {
        SpinLock lock = new SpinLock(sched, "lock");
        Mutex mutex = new Mutex(sched, "mutex");
        misc.register(
                MiscDevices.DYNAMIC_MINOR,
                "deadly",
                new FileOperations() {
                    @Override
                    public long ioctl(File file, int command, long argument) {
                        lock.lockIrqSave();
                        throw new IllegalStateException("dead");
                    }

                    @Override
                    public void release(File file) {
                        mutex.lock();
                        heard.add("release");
                        mutex.unlock();
                    }
                });
        assertThatThrownBy(() ->
                        run(process ->
                                process.ioctl(process.open("/dev/deadly", OpenFlags.RDONLY), 0, 0)))
                .hasMessage("dead");
        assertThat(heard).containsExactly("release");
    }

    @Nested
    class WithADevice {
        WithADevice() {
            misc.register(MiscDevices.DYNAMIC_MINOR, "notebook", new Notebook());
        }

        @Test
        void readsBackWhatItWrote() {
            run(app -> {
                int fd = app.open("/dev/notebook", OpenFlags.RDWR);
                assertThat(app.write(fd, "one-two-three")).isEqualTo(13);
                long buffer = app.allocate(64);
                assertThat(app.read(fd, buffer, 64)).isEqualTo(13);
                assertThat(app.loadText(buffer, 64)).isEqualTo("one-two-three");
                assertThat(app.read(fd, buffer, 64)).isZero();
            });
        }

        @Test
        void getsTheLowestFreeDescriptor() {
            run(app -> {
                int first = app.open("/dev/notebook", OpenFlags.RDWR);
                int second = app.open("/dev/notebook", OpenFlags.RDWR);
                app.close(first);
                assertThat(second).isEqualTo(first + 1);
                assertThat(app.open("/dev/notebook", OpenFlags.RDWR)).isEqualTo(first);
            });
        }

        @Test
        void mayNotReadWhatItOpenedForWriting() {
            run(app -> {
                int fd = app.open("/dev/notebook", OpenFlags.WRONLY);
                refused(Errno.EBADF, () -> app.read(fd, app.allocate(8), 8));
            });
        }

        @Test
        void hasItsFilesClosedAndItsMemoryTakenAtItsEnd() {
            run(app -> {
                app.open("/dev/notebook", OpenFlags.RDWR);
                app.allocate(10_000);
                assertThat(devices.openCount("/dev/notebook")).isOne();
            });
            assertThat(heard).containsExactly("open", "release");
            assertThat(memory.bytesOut).isZero();
            assertThat(devices.openCount("/dev/notebook")).isZero();
        }

        @Test
        void keepsAFileOpenWhileItIsMapped() {
            run(app -> {
                int fd = app.open("/dev/notebook", OpenFlags.RDWR);
                long area = app.mmap(5000, fd, 4096);
                app.close(fd);
                assertThat(heard).containsExactly("open", "mmap of 8192 at page 1");
                app.munmap(area, 5000);
                assertThat(heard).endsWith("release");
            });
        }

        @Test
        void isRefusedAMappingAtAnOffsetThatIsNoPage() {
            run(app -> {
                int fd = app.open("/dev/notebook", OpenFlags.RDWR);
                refused(Errno.EINVAL, () -> app.mmap(4096, fd, 100));
                refused(Errno.EINVAL, () -> app.mmap(0, fd, 0));
                refused(Errno.EINVAL, () -> app.munmap(AddressLayout.USER_BASE, 4096));
            });
        }

        @Test
        void isRefusedACommandTheDriverDoesNotKnow() {
            run(app -> {
                int fd = app.open("/dev/notebook", OpenFlags.RDWR);
                refused(Errno.ENOTTY, () -> app.ioctl(fd, Ioctl.io('x', 1), 0));
            });
        }

        @Test
        void isToldThatItsPointerIsBad() {
            run(app -> {
                int fd = app.open("/dev/notebook", OpenFlags.RDWR);
                refused(Errno.EFAULT, () -> app.write(fd, 0x1234, 8));
                refused(Errno.EFAULT, () -> app.write(fd, AddressLayout.USER_BASE + (1 << 20), 8));
            });
        }

        @Test
        void copiesUpToTheEndOfItsMemory() {
            run(app -> {
                long area = app.allocate(4096);
                app.store(area + 4090, "abcdef".getBytes(StandardCharsets.UTF_8));
                machine.cpu().fill(KERNEL_BUFFER, 16, (byte) 'x');
                assertThat(userAccess.copyFromUser(KERNEL_BUFFER, area + 4090, 16)).isEqualTo(10);
                byte[] copied = new byte[16];
                machine.cpu().load(KERNEL_BUFFER, copied, 0, 16);
                assertThat(new String(copied, StandardCharsets.UTF_8))
                        .isEqualTo("abcdef" + "\0".repeat(10));
            });
        }

        @Test
        void hasNoMoreDescriptorsThanTheLimit() {
            run(app -> {
                for (int i = 0; i < UserProcess.DESCRIPTOR_COUNT_MAX; i++) {
                    app.open("/dev/notebook", OpenFlags.RDONLY);
                }
                refused(Errno.EMFILE, () -> app.open("/dev/notebook", OpenFlags.RDONLY));
            });
        }
    }

    @Nested
    class Polling {
        private final WaitQueue news = new WaitQueue(sched);
        private int ready;

        Polling() {
            misc.register(
                    MiscDevices.DYNAMIC_MINOR,
                    "bell",
                    new FileOperations() {
                        @Override
                        public int poll(File file, PollTable table) {
                            table.waitOn(news);
                            return ready;
                        }
                    });
        }

        private UserProcess.PollRequest bell(UserProcess app) {
            return new UserProcess.PollRequest(
                    app.open("/dev/bell", OpenFlags.RDONLY), Poll.IN | Poll.RDNORM);
        }

        @Test
        void seesWhatIsReadyAtOnce() {
            ready = Poll.IN | Poll.OUT;
            run(app -> assertThat(app.poll(List.of(bell(app)), -1)).containsExactly(Poll.IN));
        }

        @Test
        void sleepsUntilTheDriverWakesIt() {
            sched.kthreadRun(
                    "ringer",
                    () -> {
                        sched.msleep(50);
                        news.wakeUp();
                        sched.msleep(50);
                        ready = Poll.IN;
                        news.wakeUp();
                    });
            run(app -> {
                assertThat(app.poll(List.of(bell(app)), -1)).containsExactly(Poll.IN);
                assertThat(Jiffies.toMillis(machine.clock().now() / Jiffies.TICK_PS))
                        .isBetween(100L, 150L);
            });
            assertThat(news.isActive()).isFalse();
        }

        @Test
        void givesUpAfterTheTimeout() {
            run(app -> {
                assertThat(app.poll(List.of(bell(app)), 20)).containsExactly(0);
                assertThat(machine.clock().now()).isGreaterThan(20_000_000_000L);
            });
        }

        @Test
        void looksOnlyWithoutATimeout() {
            run(app -> assertThat(app.poll(List.of(bell(app)), 0)).containsExactly(0));
        }

        @Test
        void endsWithAnErrorWhenASignalComes() {
            run(app -> {
                var me = sched.current();
                sched.kthreadRun("killer", () -> sched.sendSignal(me, 2));
                var request = bell(app);
                refused(Errno.EINTR, () -> app.poll(List.of(request), -1));
            });
        }

        @Test
        void saysWhichDescriptorIsNotOpen() {
            run(app ->
                    assertThat(app.poll(List.of(new UserProcess.PollRequest(9, Poll.IN)), -1))
                            .containsExactly(Poll.NVAL));
        }
    }

    @Test
    void cannotOpenWhatIsNotThere() {
        run(app -> refused(Errno.ENOENT, () -> app.open("/dev/nothing", OpenFlags.RDWR)));
    }

    @Test
    void cannotOpenAFileWithoutADriver() {
        devices.createNode("orphan", new DeviceNumber(200, 0), 0600);
        run(app -> refused(Errno.ENXIO, () -> app.open("/dev/orphan", OpenFlags.RDWR)));
    }

    @Test
    void cannotUseADescriptorThatIsNotOpen() {
        run(app -> {
            refused(Errno.EBADF, () -> app.close(3));
            refused(Errno.EBADF, () -> app.write(3, "x"));
        });
    }

    @Test
    void doesNotSeeTheMemoryOfAnother() {
        run(first -> {
            long mine = first.allocate(4096);
            first.store(mine, new byte[] {42});
            Task other =
                    processes.start(
                            "other",
                            second -> {
                                long own = second.allocate(4096);
                                assertThat(own).isEqualTo(mine);
                                assertThat(second.load(own, 1)).containsExactly(0);
                                second.store(own, new byte[] {7});
                            });
            while (!other.isEnded()) {
                machine.scheduler().yieldCpu();
            }
            assertThat(other.failure()).isNull();
            assertThat(first.load(mine, 1)).containsExactly(42);
        });
    }
}
