package dmakit.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.MemoryFixture;
import dmakit.machine.bus.Target;
import dmakit.machine.cpu.CpuFault;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class IoMemoryTest {
    private static final long CHIP = 0x4000_7000L;

    private final MemoryFixture kernel = MemoryFixture.nonCoherent();
    private final IoMemory io = kernel.mm.io();

    @AfterEach
    void close() {
        kernel.close();
    }

    /** Answers the offset that is read. */
    private static final class Echo implements Target {
        @Override
        public long read(long offset, int bytes) {
            return offset;
        }

        @Override
        public void write(long offset, int bytes, long value) {}
    }

    private static void refuses(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void registersAreReachedAtTheirOffsetWhateverTheAlignment() {
        kernel.machine.bus().attach("chip", CHIP, 0x1000, new Echo());
        long va = io.ioremap(CHIP + 0x104, 0x20);
        assertThat(va & 0xfff).isEqualTo(0x104);
        assertThat(kernel.machine.cpu().load32(va)).isEqualTo(0x104);
        io.iounmap(va);
        assertThatThrownBy(() -> kernel.machine.cpu().load32(va)).isInstanceOf(CpuFault.class);
        assertThatThrownBy(() -> io.iounmap(va)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void registersMayCrossAPage() {
        kernel.machine.bus().attach("chip", CHIP, 0x2000, new Echo());
        long va = io.ioremapWc(CHIP + 0xffc, 8);
        assertThat(kernel.machine.cpu().load32(va + 4)).isEqualTo(0x1000);
    }

    @Test
    void ramAndEmptyAndEndlessRangesAreRefused() {
        refuses(Errno.EINVAL, () -> io.ioremap(0x1000, 0x1000));
        refuses(Errno.EINVAL, () -> io.ioremap((1L << 30) - 1, 2));
        refuses(Errno.EINVAL, () -> io.ioremap(CHIP, 0));
        refuses(Errno.EINVAL, () -> io.ioremap(CHIP, -1));
        refuses(Errno.EINVAL, () -> io.ioremap(-8, 16));
        refuses(Errno.EINVAL, () -> io.ioremap(Long.MAX_VALUE, 1));
        refuses(Errno.ENOMEM, () -> io.ioremap(CHIP, 1L << 50));
    }

    @Nested
    class AClaim {
        private final Resources resources = kernel.mm.resources();

        @Test
        void isShownInOrderBelowRam() {
            resources.request(0x4000_8000L, 0x100, "later");
            resources.request(CHIP, 0xf00, "40007000.dma-controller");
            assertThat(resources.iomem())
                    .startsWith(
                            "00000000-3fffffff : System RAM\n  00000000-00ffffff : Kernel code\n")
                    .endsWith(
                            "40007000-40007eff : 40007000.dma-controller\n"
                                    + "40008000-400080ff : later\n");
        }

        @Test
        void ofWhatIsClaimedIsRefusedAndNamesTheHolder() {
            resources.request(CHIP, 0x100, "first");
            for (long[] range :
                    new long[][] {
                        {CHIP, 0x100}, {CHIP + 0xff, 1}, {CHIP - 1, 2}, {CHIP - 8, 0x200}
                    }) {
                assertThatThrownBy(() -> resources.request(range[0], range[1], "second"))
                        .isInstanceOf(KernelException.class)
                        .hasMessageContaining("-EBUSY")
                        .hasMessageContaining("first");
            }
            resources.request(CHIP + 0x100, 1, "beside");
            refuses(Errno.EBUSY, () -> resources.request(0x2000, 0x10, "in ram"));
        }

        @Test
        void endsWithExactlyItsRange() {
            resources.request(CHIP, 0x100, "first");
            assertThatThrownBy(() -> resources.release(CHIP, 0x80))
                    .isInstanceOf(IllegalArgumentException.class);
            resources.release(CHIP, 0x100);
            assertThatThrownBy(() -> resources.release(CHIP, 0x100))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "Trying to free nonexistent resource"
                                    + " <0000000040007000-00000000400070ff>");
            resources.request(CHIP, 0x80, "second");
        }

        @Test
        void ofNothingOrOverTheTopIsRefused() {
            refuses(Errno.EINVAL, () -> resources.request(CHIP, 0, "x"));
            refuses(Errno.EINVAL, () -> resources.request(-8, 16, "x"));
            resources.request(-8, 8, "top");
        }

        @Test
        void behindTheMaximumIsRefused() {
            int there = resources.iomem().split("\n").length;
            for (int i = there; i < Resources.COUNT_MAX; i++) {
                resources.request(CHIP + i, 1, "x");
            }
            refuses(Errno.ENOSPC, () -> resources.request(1L << 40, 1, "x"));
        }
    }
}
