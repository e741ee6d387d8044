package dmakit.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.MemoryFixture;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.CpuFault;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MemoryRemapTest {
    private static final long APART = 0x3000_0000L;
    private static final long KERNELS = 0x2000_0000L;

    private final MemoryFixture kernel = MemoryFixture.nonCoherent();
    private final Cpu cpu = kernel.machine.cpu();
    private final MemoryRemap remap = kernel.mm.remap();

    MemoryRemapTest() {
        kernel.mm.memblock().takeOut("apart", APART, 1 << 20);
    }

    @AfterEach
    void close() {
        kernel.close();
    }

    private static void refuses(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
    }

    @Test
    void theKernelsOwnMemoryIsWhereItIsAndNotPastTheCaches() {
        long va = remap.memremap(KERNELS + 5, 100, MemoryRemap.WRITE_BACK);
        assertThat(va).isEqualTo(AddressLayout.LINEAR_BASE + KERNELS + 5);
        remap.memunmap(va);
        refuses(() -> remap.memremap(KERNELS, 4096, MemoryRemap.WRITE_COMBINE));
        assertThat(kernel.lines())
                .last()
                .isEqualTo("memremap attempted on ram 0x0000000020000000 size: 0x1000");
        int both = MemoryRemap.WRITE_BACK | MemoryRemap.WRITE_COMBINE;
        assertThat(AddressLayout.isLinear(remap.memremap(KERNELS, 4096, both))).isTrue();
    }

    @Test
    void aRangeThatIsPartlyTheKernelsIsRefused() {
        refuses(() -> remap.memremap(APART - 4096, 8192, MemoryRemap.WRITE_BACK));
        assertThat(kernel.lines())
                .last()
                .isEqualTo("memremap attempted on mixed range 0x000000002ffff000 size: 0x2000");
    }

    @Test
    void memoryThatWasSetAsideIsMappedAsAskedFor() {
        long uncached = remap.memremap(APART + 16, 4096, MemoryRemap.WRITE_COMBINE);
        cpu.store8(uncached, (byte) 7);
        assertThat(kernel.bus.load8(APART + 16)).isEqualTo((byte) 7);
        long cached = remap.memremap(APART, 4096, MemoryRemap.WRITE_BACK);
        cpu.store8(cached + 16, (byte) 8);
        assertThat(kernel.bus.load8(APART + 16)).isEqualTo((byte) 7);
        remap.memunmap(uncached);
        assertThatThrownBy(() -> cpu.load8(uncached)).isInstanceOf(CpuFault.class);
        assertThatThrownBy(() -> remap.memunmap(uncached))
                .isInstanceOf(IllegalArgumentException.class);
        remap.memunmap(cached);
    }

    @Test
    void noTypeAndNoRangeAreRefused() {
        refuses(() -> remap.memremap(APART, 4096, 0));
        refuses(() -> remap.memremap(APART, 0, MemoryRemap.WRITE_BACK));
        refuses(() -> remap.memremap(-4096, 4096, MemoryRemap.WRITE_BACK));
        refuses(() -> remap.memremap(Long.MAX_VALUE - 4096, 4096, MemoryRemap.WRITE_BACK));
    }
}
