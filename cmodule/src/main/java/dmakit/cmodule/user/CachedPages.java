package dmakit.cmodule.user;

import dmakit.machine.Machine;
import dmakit.machine.memory.CpuView;
import dmakit.machine.memory.Ram;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Cached pages that programs have mapped, on a machine whose devices do not snoop.
 *
 * <p>Loads and stores of a native program are not seen. So whenever programs get their turn, every
 * line of such a page is in the cache, as if the program had just looked at it; and what they
 * changed is found afterwards, by comparing, and marked as stored.
 */
final class CachedPages {
    private static final int PAGE_BYTES = 4096;

    private final Ram ram;
    private final CpuView caches;
    private final Map<Long, Page> pages = new TreeMap<>();

    private static final class Page {
        private final byte[] seen = new byte[PAGE_BYTES];
        private int users = 1;
    }

    CachedPages(Machine machine) {
        ram = machine.ram();
        caches = machine.caches();
    }

    /** A program has mapped a page. */
    void add(long offset) {
        if (ram.isCoherent()) {
            return;
        }
        Page known = pages.get(offset);
        if (known == null) {
            Page page = new Page();
            caches.load(offset, page.seen, 0, PAGE_BYTES);
            pages.put(offset, page);
        } else {
            known.users++;
        }
    }

    /** A program has it mapped no longer. */
    void remove(long offset) {
        Page page = pages.get(offset);
        if (page != null) {
            page.users--;
            if (page.users == 0) {
                pages.remove(offset);
            }
        }
    }

    /** Programs are about to run, after kernel code has. */
    void show() {
        pages.forEach((offset, page) -> caches.load(offset, page.seen, 0, PAGE_BYTES));
    }

    /** Time has passed beside a program that runs: lines that were dropped are filled again. */
    void refresh() {
        pages.forEach(this::refresh);
    }

    private void refresh(long offset, Page page) {
        for (int line = 0; line < PAGE_BYTES; line += Ram.LINE_BYTES) {
            if (!caches.isCached(offset + line)) {
                caches.load(offset + line, page.seen, line, Ram.LINE_BYTES);
            }
        }
    }

    /** Programs have run. */
    void collect() {
        pages.forEach(this::collect);
    }

    private void collect(long offset, Page page) {
        byte[] now = new byte[PAGE_BYTES];
        MemorySegment.copy(
                ram.cpuShare().segment(), ValueLayout.JAVA_BYTE, offset, now, 0, PAGE_BYTES);
        int from = Arrays.mismatch(now, page.seen);
        while (from >= 0) {
            int line = from & -Ram.LINE_BYTES;
            caches.store(offset + line, now, line, Ram.LINE_BYTES);
            int next = line + Ram.LINE_BYTES;
            int more = Arrays.mismatch(now, next, PAGE_BYTES, page.seen, next, PAGE_BYTES);
            from = more < 0 ? -1 : next + more;
        }
    }
}
