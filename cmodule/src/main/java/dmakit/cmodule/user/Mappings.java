package dmakit.cmodule.user;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.chardev.File;
import dmakit.kernel.chardev.UserProcess;
import dmakit.kernel.mm.Vma;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.MemoryType;
import dmakit.machine.cpu.PageTable;
import dmakit.machine.memory.Ram;
import dmakit.machine.memory.SharedSegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.Predicate;

/** Mapped files: which pages of the machine a program gets to see. */
final class Mappings {
    private static final int PAGE_BYTES = AddressLayout.PAGE_BYTES;
    private static final int PIECE_COUNT_MAX = Wire.DATA_MAX / Wire.PIECE_BYTES;
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int PROT_EXEC = 4;
    private static final int MAP_SHARED = 1;

    private final Kernel kernel;
    private final Ram ram;
    private final CachedPages cached;
    private final List<Mapped> all = new ArrayList<>();

    /** What one process has mapped at one place. */
    private record Mapped(UserProcess process, long start, List<Piece> pieces) {}

    Mappings(Kernel kernel, CachedPages cached) {
        this.kernel = kernel;
        this.cached = cached;
        ram = kernel.machine().ram();
    }

    /** A run of pages, as {@code wire_piece}. */
    private record Piece(long offset, long length, long from, int segment) {
        boolean isContinuedBy(Piece next) {
            return segment == next.segment
                    && offset + length == next.offset
                    && from + length == next.from;
        }

        Piece with(Piece next) {
            return new Piece(offset, length + next.length, from, segment);
        }
    }

    /**
     * Maps a file at an address that the program has reserved. For a file of -1 hands out the
     * segment of a number that an earlier answer named.
     */
    Answer map(UserProcess process, Message message, OpenFiles files) {
        if (message.intValue(0) < 0) {
            return segment(message.intValue(1));
        }
        OpenFile open = files.of(message.intValue(0));
        File file = open.file();
        if (file == null) {
            throw new KernelException(Errno.ENODEV, "%s cannot be mapped", open.node());
        }
        long bytes = message.value(1);
        long start = message.value(5);
        int protection = message.intValue(2);
        long flags = flagsOf(protection, message.intValue(3));
        Vma vma = process.mmap(file, start, bytes, message.value(4), flags);
        try {
            List<Piece> pieces = pieces(vma, (protection & PROT_WRITE) != 0);
            add(new Mapped(process, start, pieces));
            return Answer.of(0, bytes(pieces)).withSecond(start);
        } catch (RuntimeException e) {
            process.munmap(start, bytes);
            throw e;
        }
    }

    /** Unmaps what {@link #map} answered. */
    Answer unmap(UserProcess process, Message message) {
        long start = message.value(0);
        Vma vma = process.vmaAt(start);
        if (vma != null) {
            removeIf(mapped -> mapped.process().equals(process) && mapped.start() == start);
            process.munmap(start, vma.size());
        }
        return Answer.of(0);
    }

    private void add(Mapped mapped) {
        all.add(mapped);
        mapped.pieces().forEach(piece -> cachedPages(piece, cached::add));
    }

    private void removeIf(Predicate<Mapped> gone) {
        for (Mapped mapped : List.copyOf(all)) {
            if (gone.test(mapped)) {
                all.remove(mapped);
                mapped.pieces().forEach(piece -> cachedPages(piece, cached::remove));
            }
        }
    }

    private void cachedPages(Piece piece, LongConsumer action) {
        if (piece.segment() == descriptor(ram.cpuShare())) {
            for (long done = 0; done < piece.length(); done += PAGE_BYTES) {
                action.accept(piece.from() + done);
            }
        }
    }

    /** Whether any program has something mapped. */
    boolean isAny() {
        return !all.isEmpty();
    }

    /** A child has what its parent has. */
    void inherit(UserProcess child, UserProcess parent) {
        for (Mapped mapped : List.copyOf(all)) {
            if (mapped.process().equals(parent)) {
                add(new Mapped(child, mapped.start(), mapped.pieces()));
            }
        }
    }

    /** A process has ended, or become another program. */
    void forget(UserProcess process) {
        removeIf(mapped -> mapped.process().equals(process));
    }

    private static long flagsOf(int protection, int flags) {
        return Vma.MAY_ALL
                | ((protection & PROT_READ) != 0 ? Vma.READ : 0)
                | ((protection & PROT_WRITE) != 0 ? Vma.WRITE : 0)
                | ((protection & PROT_EXEC) != 0 ? Vma.EXEC : 0)
                | ((flags & MAP_SHARED) != 0 ? Vma.SHARED : 0);
    }

    /** Pages that only a fault would bring are brought now: a program's own faults are its own. */
    private List<Piece> pieces(Vma vma, boolean write) {
        var pieces = new ArrayList<Piece>();
        for (long va = vma.start(); va < vma.end(); va += PAGE_BYTES) {
            if (!vma.fault(va, write)) {
                continue;
            }
            Piece piece = piece(vma, va);
            if (!pieces.isEmpty() && pieces.getLast().isContinuedBy(piece)) {
                pieces.set(pieces.size() - 1, pieces.getLast().with(piece));
            } else {
                pieces.add(piece);
            }
        }
        if (pieces.size() > PIECE_COUNT_MAX) {
            throw new KernelException(
                    Errno.ENOMEM,
                    "the mapping lies in %d places of RAM, at most %d can be shown to a program",
                    pieces.size(),
                    PIECE_COUNT_MAX);
        }
        return pieces;
    }

    private Piece piece(Vma vma, long va) {
        long entry = vma.table().entryOf(va);
        long phys = PageTable.physOf(entry, 0);
        long offset = ram.offsetOf(phys, PAGE_BYTES);
        if (offset == Ram.NOT_RAM) {
            kernel.log()
                    .warn(
                            "mmap of registers at phys:0x%x: a native program cannot touch them",
                            phys);
            throw new KernelException(Errno.ENXIO, "phys:0x%x is no RAM", phys);
        }
        SharedSegment segment =
                PageTable.typeOf(entry) == MemoryType.WRITE_BACK ? ram.cpuShare() : ram.dramShare();
        return new Piece(va - vma.start(), PAGE_BYTES, offset, descriptor(segment));
    }

    private static int descriptor(SharedSegment segment) {
        return segment.descriptor()
                .orElseThrow(() ->
                        new KernelException(Errno.ENODEV, "RAM cannot be shared on this system"));
    }

    private Answer segment(int number) {
        if (number != descriptor(ram.cpuShare()) && number != descriptor(ram.dramShare())) {
            throw new KernelException(Errno.EINVAL, "no segment %d", number);
        }
        return Answer.of(0).withAttachment(Wire.Attachment.SEGMENT, number);
    }

    private static byte[] bytes(List<Piece> pieces) {
        ByteBuffer out =
                ByteBuffer.allocate(pieces.size() * Wire.PIECE_BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN);
        for (Piece piece : pieces) {
            out.putLong(piece.offset()).putLong(piece.length());
            out.putLong(piece.from()).putLong(piece.segment());
        }
        return out.array();
    }
}
