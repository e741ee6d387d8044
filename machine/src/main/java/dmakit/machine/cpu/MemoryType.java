package dmakit.machine.cpu;

/** How the CPU reaches a page. */
public enum MemoryType {
    /** Through the caches: ordinary memory. */
    WRITE_BACK,
    /** Past the caches, stores may be gathered: Normal Non-Cacheable, {@code pgprot_dmacoherent}. */
    WRITE_COMBINE,
    /** Past the caches, every access by itself and in order: registers. */
    DEVICE
}
