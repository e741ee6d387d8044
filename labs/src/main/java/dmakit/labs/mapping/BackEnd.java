package dmakit.labs.mapping;

/** A way from the memory of a driver to its device: a board, and a word on its command line. */
public enum BackEnd {
    /** Devices take physical addresses and snoop the CPU's caches. */
    DIRECT_COHERENT("direct, coherent", "rpi3-coherent", ""),
    /** Devices take physical addresses and see RAM past the caches. */
    DIRECT("direct, non-coherent", "rpi3", ""),
    /** Everything is copied to memory that suits the device, which snoops. */
    SWIOTLB_COHERENT("SWIOTLB, coherent", "rpi3-coherent", "swiotlb=force"),
    /** Everything is copied, and the copies are maintained. */
    SWIOTLB("SWIOTLB, non-coherent", "rpi3", "swiotlb=force"),
    /** An IOMMU translates, and has forgotten a mapping when it is unmapped. */
    IOMMU_STRICT("IOMMU strict, non-coherent", "rpi3-smmu", "iommu.strict=1"),
    /** An IOMMU translates, and forgets many mappings at once, some time after. */
    IOMMU_LAZY("IOMMU lazy, non-coherent", "rpi3-smmu", "iommu.strict=0"),
    /** An IOMMU lets everything through as it is. */
    IOMMU_OFF("IOMMU off, non-coherent", "rpi3-smmu", "iommu.passthrough=1");

    private final String label;
    private final String board;
    private final String commandLine;

    BackEnd(String label, String board, String commandLine) {
        this.label = label;
        this.board = board;
        this.commandLine = commandLine;
    }

    /** For readers. */
    public String label() {
        return label;
    }

    /** The board that has it, built in. */
    public String board() {
        return board;
    }

    /** What the kernel is told. */
    public String commandLine() {
        return commandLine;
    }

    /** For programs and readers. */
    @Override
    public String toString() {
        return label;
    }
}
