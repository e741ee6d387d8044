package dmakit.kernel.mm;

import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.check.Role;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.MemoryType;
import dmakit.machine.cpu.PageTable;
import dmakit.machine.memory.Ram;
import dmakit.machine.memory.Shadow;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Says what is wrong with accesses of drivers to memory, and what they left behind.
 *
 * <p>Driver code that runs elsewhere asks about an access which the {@link Shadow}'s byte does not
 * simply allow; most of those are fine after all.
 */
public final class MemoryChecks {
    private static final long PAGE = VirtualMemory.PAGE_BYTES;

    private final Cpu cpu;
    private final Ram ram;
    private final Shadow shadow;
    private final Findings findings;
    private final PageAllocator pages;
    private final Vmalloc areas;
    private final Allocations allocations;
    private LongUnaryOperator origins = phys -> phys;

    /** What becomes of an access. */
    public enum Outcome {
        /** It is carried out, with or without a finding. */
        GOES_ON,
        /** Real hardware would refuse it. */
        FAULTS
    }

    MemoryChecks(Cpu cpu, Ram ram, Findings findings, PageAllocator pages, Vmalloc areas) {
        this.cpu = cpu;
        this.ram = ram;
        this.findings = findings;
        this.pages = pages;
        this.areas = areas;
        shadow = ram.shadow();
        allocations = pages.allocations();
    }

    /**
     * Sets who knows which memory is a copy of other memory, by physical address: a device that
     * reads a bounce buffer reads what a driver allocated elsewhere.
     */
    public void origins(LongUnaryOperator chosen) {
        origins = chosen;
    }

    /** Begins to look for mistakes. */
    void begin() {
        shadow.turnOn();
        shadow.watcher(new Reporter());
    }

    /**
     * A driver is about to load or store at a virtual address of the kernel.
     *
     * @param bytes at least 1
     * @return whether it can do so
     */
    public Outcome access(long va, long bytes, boolean write) {
        if (AddressLayout.isLinear(va)) {
            return accessRam(va, va - AddressLayout.LINEAR_BASE, bytes, write, true);
        }
        long done = 0;
        while (done < bytes) {
            long at = va + done;
            long entry = cpu.kernelTable().entryOf(at);
            long piece = Math.min(bytes - done, PAGE - (at & (PAGE - 1)));
            if (entry == PageTable.UNMAPPED) {
                reportUnmapped(at, bytes, write);
                return Outcome.FAULTS;
            }
            MemoryType type = PageTable.typeOf(entry);
            if (type != MemoryType.DEVICE) {
                boolean cached = type == MemoryType.WRITE_BACK;
                Outcome outcome = accessRam(at, PageTable.physOf(entry, at), piece, write, cached);
                if (outcome == Outcome.FAULTS) {
                    return outcome;
                }
            }
            done += piece;
        }
        return Outcome.GOES_ON;
    }

    private Outcome accessRam(long va, long phys, long bytes, boolean write, boolean cached) {
        if (ram.offsetOf(phys, bytes) == Ram.NOT_RAM) {
            findings.report(
                            FindingId.WILD_ACCESS,
                            "%s of %d bytes at 0x%x, where there is no memory",
                            verb(write),
                            bytes,
                            va)
                    .add();
            return Outcome.FAULTS;
        }
        Shadow.Fault fault = shadow.check(phys, bytes, write);
        while (fault != null && fault.problem() == Shadow.Problem.UNKNOWN) {
            learn(fault.phys(), va, bytes, write);
            fault = shadow.check(phys, bytes, write);
        }
        if (fault != null && (cached || fault.problem() != Shadow.Problem.STALE)) {
            report(fault, va + (fault.phys() - phys), va, bytes, write);
        }
        if (write) {
            shadow.written(phys, bytes);
        }
        return Outcome.GOES_ON;
    }

    /** Pages that were in use before mistakes were looked for are known from now on. */
    private void learn(long phys, long va, long bytes, boolean write) {
        long page = phys & -PAGE;
        if (pages.isFree(phys)) {
            findings.report(
                            FindingId.WILD_ACCESS,
                            "%s of %d bytes at 0x%x, in a page that nobody allocated",
                            verb(write),
                            bytes,
                            va)
                    .add();
        }
        shadow.known(page, PAGE);
    }

    private void report(Shadow.Fault fault, long badVa, long va, long bytes, boolean write) {
        switch (fault.problem()) {
            case REDZONE -> reportOutside(badVa, va, bytes, write);
            case FREED, FREE_PAGE -> reportFreed(badVa, va, bytes, write);
            case DEVICE_WRITES, DEVICE_READS -> reportBorrowed(fault, va, bytes, write);
            case STALE -> reportStale(fault, badVa, va, bytes);
            case UNKNOWN -> {
                // Was resolved before.
            }
        }
    }

    private void reportOutside(long badVa, long va, long bytes, boolean write) {
        Allocation object = nearest(badVa);
        if (object == null) {
            findings.report(
                            FindingId.OUT_OF_BOUNDS,
                            "%s of %d bytes at 0x%x, which is part of no object",
                            verb(write),
                            bytes,
                            va)
                    .add();
            return;
        }
        long start = object.va();
        String where =
                badVa < start
                        ? "%d bytes before".formatted(start - badVa)
                        : "%d bytes behind the end of".formatted(badVa - start - object.size());
        findings.report(
                        FindingId.OUT_OF_BOUNDS,
                        "%s of %d bytes reaches 0x%x, %s %d bytes allocated at 0x%x",
                        verb(write),
                        bytes,
                        badVa,
                        where,
                        object.size(),
                        start)
                .site(Role.ALLOCATED, object.site())
                .add();
    }

    /** The object in whose room an address lies, or else the one closest to it. */
    private @Nullable Allocation nearest(long va) {
        Allocation before = allocations.before(va);
        Allocation behind = allocations.behind(va);
        if (before == null || before.holds(va)) {
            return before == null ? behind : before;
        }
        long distance = va - before.va() - before.size();
        return behind != null && behind.va() - va < distance ? behind : before;
    }

    private void reportFreed(long badVa, long va, long bytes, boolean write) {
        Allocation object = allocations.restingAt(badVa);
        var draft =
                object == null
                        ? findings.report(
                                FindingId.USE_AFTER_FREE,
                                "%s of %d bytes at 0x%x, which is free",
                                verb(write),
                                bytes,
                                va)
                        : findings.report(
                                FindingId.USE_AFTER_FREE,
                                "%s of %d bytes at 0x%x, in %d freed bytes that began at 0x%x",
                                verb(write),
                                bytes,
                                va,
                                object.size(),
                                object.va());
        if (object != null) {
            draft.site(Role.ALLOCATED, object.site()).site(Role.FREED, object.freedAt());
        }
        draft.add();
    }

    private void reportBorrowed(Shadow.Fault fault, long va, long bytes, boolean write) {
        Shadow.Lease lease = fault.lease();
        if (lease == null) {
            return;
        }
        findings.report(
                        write
                                ? FindingId.CPU_WRITE_WHILE_DEVICE_OWNS
                                : FindingId.CPU_READ_WHILE_DEVICE_OWNS,
                        "%s of %d bytes at offset %d of %d bytes mapped for %s, which may %s them",
                        verb(write),
                        bytes,
                        physOf(va) - lease.phys(),
                        lease.bytes(),
                        lease.device(),
                        lease.use() == Shadow.Use.DEVICE_WRITES ? "write" : "read")
                .site(Role.MAPPED, lease.site())
                .device(lease.device())
                .add();
    }

    private void reportStale(Shadow.Fault fault, long badVa, long va, long bytes) {
        Shadow.Lease lease = fault.lease();
        var draft =
                findings.report(
                        FindingId.STALE_READ,
                        "load of %d bytes at 0x%x: the byte at 0x%x is cached as 0x%02x, a device"
                                + " wrote 0x%02x",
                        bytes,
                        va,
                        badVa,
                        shadow.cachedByte(fault.phys()),
                        shadow.memoryByte(fault.phys()));
        if (lease != null) {
            draft.site(Role.MAPPED, lease.site()).device(lease.device());
        } else {
            Allocation object = allocations.holding(badVa);
            draft.site(Role.ALLOCATED, object == null ? 0 : object.site());
        }
        draft.add();
    }

    private long physOf(long va) {
        return AddressLayout.isLinear(va)
                ? va - AddressLayout.LINEAR_BASE
                : PageTable.physOf(cpu.kernelTable().entryOf(va), va);
    }

    private void reportUnmapped(long va, long bytes, boolean write) {
        Allocation freed = allocations.restingAt(va);
        Vmalloc.Area before = areas.areaOf(va - PAGE);
        if (freed != null) {
            findings.report(
                            FindingId.USE_AFTER_FREE,
                            "%s at 0x%x, in %d bytes of %s that were freed",
                            verb(write),
                            va,
                            freed.size(),
                            freed.kind().allocate())
                    .site(Role.ALLOCATED, freed.site())
                    .site(Role.FREED, freed.freedAt())
                    .add();
        } else if (before != null) {
            Allocation object = allocations.at(before.start());
            findings.report(
                            FindingId.OUT_OF_BOUNDS,
                            "%s of %d bytes reaches 0x%x, behind the end of %d bytes at 0x%x",
                            verb(write),
                            bytes,
                            va,
                            before.size(),
                            before.start())
                    .site(Role.ALLOCATED, object == null ? 0 : object.site())
                    .add();
        } else {
            findings.report(
                            FindingId.WILD_ACCESS,
                            "%s of %d bytes at 0x%x, where nothing is mapped",
                            verb(write),
                            bytes,
                            va)
                    .add();
        }
    }

    /** How the memory at an address came to be, for a mapping of it: its bounds and its site. */
    public record Held(long va, long size, long site, boolean isFreed) {}

    /**
     * The object of a driver that an address lies in, live or freed lately.
     *
     * @return null when nothing is known of one
     */
    public @Nullable Held objectAt(long va) {
        Allocation object = allocations.holding(va);
        boolean freed = object == null;
        if (freed) {
            object = allocations.restingAt(va);
        }
        return object == null ? null : new Held(object.va(), object.size(), object.site(), freed);
    }

    /**
     * Reports what driver code of some sites allocated and never freed, and forgets it.
     *
     * @param ofSite tells the sites
     * @return how many objects there were
     */
    public int reportLeaks(LongPredicate ofSite) {
        List<Allocation> left = allocations.takeLive(ofSite);
        for (Allocation object : left) {
            FindingId id =
                    object.kind() == Allocation.Kind.REGISTERS
                            ? FindingId.LEAK_REGION
                            : FindingId.LEAK_MEMORY;
            findings.report(
                            id,
                            "%d bytes of %s at 0x%x are never freed",
                            object.size(),
                            object.kind().allocate(),
                            object.va())
                    .at(object.site())
                    .site(Role.ALLOCATED, object.site())
                    .add();
        }
        return left.size();
    }

    private static String verb(boolean write) {
        return write ? "store" : "load";
    }

    /** Reports what happens between caches, RAM and devices. */
    private final class Reporter implements Shadow.Watcher {
        @Override
        public void deviceDataLost(long phys) {
            FindingId id = FindingId.LOST_WRITE;
            about(
                            findings.report(
                                    id,
                                    "a dirty cache line is written back over phys:0x%x, where a"
                                            + " device wrote 0x%02x; it becomes 0x%02x",
                                    phys,
                                    shadow.memoryByte(phys),
                                    shadow.cachedByte(phys)),
                            phys)
                    .add();
        }

        @Override
        public void cpuDataUnseen(long phys, String device) {
            about(
                            findings.report(
                                    FindingId.LOST_WRITE,
                                    "%s reads 0x%02x at phys:0x%x; the 0x%02x that the CPU stored"
                                            + " is still in its cache",
                                    device,
                                    shadow.memoryByte(phys),
                                    phys,
                                    shadow.cachedByte(phys)),
                            phys)
                    .device(device)
                    .add();
        }

        @Override
        public void unwrittenRead(long at, String device) {
            long phys = origins.applyAsLong(at);
            about(
                            findings.report(
                                    FindingId.UNINITIALISED_TO_DEVICE,
                                    "%s reads phys:0x%x, which was never written since its"
                                            + " allocation",
                                    device,
                                    phys),
                            phys)
                    .device(device)
                    .add();
        }

        @Override
        public void unorderedRead(long phys, long site, String device) {
            findings.report(
                            FindingId.MISSING_BARRIER,
                            "%s is told to begin and reads phys:0x%x, which was stored before"
                                    + " without a barrier in between",
                            device,
                            phys)
                    .at(site)
                    .device(device)
                    .add();
        }

        /** Where the memory comes from; what shows it is the mapping, or else the allocation. */
        private Findings.Draft about(Findings.Draft draft, long phys) {
            long va = AddressLayout.LINEAR_BASE + phys;
            Allocation object = allocations.holding(va);
            List<Shadow.Lease> leases = shadow.leasesOf(phys, 1);
            long allocated = object == null ? 0 : object.site();
            long mapped = leases.isEmpty() ? 0 : leases.getFirst().site();
            return draft.site(Role.ALLOCATED, allocated)
                    .site(Role.MAPPED, mapped)
                    .at(mapped != 0 ? mapped : allocated);
        }
    }
}
