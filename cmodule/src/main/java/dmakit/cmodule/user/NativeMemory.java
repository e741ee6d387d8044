package dmakit.cmodule.user;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.chardev.UserMemory;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.PageTable;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Memory of a program of the host. The thread that waits for its system call copies from and to it,
 * so a bad address is found by the host's own kernel.
 */
final class NativeMemory implements UserMemory {
    /** Addresses behind it belong to the host's kernel. */
    private static final long ADDRESS_MAX = 0x7fff_ffff_f000L;

    private static final long TABLE_GRAIN = 16 << 20;

    private static final int PAGE_BYTES = AddressLayout.PAGE_BYTES;

    /** Pages of one program that may be pinned. */
    static final int PINNED_COUNT_MAX = 16_384;

    private final CommandRun run;
    private final SharedPages pages;
    private final Map<Long, Pinned> pinned = new TreeMap<>();
    private boolean ended;

    private static final class Pinned {
        private final long phys;
        private int pins;

        Pinned(long phys) {
            this.phys = phys;
        }
    }

    NativeMemory(CommandRun run, SharedPages pages) {
        this.run = run;
        this.pages = pages;
    }

    @Override
    public boolean isUser(long va, long bytes) {
        return va >= 0 && bytes >= 0 && va <= ADDRESS_MAX && bytes <= ADDRESS_MAX - va;
    }

    @Override
    public int load(long va, byte[] into, int offset, int length) {
        int done = 0;
        while (done < length) {
            int piece = Math.min(length - done, Wire.DATA_MAX);
            byte[] got = run.copyIn(va + done, piece);
            System.arraycopy(got, 0, into, offset + done, got.length);
            done += got.length;
            if (got.length < piece) {
                break;
            }
        }
        return done;
    }

    @Override
    public int store(long va, byte[] from, int offset, int length) {
        int done = 0;
        while (done < length) {
            int piece = Math.min(length - done, Wire.DATA_MAX);
            int put = run.copyOut(va + done, from, offset + done, piece);
            done += put;
            if (put < piece) {
                break;
            }
        }
        return done;
    }

    @Override
    public PageTable tableFor(long start, long bytes) {
        long base = start & -TABLE_GRAIN;
        long end = (start + bytes + TABLE_GRAIN - 1) & -TABLE_GRAIN;
        return new PageTable(base, end - base);
    }

    /**
     * Pages of the simulation take the place of the program's own, with the same contents: a device
     * and the program share them from then on, for as long as the program lives.
     */
    @Override
    public int pin(long va, long[] into, boolean write) {
        int done = 0;
        while (done < into.length && pinned.size() < PINNED_COUNT_MAX) {
            Pinned page = pin(va + (long) done * PAGE_BYTES);
            if (page == null) {
                break;
            }
            into[done] = page.phys;
            done++;
        }
        if (done == 0) {
            throw new KernelException(Errno.EFAULT, "no page of the program at 0x%x", va);
        }
        return done;
    }

    private @Nullable Pinned pin(long va) {
        Pinned page = pinned.get(va);
        if (page != null && page.pins > 0) {
            page.pins++;
            return page;
        }
        byte[] contents = new byte[PAGE_BYTES];
        if (load(va, contents, 0, PAGE_BYTES) < PAGE_BYTES) {
            return null;
        }
        if (page == null) {
            page = new Pinned(pages.allocate());
        }
        long offset = pages.fill(page.phys, contents);
        if (!run.share(va, offset, PAGE_BYTES)) {
            pages.free(page.phys);
            pinned.remove(va);
            return null;
        }
        if (pinned.put(va, page) == null) {
            run.cached().add(offset);
        }
        page.pins = 1;
        return page;
    }

    @Override
    public void unpin(long phys, boolean dirty) {
        Pinned page =
                pinned.values().stream()
                        .filter(candidate -> candidate.phys == phys && candidate.pins > 0)
                        .findFirst()
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "phys:0x%x is not pinned".formatted(phys)));
        page.pins--;
        if (page.pins == 0 && ended) {
            pinned.values().remove(page);
            pages.free(phys);
        }
    }

    /** The program has ended; pages that are pinned still go with their last pin. */
    void end() {
        ended = true;
        for (Pinned page : pinned.values()) {
            run.cached().remove(pages.offsetOf(page.phys));
        }
        pinned.values()
                .removeIf(page -> {
                    boolean unused = page.pins == 0;
                    if (unused) {
                        pages.free(page.phys);
                    }
                    return unused;
                });
    }
}
