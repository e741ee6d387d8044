package dmakit.cmodule.service;

import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.MemoryChecks;
import dmakit.kernel.mm.Mm;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.mm.Slab;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.kernel.mm.Vmalloc;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.MemoryType;
import dmakit.machine.cpu.PageTable;

/** Memory: objects, pages and virtual areas, and the accesses that the shadow does not allow. */
final class MmServices implements ServiceGroup {
    private final CSystem system;
    private final Mm mm;
    private final Slab slab;
    private final Vmalloc areas;
    private final PageAllocator pages;
    private final Cpu cpu;

    MmServices(CSystem system) {
        this.system = system;
        mm = system.kernel().mm();
        slab = mm.slab();
        areas = mm.vmalloc();
        pages = mm.pages();
        cpu = system.kernel().machine().cpu();
    }

    @Override
    public void register(Registry to) {
        to.add("access_violation", this::access);
        to.add("index_violation", this::index);
        to.add("object_violation", this::object);
        to.add("kmalloc", this::kmalloc);
        to.add("krealloc", this::krealloc);
        to.add("kfree", this::kfree);
        to.add("ksize", call -> slab.ksize(call.arg(0)));
        to.add("vmalloc", this::vmalloc);
        to.add("vfree", this::vfree);
        to.add("vmap", this::vmap);
        to.add("vunmap", this::vunmap);
        to.add("alloc_pages", this::allocPages);
        to.add("free_pages", this::freePages);
        to.add("pages_order", call -> pages.allocatedOrder(call.arg(0)));
        to.add("virt_to_phys", this::virtToPhys);
    }

    /** Address, bytes, whether it is a store; answers 1 when the hardware would refuse it. */
    private long access(Call call) {
        MemoryChecks.Outcome outcome = mm.checks().access(call.arg(0), call.arg(1), call.isArg(2));
        return outcome == MemoryChecks.Outcome.FAULTS ? 1 : 0;
    }

    /** Text of the array's type; index, which is unsigned when the second number is not 0. */
    private long index(Call call) {
        String index =
                call.isArg(1) ? Long.toUnsignedString(call.arg(0)) : Long.toString(call.arg(0));
        system.findings()
                .report(
                        FindingId.OUT_OF_BOUNDS,
                        "index %s is out of range for type %s",
                        index,
                        call.text())
                .at(call.site())
                .add();
        return 0;
    }

    /** A function's name; bytes it was to use, bytes there are, whether it stores. */
    private long object(Call call) {
        system.findings()
                .report(
                        FindingId.OUT_OF_BOUNDS,
                        "%s() %s %d bytes of a variable of %d",
                        call.text(),
                        call.isArg(2) ? "stores" : "loads",
                        call.arg(0),
                        call.arg(1))
                .at(call.site())
                .add();
        return 0;
    }

    // Objects. An address of 0 stands for a failure: C functions answer NULL.

    private long kmalloc(Call call) {
        Gfp gfp = new Gfp(call.intArg(1));
        try {
            return gfp.has(Gfp.ZERO)
                    ? slab.kzalloc(call.arg(0), gfp)
                    : slab.kmalloc(call.arg(0), gfp);
        } catch (KernelException refused) {
            return 0;
        }
    }

    private long krealloc(Call call) {
        try {
            return slab.krealloc(call.arg(0), call.arg(1), new Gfp(call.intArg(2)));
        } catch (KernelException refused) {
            return 0;
        }
    }

    private long kfree(Call call) {
        slab.kfree(call.arg(0));
        return 0;
    }

    private long vmalloc(Call call) {
        try {
            return call.isArg(1) ? areas.vzalloc(call.arg(0)) : areas.vmalloc(call.arg(0));
        } catch (KernelException refused) {
            return 0;
        }
    }

    private long vfree(Call call) {
        areas.vfree(call.arg(0));
        return 0;
    }

    /** Page frame numbers as data; count, whether past the caches. */
    private long vmap(Call call) {
        long[] frames = new long[call.intArg(0)];
        java.nio.ByteBuffer.wrap(call.data())
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .asLongBuffer()
                .get(frames);
        try {
            return areas.vmap(
                    frames, call.isArg(1) ? MemoryType.WRITE_COMBINE : MemoryType.WRITE_BACK);
        } catch (KernelException refused) {
            return 0;
        }
    }

    private long vunmap(Call call) {
        areas.vunmap(call.arg(0));
        return 0;
    }

    // Pages, named by their physical addresses; -1 stands for a failure.

    private long allocPages(Call call) {
        try {
            return pages.allocPages(new Gfp(call.intArg(0)), call.intArg(1));
        } catch (KernelException refused) {
            return -1;
        }
    }

    private long freePages(Call call) {
        pages.freePages(call.arg(0), call.intArg(1));
        return 0;
    }

    /** The physical address behind an address of the kernel, linear or not. */
    private long virtToPhys(Call call) {
        long va = call.arg(0);
        if (AddressLayout.isLinear(va)) {
            return va - AddressLayout.LINEAR_BASE;
        }
        long entry = cpu.kernelTable().entryOf(va);
        if (entry == PageTable.UNMAPPED) {
            throw new KernelException(Errno.EFAULT, "nothing is mapped at va:0x%x", va);
        }
        return PageTable.physOf(entry, va & (VirtualMemory.PAGE_BYTES - 1));
    }

    @Override
    public void unloaded(CModule module) {
        mm.checks().reportLeaks(site -> isOf(module, site));
    }

    private boolean isOf(CModule module, long site) {
        return system.isOf(module, site);
    }
}
