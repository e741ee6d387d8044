package dmakit.kernel.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.TestTrees;
import dmakit.kernel.chardev.FileOperations;
import dmakit.kernel.chardev.MiscDevices;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.ChannelFilter;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.irq.IrqReturn;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.Zone;
import dmakit.kernel.sched.AtomicContextViolation;
import dmakit.kernel.sched.TaskState;
import dmakit.kernel.sync.Mutex;
import dmakit.kernel.sync.SpinLock;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.cpu.CpuFault;
import dmakit.machine.memory.Ram;
import dmakit.machine.task.Deadlock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class KernelTest {
    private final List<String> console = new ArrayList<>();
    private final Machine machine =
            new Machine(
                    new Machine.Config(
                            List.of(new Ram.Bank(0, 64 << 20)),
                            false,
                            new Machine.Cache.None(),
                            CostTable.CORTEX_A53,
                            1));
    private final Kernel kernel =
            Kernel.boot(machine, TestTrees.soc(), TestTrees.LINES, console::add, "quiet cma=0");

    @AfterEach
    void close() {
        machine.close();
    }

    private List<String> log() {
        return kernel.log().buffer().texts();
    }

    private static class Driver implements PlatformDriver {
        @Override
        public String name() {
            return "test-driver";
        }

        @Override
        public List<OfMatch> ofMatch() {
            return List.of(new OfMatch("test,engine"));
        }

        @Override
        public void probe(PlatformDevice device) {}
    }

    @Nested
    class Booting {
        @Test
        void tellsInTheKernelsFormatWhatTheMachineIs() {
            assertThat(console)
                    .contains(
                            "[    0.000000] Machine model: Test Board",
                            "[    0.000000] Zone ranges:",
                            "[    0.000000] Kernel command line: quiet cma=0",
                            "[    0.000000] OF: reserved mem:"
                                    + " 0x0000000003000000..0x00000000030fffff (1024 KiB) map"
                                    + " non-reusable buffer@3000000")
                    .anyMatch(line -> line.contains("] Memory: ") && line.contains("/65536K"));
        }

        @Test
        void makesADeviceOfEachEnabledNodeThatIsOne() {
            assertThat(kernel.files().list("/sys/bus/platform/devices"))
                    .containsExactly("3f001000.engine", "3f002000.uart", "soc", "soc:leds");
        }

        @Test
        void showsWhatItWasToldToBoot() {
            assertThat(kernel.files().read("/proc/cmdline")).isEqualTo("quiet cma=0\n");
        }
    }

    @Nested
    class Running {
        @Test
        void answersWhatTheTaskAnswered() {
            assertThat(kernel.call("seven", () -> 7)).isEqualTo(7);
        }

        @Test
        void throwsARefusalOfTheKernelAsItIs() {
            assertThatThrownBy(() ->
                            kernel.run(
                                    "t",
                                    () -> {
                                        throw new KernelException(Errno.ENOMEM, "none");
                                    }))
                    .isInstanceOf(KernelException.class);

            assertThat(kernel.sched().oopses().failures()).isEmpty();
        }

        @Test
        void reportsABadAccessAsAnOopsAndThrowsIt() {
            assertThatThrownBy(() -> kernel.run("insmod", () -> machine.cpu().load8(0)))
                    .isInstanceOf(CpuFault.class);

            assertThat(log())
                    .contains(
                            "Unable to handle kernel NULL pointer dereference at virtual address"
                                    + " 0000000000000000")
                    .anyMatch(line -> line.contains("Comm: insmod"));
        }

        @Test
        void failsWhenAThreadFailedMeanwhile() {
            assertThatThrownBy(() ->
                            kernel.run(
                                    "main",
                                    () -> {
                                        kernel.sched()
                                                .kthreadRun(
                                                        "bad",
                                                        () -> {
                                                            throw new IllegalStateException("oh");
                                                        });
                                        kernel.sched().msleep(1);
                                    }))
                    .isInstanceOf(KernelOops.class)
                    .hasRootCauseMessage("oh");

            kernel.run("next", () -> {});
        }

        @Test
        void tellsWhoWaitsForEverAndWhatItHolds() {
            assertThatThrownBy(() ->
                            kernel.run(
                                    "stuck",
                                    () -> {
                                        new Mutex(kernel.sched(), "dev->lock").lock();
                                        kernel.sched().sleep(TaskState.UNINTERRUPTIBLE);
                                    }))
                    .isInstanceOf(Deadlock.class);

            assertThat(log())
                    .anyMatch(line -> line.matches("INFO: task stuck:\\d+ blocked for ever: .*"))
                    .contains("  it holds dev->lock");
        }

        @Test
        void objectsToWhateverMaySleepUnderASpinlock() {
            Device device = kernel.platform().devices().getFirst().device();
            List<Runnable> sleepers =
                    List.of(
                            () -> kernel.mm().slab().kmalloc(64, Gfp.KERNEL),
                            () -> kernel.mm().pages().allocPages(Gfp.KERNEL, 0),
                            () -> kernel.mm().pages().getFreePages(Gfp.KERNEL, 0),
                            () -> kernel.mm().io().ioremap(0x3f00_1000L, 4096),
                            () -> kernel.dma().allocCoherent(device, 64, Gfp.KERNEL),
                            () -> kernel.userAccess().copyFromUser(0, 0, 1),
                            () -> kernel.userAccess().putUser32(0, 0),
                            () ->
                                    kernel.dmaEngine()
                                            .requestChannel(
                                                    Capabilities.of(TransactionType.MEMCPY),
                                                    ChannelFilter.ANY));
            SpinLock lock = new SpinLock(kernel.sched(), "lock");
            for (Runnable sleeper : sleepers) {
                assertThatThrownBy(() ->
                                kernel.run(
                                        "atomic",
                                        () -> {
                                            lock.lock();
                                            try {
                                                sleeper.run();
                                            } finally {
                                                lock.unlock();
                                            }
                                        }))
                        .isInstanceOf(AtomicContextViolation.class);
            }
        }

        @Test
        void allowsAllocationsThatDoNotSleepUnderASpinlock() {
            SpinLock lock = new SpinLock(kernel.sched(), "lock");
            Device device = kernel.platform().devices().getFirst().device();
            kernel.run(
                    "atomic",
                    () -> {
                        lock.lock();
                        kernel.mm().slab().kfree(kernel.mm().slab().kmalloc(64, Gfp.ATOMIC));
                        CoherentBuffer buffer = kernel.dma().allocCoherent(device, 64, Gfp.ATOMIC);
                        lock.unlock();
                        kernel.dma().freeCoherent(device, buffer);
                    });
        }

        @Test
        void doesNotCallIdleThreadsStuck() {
            kernel.run(
                    "irq",
                    () ->
                            kernel.irqs()
                                    .requestThreaded(
                                            3,
                                            (_, _) -> IrqReturn.WAKE_THREAD,
                                            (_, _) -> IrqReturn.HANDLED,
                                            0,
                                            "dev",
                                            KernelTest.this));
            kernel.run(
                    "raise",
                    () -> {
                        machine.interrupts().line(3).set(true);
                        kernel.sched().udelay(2);
                        machine.interrupts().line(3).set(false);
                        kernel.sched().msleep(1);
                    });
            assertThatThrownBy(() ->
                            kernel.run(
                                    "stuck", () -> kernel.sched().sleep(TaskState.UNINTERRUPTIBLE)))
                    .isInstanceOf(Deadlock.class);

            assertThat(log()).noneMatch(line -> line.startsWith("INFO: task irq/"));
        }

        @Test
        void givesAProcessItsOwnMemory() {
            kernel.runProcess(
                    "user",
                    process -> {
                        long va = process.allocate(10_000);
                        process.store(va + 9_999, new byte[] {42});
                        assertThat(process.load(va + 9_998, 2)).containsExactly(0, 42);
                    });
        }

        @Test
        void givesMemoryOfAProcessBack() {
            long before = kernel.mm().pages().freePages(Zone.DMA);
            kernel.runProcess("user", process -> process.allocate(3 << 20));

            assertThat(kernel.mm().pages().freePages(Zone.DMA)).isEqualTo(before);
        }
    }

    @Nested
    class ShuttingDown {
        @Test
        void takesDriversAwayAndFindsNothingLeft() {
            List<String> heard = new ArrayList<>();
            kernel.run(
                    "insmod",
                    () ->
                            kernel.platform()
                                    .register(
                                            new Driver() {
                                                @Override
                                                public void remove(PlatformDevice device) {
                                                    heard.add("remove " + device.name());
                                                }
                                            }));

            assertThat(kernel.shutdown()).isEmpty();
            assertThat(heard).containsExactly("remove 3f001000.engine");
        }

        @Test
        void namesWhatADriverLeftBehind() {
            kernel.run(
                    "insmod",
                    () -> {
                        kernel.irqs()
                                .request(5, (_, _) -> IrqReturn.NONE, "leaky", KernelTest.this);
                        kernel.misc()
                                .register(
                                        MiscDevices.DYNAMIC_MINOR, "leak", new FileOperations() {});
                    });

            assertThat(kernel.shutdown()).containsExactly("irq 5 by leaky", "file /dev/leak");
        }

        @Test
        void isDoneOnce() {
            kernel.shutdown();
            int lines = log().size();
            kernel.close();

            assertThat(log()).hasSize(lines);
        }
    }

    @Nested
    class Files {
        @Test
        void showDriversWithTheirDevices() {
            kernel.run("insmod", () -> kernel.platform().register(new Driver()));

            assertThat(kernel.files().list("/sys/bus/platform/drivers/test-driver"))
                    .containsExactly("3f001000.engine", "uevent");
            assertThat(kernel.files().read("/sys/bus/platform/devices/3f001000.engine/uevent"))
                    .isEqualTo(
                            """
                            DRIVER=test-driver
                            OF_NAME=engine
                            OF_FULLNAME=/soc/engine@7e001000
                            OF_COMPATIBLE_0=test,engine
                            OF_COMPATIBLE_N=1
                            """);
        }

        @Test
        void showMiscDevicesWithTheirNumbers() {
            kernel.run(
                    "insmod",
                    () ->
                            kernel.misc()
                                    .register(
                                            MiscDevices.DYNAMIC_MINOR,
                                            "dma_m2m",
                                            new FileOperations() {}));

            assertThat(kernel.files().read("/sys/class/misc/dma_m2m/dev")).isEqualTo("10:127\n");
            assertThat(kernel.files().exists("/dev/dma_m2m")).isTrue();
        }

        @Test
        void thatDoNotExistAreRefused() {
            assertThatThrownBy(() -> kernel.files().read("/proc/nothing"))
                    .isInstanceOf(KernelException.class)
                    .hasMessageStartingWith("-ENOENT");
            assertThatThrownBy(() -> kernel.files().list("/sys/class/nothing"))
                    .isInstanceOf(KernelException.class);
        }
    }
}
