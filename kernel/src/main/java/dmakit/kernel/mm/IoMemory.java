package dmakit.kernel.mm;

import dmakit.kernel.Calls;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.machine.cpu.MemoryType;
import dmakit.machine.memory.Ram;

/** Registers in the kernel's address space. */
@Linux(file = "mm/ioremap.c", symbol = "generic_ioremap_prot")
public final class IoMemory {
    private static final long PAGE_MASK = VirtualMemory.PAGE_BYTES - 1;

    private final Calls calls;
    private final Ram ram;
    private final Vmalloc areas;

    /** Creates the door. */
    public IoMemory(Calls calls, Ram ram, Vmalloc areas) {
        this.calls = calls;
        this.ram = ram;
        this.areas = areas;
    }

    /**
     * Maps registers, every access by itself and in order.
     *
     * @param phys first physical address, at any alignment
     * @param size in bytes, at least 1
     * @return the virtual address of {@code phys}
     * @throws KernelException EINVAL when the range is empty, leaves the address space or touches
     *     RAM; ENOMEM when no virtual area is large enough
     */
    @Linux(file = "arch/arm64/include/asm/io.h", symbol = "ioremap")
    public long ioremap(long phys, long size) {
        return map("ioremap", phys, size);
    }

    /**
     * As {@link #ioremap}. Linux lets stores gather; here they stay in order, which is stricter and
     * allowed.
     */
    @Linux(file = "arch/arm64/include/asm/io.h", symbol = "ioremap_wc")
    public long ioremapWc(long phys, long size) {
        return map("ioremap_wc", phys, size);
    }

    /**
     * Unmaps what {@link #ioremap} gave.
     *
     * @throws IllegalArgumentException when {@code va} lies not in the first page of such an area
     */
    @Linux(file = "mm/ioremap.c", symbol = "iounmap")
    public void iounmap(long va) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("iounmap", "0x" + Long.toHexString(va));
        }
        calls.mightSleep("iounmap");
        areas.unmapRegisters(va & ~PAGE_MASK);
    }

    private long map(String function, long phys, long size) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(function, "0x%x, 0x%x".formatted(phys, size));
        }
        calls.mightSleep(function);
        long last = phys + size - 1;
        if (size <= 0 || phys < 0 || last < phys || last > Long.MAX_VALUE - PAGE_MASK) {
            throw new KernelException(
                    Errno.EINVAL, "phys:0x%x with 0x%x bytes is no range", phys, size);
        }
        for (Ram.Bank bank : ram.banks()) {
            if (phys < bank.end() && last >= bank.base()) {
                throw new KernelException(
                        Errno.EINVAL, "%s of RAM at phys:0x%x-0x%x", function, phys, last);
            }
        }
        long first = phys & ~PAGE_MASK;
        long bytes = VirtualMemory.pageAlign(last + 1) - first;
        long va = areas.map(first, bytes, MemoryType.DEVICE, Vmalloc.Use.REGISTERS);
        areas.noteRegisters(va, bytes);
        return va + (phys & PAGE_MASK);
    }
}
