package dmakit.kernel.mm;

/** Memory that somebody outside of memory management was given, while mistakes are looked for. */
final class Allocation {
    /** Which functions it belongs to. */
    enum Kind {
        /** {@code kmalloc} and {@code kfree}. */
        SLAB("kmalloc", "kfree"),
        /** {@code alloc_pages} and {@code free_pages}. */
        PAGES("alloc_pages", "free_pages"),
        /** {@code vmalloc} and {@code vfree}. */
        AREA("vmalloc", "vfree"),
        /** {@code ioremap} and {@code iounmap}. */
        REGISTERS("ioremap", "iounmap");

        private final String allocate;
        private final String free;

        Kind(String allocate, String free) {
            this.allocate = allocate;
            this.free = free;
        }

        /** The function that allocates it. */
        String allocate() {
            return allocate;
        }

        /** The function that frees it. */
        String free() {
            return free;
        }
    }

    private final Kind kind;
    private final long va;
    private final long room;
    private final int order;
    private final long site;
    private long size;
    private long freedAt;

    /**
     * Notes one.
     *
     * @param size asked for, in bytes
     * @param room bytes from {@code va} on that nobody else has
     * @param order of its pages, for {@link Kind#PAGES}
     * @param site of the driver that asked
     */
    Allocation(Kind kind, long va, long size, long room, int order, long site) {
        this.kind = kind;
        this.va = va;
        this.size = size;
        this.room = room;
        this.order = order;
        this.site = site;
    }

    Kind kind() {
        return kind;
    }

    long va() {
        return va;
    }

    long size() {
        return size;
    }

    void size(long bytes) {
        size = bytes;
    }

    long room() {
        return room;
    }

    int order() {
        return order;
    }

    long site() {
        return site;
    }

    long freedAt() {
        return freedAt;
    }

    void freedAt(long where) {
        freedAt = where;
    }

    boolean holds(long address) {
        return address >= va && address - va < Math.max(room, 1);
    }
}
