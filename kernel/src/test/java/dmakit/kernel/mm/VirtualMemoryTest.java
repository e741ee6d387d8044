package dmakit.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.MemoryFixture;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.MemoryType;
import dmakit.machine.cpu.PageTable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VirtualMemoryTest {
    private static final long USER = AddressLayout.USER_BASE;

    private final MemoryFixture kernel = MemoryFixture.nonCoherent();
    private final VirtualMemory virtual = kernel.mm.virtual();
    private final PageTable table = new PageTable(AddressLayout.USER_BASE, AddressLayout.USER_SIZE);
    private final Vma vma = new Vma(table, USER + 0x1000, USER + 0x4000, 0);

    @AfterEach
    void close() {
        kernel.close();
    }

    @Test
    void linearAddressesHaveAPhysicalOneAndOthersDoNot() {
        long va = virtual.physToVirt(0x12345);
        assertThat(virtual.virtToPhys(va)).isEqualTo(0x12345);
        assertThat(virtual.virtToPage(va)).isEqualTo(0x12000);
        for (long other :
                new long[] {
                    AddressLayout.VMALLOC_BASE, 0, -1, AddressLayout.LINEAR_BASE + (1L << 30)
                }) {
            assertThat(virtual.isLinear(other)).isFalse();
            assertThatThrownBy(() -> virtual.virtToPhys(other))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aProcessSeesThePagesMappedForIt() {
        long page = kernel.mm.pages().allocPages(Gfp.KERNEL.with(Gfp.ZERO), 1);
        virtual.remapPfnRange(vma, vma.start(), page >> 12, 0x1001, MemoryType.WRITE_BACK);
        Cpu cpu = kernel.machine.cpu();
        cpu.userTable(table);
        cpu.store32(vma.start() + 0x1004, 42);
        assertThat(cpu.load32(virtual.physToVirt(page + 0x1004))).isEqualTo(42);
    }

    @Test
    void whatDoesNotFitTheAreaIsRefused() {
        long[][] bad = {
            {vma.start(), 0x3001}, {vma.start() - 0x1000, 0x1000}, {vma.start() + 8, 8},
            {vma.end(), 1}, {vma.start(), 0}, {vma.start(), -1}
        };
        for (long[] range : bad) {
            assertThatThrownBy(() ->
                            virtual.remapPfnRange(
                                    vma, range[0], 1, range[1], MemoryType.WRITE_BACK))
                    .isInstanceOfSatisfying(
                            KernelException.class,
                            e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
        }
        virtual.remapPfnRange(vma, vma.start(), 1, 1, MemoryType.WRITE_BACK);
        assertThatThrownBy(
                        () -> virtual.remapPfnRange(vma, vma.start(), 1, 1, MemoryType.WRITE_BACK))
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBUSY));
    }
}
