package dmakit.board.dmatest;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.machine.Machine;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The controllers that move memory, each with the boards it is found on. A new one is one line
 * here: every test of this package takes it up.
 */
enum TestedController {
    BCM2835("rpi3", "3f007000.dma-controller", "soc", Iommu.board("rpi3-smmu"), 0),
    XDMAC("lan9691", "e0068000.dma-controller", "axi", Iommu.smmu("dma", 1, "0 %d 4"), 0, 1),
    AXI_COPY("zynqmp", "a0060000.dma-controller", "amba_pl", Iommu.board("zynqmp-smmu"), 0),
    AXI_CDMA("zynqmp", "a0030000.dma", "amba_pl", Iommu.board("zynqmp-smmu"), 0),
    PL330("stratix10", "ffda0000.dma-controller", "soc", Iommu.board("stratix10-smmu"), 0),
    MSGDMA("stratix10", "f9000000.dma-controller", "soc", Iommu.MSGDMA_BEHIND_SMMU, 0),
    IOAT("pc", "0000:00:05.0", "", Iommu.commandLine("intel_iommu=on"), 0),
    PLX("pc", "0000:00:04.0", "", Iommu.commandLine("intel_iommu=on"), 0);

    private final String board;
    private final String device;
    private final String coherentNode;
    private final Iommu iommu;
    private final int[] operations;

    /**
     * One line of the table.
     *
     * @param board it is on
     * @param device its name, as the parameter {@code device} takes it
     * @param coherentNode label of the node that makes it snoop; empty where it always does
     * @param iommu how it gets behind one
     * @param operations values of the parameter {@code dmatest} that give it threads
     */
    TestedController(
            String board, String device, String coherentNode, Iommu iommu, int... operations) {
        this.board = board;
        this.device = device;
        this.coherentNode = coherentNode;
        this.iommu = iommu;
        this.operations = operations;
    }

    String device() {
        return device;
    }

    List<Integer> operations() {
        return Arrays.stream(operations).boxed().toList();
    }

    /**
     * How a controller gets behind an IOMMU.
     *
     * @param board that has it there; empty for the controller's own
     * @param overlay that puts it there; empty for none
     * @param commandLine with which the kernel uses the IOMMU
     */
    record Iommu(String board, String overlay, String commandLine) {
        private static final int CONTEXTS = 16;
        private static final int FIRST_LINE = 150;

        private static final Iommu MSGDMA_BEHIND_SMMU =
                new Iommu(
                        "",
                        """
                        /dts-v1/;
                        /plugin/;

                        &smmu {
                            status = "okay";
                        };

                        &msgdma {
                            iommus = <&smmu 9>;
                        };
                        """,
                        "");

        static Iommu board(String name) {
            return new Iommu(name, "", "");
        }

        static Iommu commandLine(String words) {
            return new Iommu("", "", words);
        }

        /**
         * An MMU-500 that the board has not.
         *
         * @param master label of the controller's node
         * @param cells how many an address has in the root node
         * @param interrupt a format of an interrupt's cells
         */
        static Iommu smmu(String master, int cells, String interrupt) {
            String interrupts =
                    IntStream.rangeClosed(0, CONTEXTS)
                            .mapToObj(i -> "<" + interrupt.formatted(FIRST_LINE + i) + ">")
                            .collect(Collectors.joining(", "));
            String reg = cells == 1 ? "0x50000000 0x20000" : "0 0x50000000 0 0x20000";
            String overlay =
                    """
                    /dts-v1/;
                    /plugin/;

                    &{/} {
                        smmu: iommu@50000000 {
                            compatible = "arm,mmu-500", "arm,smmu-v2";
                            reg = <%s>;
                            #iommu-cells = <1>;
                            #global-interrupts = <1>;
                            interrupts = %s;
                        };
                    };

                    &%s {
                        iommus = <&smmu 0x10>;
                    };
                    """;
            return new Iommu("", overlay.formatted(reg, interrupts, master), "");
        }
    }

    /** A FIFO for the one board that has none. */
    private static final String RPI3_FIFO =
            """
            /dts-v1/;
            /plugin/;

            &soc {
                fifo@7e310000 {
                    compatible = "dmakit,loopback-fifo";
                    reg = <0x7e310000 0x100>;
                    dmas = <&dma 8>, <&dma 9>;
                    dma-names = "tx", "rx";
                };
            };
            """;

    /** A way from memory to a controller. */
    enum Way {
        DIRECT(false, ""),
        SWIOTLB(false, "swiotlb=force"),
        IOMMU_STRICT(true, "iommu.strict=1"),
        IOMMU_LAZY(true, "iommu.strict=0");

        private final boolean translates;
        private final String commandLine;

        Way(boolean translates, String commandLine) {
            this.translates = translates;
            this.commandLine = commandLine;
        }

        /** Whether an IOMMU lies in between. */
        boolean translates() {
            return translates;
        }
    }

    /** What the CPU's caches are like, and whether the controller sees into them. */
    enum Caches {
        SNOOPED(Optional.empty()),
        AS_ON_THE_BOARD(Optional.empty()),
        ENDLESS(Optional.of(new Machine.Cache.None())),
        ADVERSARY(Optional.of(new Machine.Cache.Adversary()));

        private final Optional<Machine.Cache> cache;

        Caches(Optional<Machine.Cache> cache) {
            this.cache = cache;
        }
    }

    /** Whether there are such caches: a board that always snoops shows none. */
    boolean has(Caches caches) {
        return caches == Caches.SNOOPED || !coherentNode.isEmpty();
    }

    /** Whether its driver starts nothing before it is issued; Linux has some that do not wait. */
    boolean waitsForIssue() {
        return this == BCM2835 || this == AXI_COPY || this == PL330 || this == MSGDMA;
    }

    /** Whether a FIFO can be wired to it. */
    boolean hasFifo() {
        return this == BCM2835 || this == XDMAC || this == PL330;
    }

    /** A machine with the controller. */
    Simulation boot(Way way, Caches caches, long seed, List<String> console) {
        return boot(way, caches, seed, console, "");
    }

    /** A machine with the controller, and a FIFO wired to it where there can be one. */
    Simulation bootWithFifo(Way way, Caches caches, long seed, List<String> console) {
        return boot(way, caches, seed, console, this == BCM2835 ? RPI3_FIFO : "");
    }

    private Simulation boot(Way way, Caches caches, long seed, List<String> console, String parts) {
        Board built = Board.of(way.translates && !iommu.board.isEmpty() ? iommu.board : board);
        if (!parts.isEmpty()) {
            built = built.withOverlay(parts, "parts.dtso");
        }
        String words = way.translates ? iommu.commandLine : "";
        if (way.translates) {
            if (!iommu.overlay.isEmpty()) {
                built = built.withOverlay(iommu.overlay, "smmu.dtso");
            }
        }
        if (caches == Caches.SNOOPED && !coherentNode.isEmpty()) {
            String overlay = "/dts-v1/; /plugin/; &%s { dma-coherent; };".formatted(coherentNode);
            built = built.withOverlay(overlay, "snooping.dtso");
            if (way.translates) {
                String walks = "/dts-v1/; /plugin/; &smmu { dma-coherent; };";
                built = built.withOverlay(walks, "snooping-iommu.dtso");
            }
        }
        return Simulation.boot(
                built,
                new Simulation.Options(seed, caches.cache, way.commandLine + " " + words),
                List.of(),
                console::add);
    }
}
