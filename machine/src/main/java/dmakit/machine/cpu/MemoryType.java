package dmakit.machine.cpu;

/** How the CPU reaches a page. */
public enum MemoryType {
    /** Through the caches: ordinary memory. */
    WRITE_BACK(0),
    /**
     * Past the caches, stores may be gathered: Normal Non-Cacheable, {@code pgprot_dmacoherent}.
     */
    WRITE_COMBINE(1),
    /** Past the caches, every access by itself and in order: registers. */
    DEVICE(2);

    private final int code;

    MemoryType(int code) {
        this.code = code;
    }

    /** The number that stands for this type in a page table. */
    int code() {
        return code;
    }

    static MemoryType ofCode(int code) {
        return switch (code) {
            case 0 -> WRITE_BACK;
            case 1 -> WRITE_COMBINE;
            case 2 -> DEVICE;
            default -> throw new IllegalArgumentException("no memory type has code " + code);
        };
    }
}
