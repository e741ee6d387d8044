package dmakit.cmodule.service;

import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.mm.IoMemory;
import dmakit.kernel.mm.MemoryChecks;
import dmakit.kernel.mm.MemoryChecks.Outcome;
import dmakit.kernel.mm.MemoryRemap;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.CpuFault;
import dmakit.machine.memory.Shadow;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

/** Registers: mapping them, and every access to them. */
final class IoServices implements ServiceGroup {
    private final CSystem system;
    private final MemoryChecks checks;
    private final Cpu cpu;
    private final IoMemory io;
    private final Findings findings;
    private final MemoryRemap remap;
    private final DeviceMemory devres;
    private final Shadow shadow;

    IoServices(CSystem system) {
        this.system = system;
        checks = system.kernel().mm().checks();
        cpu = system.kernel().machine().cpu();
        io = system.kernel().mm().io();
        findings = system.findings();
        remap = system.kernel().mm().remap();
        devres = new DeviceMemory(system);
        shadow = system.kernel().machine().ram().shadow();
    }

    @Override
    public void register(Registry to) {
        to.add("ioremap", call -> io.ioremap(call.arg(0), call.arg(1)));
        to.add("ioremap_wc", call -> io.ioremapWc(call.arg(0), call.arg(1)));
        to.add("iounmap", this::iounmap);
        to.add("memremap", call -> remap.memremap(call.arg(0), call.arg(1), call.intArg(2)));
        to.add("memunmap", this::memunmap);
        to.add("devm_ioremap", this::devmIoremap);
        to.add("devm_memremap", this::devmMemremap);
        to.add("devm_memunmap", this::devmMemunmap);
        to.add("devm_iounmap", this::devmIounmap);
        to.add("io_read", this::read);
        to.add("io_write", this::write);
        to.add("stores_in_order", this::inOrder);
        to.add("stores_out_of_order", this::outOfOrder);
        to.add("iomem_deref_load", this::derefLoad);
        to.add("iomem_deref_store", this::derefStore);
    }

    private long iounmap(Call call) {
        io.iounmap(call.arg(0));
        return 0;
    }

    private long memunmap(Call call) {
        remap.memunmap(call.arg(0));
        return 0;
    }

    private long devmIoremap(Call call) {
        long va =
                call.isArg(3)
                        ? io.ioremapWc(call.arg(1), call.arg(2))
                        : io.ioremap(call.arg(1), call.arg(2));
        devres.add("devm_ioremap", call.arg(0), va, () -> io.iounmap(va));
        return va;
    }

    private long devmMemremap(Call call) {
        long va = remap.memremap(call.arg(1), call.arg(2), call.intArg(3));
        devres.add("devm_memremap", call.arg(0), va, () -> remap.memunmap(va));
        return va;
    }

    private long devmMemunmap(Call call) {
        if (!devres.release(call.arg(0), call.arg(1))) {
            remap.memunmap(call.arg(1));
        }
        return 0;
    }

    private long devmIounmap(Call call) {
        if (!devres.release(call.arg(0), call.arg(1))) {
            io.iounmap(call.arg(1));
        }
        return 0;
    }

    /** Address, bytes; the value goes beside the result, which is 1 when the bus refuses. */
    private long read(Call call) {
        try {
            call.out(0, load(call.arg(0), call.intArg(1)));
            return 0;
        } catch (CpuFault refused) {
            return refuse(call, refused);
        }
    }

    /** Nothing answers, because nothing is mapped there or what is mapped is no device. */
    private long refuse(Call call, CpuFault refused) {
        long va = call.arg(0);
        Outcome outcome = checks.access(va, call.arg(1), refused.isWrite());
        if (outcome == Outcome.GOES_ON && refused.isUnanswered()) {
            findings.report(
                            FindingId.BUS_ERROR,
                            "%s of %d bytes at phys:0x%x, which nothing answers",
                            refused.isWrite() ? "store" : "load",
                            call.arg(1),
                            cpu.physOf(va))
                    .linux("synchronous external abort")
                    .add();
        }
        boolean told = outcome == Outcome.FAULTS || refused.isUnanswered();
        if (told && findings.isEnabled()) {
            system.refuse(va);
        }
        return 1;
    }

    /** Address, bytes, value, whether earlier stores come first; answers 1 when the bus refuses. */
    private long write(Call call) {
        try {
            if (call.isArg(3)) {
                cpu.storeBarrier();
            }
            store(call.arg(0), call.intArg(1), call.arg(2));
            return 0;
        } catch (CpuFault refused) {
            return refuse(call, refused);
        }
    }

    private long inOrder(Call call) {
        shadow.ordered();
        return 0;
    }

    /** How many stores; their physical addresses, lengths and sites as data. */
    private long outOfOrder(Call call) {
        LongBuffer stores =
                ByteBuffer.wrap(call.data()).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
        for (int i = 0; i < call.intArg(0); i++) {
            shadow.unordered(stores.get(3 * i), stores.get(3 * i + 1), stores.get(3 * i + 2));
        }
        return 0;
    }

    private long derefLoad(Call call) {
        report("load", call);
        return read(call);
    }

    private long derefStore(Call call) {
        report("store", call);
        try {
            store(call.arg(0), call.intArg(1), call.arg(2));
            return 0;
        } catch (CpuFault refused) {
            return refuse(call, refused);
        }
    }

    private void report(String verb, Call call) {
        findings.report(
                        FindingId.IOMEM_DEREF,
                        "%s of %d bytes at 0x%x, which ioremap() gave",
                        verb,
                        call.arg(1),
                        call.arg(0))
                .at(call.site())
                .add();
    }

    private long load(long va, int bytes) {
        return switch (bytes) {
            case 1 -> cpu.load8(va) & 0xffL;
            case 2 -> cpu.load16(va) & 0xffffL;
            case 4 -> cpu.load32(va) & 0xffff_ffffL;
            default -> cpu.load64(va);
        };
    }

    private void store(long va, int bytes, long value) {
        switch (bytes) {
            case 1 -> cpu.store8(va, (byte) value);
            case 2 -> cpu.store16(va, (short) value);
            case 4 -> cpu.store32(va, (int) value);
            default -> cpu.store64(va, value);
        }
    }
}
