package dmakit.labs.mapping;

import dmakit.board.Board;

/** A way from the memory of a driver to its device: a board, and a word on its command line. */
public enum BackEnd {
    /** Devices take physical addresses and snoop the CPU's caches. */
    DIRECT_COHERENT("direct, coherent", "rpi3-coherent", ""),
    /** Everything is copied to memory that suits the device. */
    SWIOTLB_COHERENT("SWIOTLB, coherent", "rpi3-coherent", "swiotlb=force"),
    /** An IOMMU translates, and has forgotten a mapping when it is unmapped. */
    IOMMU_STRICT_COHERENT("IOMMU strict, coherent", "rpi3-smmu", "iommu.strict=1"),
    /** An IOMMU translates, and forgets many mappings at once, some time after. */
    IOMMU_LAZY_COHERENT("IOMMU lazy, coherent", "rpi3-smmu", "iommu.strict=0"),
    /** Devices take physical addresses and see RAM past the caches. */
    DIRECT("direct, non-coherent", "rpi3", ""),
    /** Everything is copied, and the copies are maintained. */
    SWIOTLB("SWIOTLB, non-coherent", "rpi3", "swiotlb=force"),
    /** As the coherent one, with maintenance of the caches. */
    IOMMU_STRICT("IOMMU strict, non-coherent", "rpi3-smmu", "iommu.strict=1"),
    /** As the coherent one, with maintenance of the caches. */
    IOMMU_LAZY("IOMMU lazy, non-coherent", "rpi3-smmu", "iommu.strict=0");

    /** The controller snoops, and so does what reads the page tables for it. */
    private static final String SNOOPING_IOMMU =
            """
            /dts-v1/;
            /plugin/;

            &soc {
                dma-coherent;
            };

            &smmu {
                dma-coherent;
            };
            """;

    private final String label;
    private final String boardName;
    private final String commandLine;

    BackEnd(String label, String boardName, String commandLine) {
        this.label = label;
        this.boardName = boardName;
        this.commandLine = commandLine;
    }

    /** Whether devices snoop the CPU's caches. */
    public boolean isCoherent() {
        return name().endsWith("_COHERENT");
    }

    /** Whether an IOMMU translates. */
    public boolean translates() {
        return name().startsWith("IOMMU");
    }

    /** The board that has it, or nearly so: a built-in one, whose IOMMU snoops where wanted. */
    public Board board() {
        Board board = Board.of(boardName);
        return translates() && isCoherent()
                ? board.withOverlay(SNOOPING_IOMMU, "snooping-iommu.dtso")
                : board;
    }

    /** What the kernel is told. */
    public String commandLine() {
        return commandLine;
    }

    /** For readers. */
    public String label() {
        return label;
    }

    /** For programs and readers. */
    @Override
    public String toString() {
        return label;
    }
}
