package dmakit.cmodule.service;

import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.chardev.UserProcess;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.MemoryChecks;
import dmakit.kernel.mm.Mm;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.mm.Slab;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.kernel.mm.Vmalloc;
import dmakit.kernel.mm.Zone;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.MemoryType;
import dmakit.machine.cpu.PageTable;
import dmakit.machine.memory.Ram;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/** Memory: objects, pages and virtual areas, and the accesses that the shadow does not allow. */
final class MmServices implements ServiceGroup {
    private static final int PAGE_SHIFT = 12;

    private final CSystem system;
    private final Mm mm;
    private final Slab slab;
    private final Vmalloc areas;
    private final PageAllocator pages;
    private final Cpu cpu;
    private final Ram ram;
    private final DeviceMemory devres;
    private final Map<Long, Pin> pinned = new HashMap<>();

    private long zeroPage = PageAllocator.NONE;

    private record Pin(UserProcess process, int count) {}

    MmServices(CSystem system) {
        this.system = system;
        mm = system.kernel().mm();
        slab = mm.slab();
        areas = mm.vmalloc();
        pages = mm.pages();
        cpu = system.kernel().machine().cpu();
        ram = system.kernel().machine().ram();
        devres = new DeviceMemory(system);
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
        to.add("split_pages", this::splitPages);
        to.add("zero_page", this::zeroPage);
        to.add("pin_user_pages", this::pinUserPages);
        to.add("unpin_user_page", this::unpinUserPage);
        to.add("virt_to_phys", this::virtToPhys);
        to.add("pfn_valid", call -> ram.contiguousFrom(call.arg(0) << PAGE_SHIFT) != 0 ? 1 : 0);
        to.add("totalram_pages", _ -> pages.managedPages());
        to.add("freeram_pages", _ -> freePages());
        to.add("memory_end", _ -> ram.banks().getLast().end());
        to.add("cache_flush", this::flush);
        to.add("ksize_asked", this::sizeAsked);
        to.add("devm_kmalloc", this::devmKmalloc);
        to.add("devm_kfree", call -> releaseOf(call.arg(0), call.arg(1)));
        to.add("devm_add_pages", this::devmAddPages);
        to.add("devm_free_pages", call -> releaseOf(call.arg(0), call.arg(1)));
    }

    /** Address, bytes, whether it is a store; answers 1 when the hardware would refuse it. */
    private long access(Call call) {
        MemoryChecks.Outcome outcome = mm.checks().access(call.arg(0), call.arg(1), call.isArg(2));
        if (outcome == MemoryChecks.Outcome.GOES_ON) {
            return 0;
        }
        system.refuse(call.arg(0));
        return 1;
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
        ByteBuffer.wrap(call.data()).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(frames);
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

    /** The kernel's own page of zeroes: nobody's to free. */
    private long zeroPage(Call call) {
        if (zeroPage == PageAllocator.NONE) {
            zeroPage = pages.take(Gfp.KERNEL.with(Gfp.ZERO), 0);
        }
        return zeroPage;
    }

    private long splitPages(Call call) {
        pages.splitPage(call.arg(0), call.intArg(1));
        return 0;
    }

    private long freePages() {
        long free = 0;
        for (Zone zone : Zone.values()) {
            free += pages.freePages(zone);
        }
        return free;
    }

    /** Address, count, whether they are written; their physical addresses go back as data. */
    private long pinUserPages(Call call) {
        UserProcess process = system.kernel().processes().current();
        if (process == null) {
            throw new KernelException(Errno.EFAULT, "a kernel thread has no pages of a process");
        }
        long[] phys = new long[call.intArg(1)];
        int count =
                process.memory().pin(call.arg(0) & -VirtualMemory.PAGE_BYTES, phys, call.isArg(2));
        ByteBuffer.wrap(call.data())
                .order(ByteOrder.LITTLE_ENDIAN)
                .asLongBuffer()
                .put(phys, 0, count);
        for (int i = 0; i < count; i++) {
            pinned.merge(phys[i], new Pin(process, 1), (a, b) -> new Pin(a.process, a.count + 1));
            // The process writes to it when it likes.
            ram.shadow().written(phys[i], VirtualMemory.PAGE_BYTES);
        }
        return count;
    }

    /** Physical address, whether it was written. */
    private long unpinUserPage(Call call) {
        Pin pin = pinned.get(call.arg(0));
        if (pin != null) {
            if (pin.count == 1) {
                pinned.remove(call.arg(0));
            } else {
                pinned.put(call.arg(0), new Pin(pin.process, pin.count - 1));
            }
            pin.process.memory().unpin(call.arg(0), call.isArg(1));
        }
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

    /** Address and size: its lines reach RAM, and the CPU forgets them. */
    private long flush(Call call) {
        if (AddressLayout.isLinear(call.arg(0))) {
            long phys = call.arg(0) - AddressLayout.LINEAR_BASE;
            cpu.clean(phys, call.arg(1));
            cpu.invalidate(phys, call.arg(1));
        }
        return 0;
    }

    /** The size an object was asked for with, or its real one where that is not known. */
    private long sizeAsked(Call call) {
        MemoryChecks.Held held = mm.checks().objectAt(call.arg(0));
        return held == null ? slab.ksize(call.arg(0)) : held.size();
    }

    // Memory that goes with its device's driver.

    private long devmKmalloc(Call call) {
        Gfp gfp = new Gfp(call.intArg(2));
        long va;
        try {
            va =
                    gfp.has(Gfp.ZERO)
                            ? slab.kzalloc(call.arg(1), gfp)
                            : slab.kmalloc(call.arg(1), gfp);
        } catch (KernelException refused) {
            return 0;
        }
        devres.add("devm_kmalloc", call.arg(0), va, () -> slab.kfree(va));
        return va;
    }

    private long devmAddPages(Call call) {
        long va = call.arg(1);
        int order = call.intArg(2);
        devres.add("devm_get_free_pages", call.arg(0), va, () -> pages.freePagesAt(va, order));
        return 0;
    }

    private long releaseOf(long device, long va) {
        if (!devres.release(device, va)) {
            system.findings()
                    .report(
                            FindingId.INVALID_FREE,
                            "devm_kfree(0x%x) of what this device does not hold",
                            va)
                    .add();
        }
        return 0;
    }

    @Override
    public void unloaded(CModule module) {
        mm.checks().reportLeaks(site -> isOf(module, site));
    }

    private boolean isOf(CModule module, long site) {
        return system.isOf(module, site);
    }
}
