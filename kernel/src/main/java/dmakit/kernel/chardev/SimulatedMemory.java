package dmakit.kernel.chardev;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.MemoryType;
import dmakit.machine.cpu.PageTable;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Memory of a process whose program runs in the simulation: every page is one of the machine's. */
final class SimulatedMemory implements UserMemory {
    private static final int PAGE_BYTES = AddressLayout.PAGE_BYTES;

    /** Pages that came in one piece and go back in one, once no pin holds any of them. */
    private static final class Block {
        private final long phys;
        private final long bytes;
        private boolean mapped = true;
        private int pins;

        Block(long phys, long bytes) {
            this.phys = phys;
            this.bytes = bytes;
        }
    }

    /** Maps the page at an address where a driver serves faults. */
    @FunctionalInterface
    interface FaultHandler {
        /** Answers whether a page is there now. */
        boolean fault(long va, boolean write);
    }

    private final Cpu cpu;
    private final UserProcess.AnonymousMemory pages;
    private final FaultHandler faults;
    private final PageTable table = new PageTable(AddressLayout.USER_BASE, AddressLayout.USER_SIZE);
    private final NavigableMap<Long, Block> blocks = new TreeMap<>();

    SimulatedMemory(Cpu cpu, UserProcess.AnonymousMemory pages, FaultHandler faults) {
        this.cpu = cpu;
        this.pages = pages;
        this.faults = faults;
    }

    PageTable table() {
        return table;
    }

    /** Maps fresh zeroed pages. */
    void allocate(long va, long bytes) {
        long phys = pages.allocate(bytes);
        table.map(va, phys, bytes, MemoryType.WRITE_BACK);
        blocks.put(phys, new Block(phys, bytes));
    }

    /** Unmaps what {@link #allocate} mapped; pinned pages stay with who pinned them. */
    void free(long va, long bytes) {
        long phys = PageTable.physOf(table.entryOf(va), 0);
        table.unmap(va, bytes);
        Block block = blocks.get(phys);
        if (block == null || block.bytes != bytes) {
            throw new IllegalStateException("no pages at user:0x%x".formatted(va));
        }
        block.mapped = false;
        freeUnused(block);
    }

    private void freeUnused(Block block) {
        if (!block.mapped && block.pins == 0) {
            blocks.remove(block.phys);
            pages.free(block.phys, block.bytes);
        }
    }

    @Override
    public boolean isUser(long va, long bytes) {
        return bytes >= 0
                && AddressLayout.isUser(va)
                && bytes <= AddressLayout.USER_BASE + AddressLayout.USER_SIZE - va;
    }

    @Override
    public int load(long va, byte[] into, int offset, int length) {
        int done = 0;
        while (done < length && isMapped(va + done, false)) {
            int piece = piece(va + done, length - done);
            cpu.userTable(table);
            try {
                cpu.load(va + done, into, offset + done, piece);
            } finally {
                cpu.userTable(null);
            }
            done += piece;
        }
        return done;
    }

    @Override
    public int store(long va, byte[] from, int offset, int length) {
        int done = 0;
        while (done < length && isMapped(va + done, true)) {
            int piece = piece(va + done, length - done);
            cpu.userTable(table);
            try {
                cpu.store(va + done, from, offset + done, piece);
            } finally {
                cpu.userTable(null);
            }
            done += piece;
        }
        return done;
    }

    private boolean isMapped(long va, boolean write) {
        return table.entryOf(va) != PageTable.UNMAPPED || faults.fault(va, write);
    }

    private static int piece(long va, int bytes) {
        return (int) Math.min(bytes, PAGE_BYTES - (va & (PAGE_BYTES - 1)));
    }

    @Override
    public PageTable tableFor(long start, long bytes) {
        return table;
    }

    @Override
    public int pin(long va, long[] into, boolean write) {
        int done = 0;
        while (done < into.length) {
            Block block = blockAt(va + (long) done * PAGE_BYTES);
            if (block == null) {
                break;
            }
            block.pins++;
            into[done] = PageTable.physOf(table.entryOf(va + (long) done * PAGE_BYTES), 0);
            done++;
        }
        if (done == 0) {
            throw new KernelException(
                    Errno.EFAULT, "nothing at user:0x%x can be pinned: no memory of its own", va);
        }
        return done;
    }

    /** Only what the process allocated has pages to count: a driver's mapping has not. */
    private @Nullable Block blockAt(long va) {
        long entry = table.entryOf(va);
        return entry == PageTable.UNMAPPED ? null : blockOf(PageTable.physOf(entry, 0));
    }

    private @Nullable Block blockOf(long phys) {
        Map.Entry<Long, Block> below = blocks.floorEntry(phys);
        return below != null && phys - below.getKey() < below.getValue().bytes
                ? below.getValue()
                : null;
    }

    @Override
    public void unpin(long phys, boolean dirty) {
        Block block = blockOf(phys);
        if (block == null || block.pins == 0) {
            throw new IllegalArgumentException("phys:0x%x is not pinned".formatted(phys));
        }
        block.pins--;
        freeUnused(block);
    }
}
