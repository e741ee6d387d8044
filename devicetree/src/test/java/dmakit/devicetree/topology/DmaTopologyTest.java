package dmakit.devicetree.topology;

import static dmakit.devicetree.TestTrees.dts;
import static org.assertj.core.api.Assertions.assertThat;

import dmakit.devicetree.dma.Coherence;
import dmakit.devicetree.dma.DmaWindow;
import dmakit.devicetree.topology.DmaTopology.Request;
import dmakit.devicetree.topology.DmaTopology.Stream;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class DmaTopologyTest {

    private static final String ROOT = "/ { #address-cells = <1>; #size-cells = <1>; ";
    private static final String MEMORY =
            "memory@0 { device_type = \"memory\"; reg = <0 0x1000000>; }; ";
    private static final String RESERVED =
            "reserved-memory { #address-cells = <1>; #size-cells = <1>; ranges; ";
    private static final String DMA = "dma: dma { #dma-cells = <1>; }; ";

    private static final String BOARD =
            """
            / {
                model = "Board";
                compatible = "maker,board", "maker,soc";
                #address-cells = <1>;
                #size-cells = <1>;
                memory@0 { device_type = "memory"; reg = <0 0x40000000>; };
                reserved-memory {
                    #address-cells = <1>; #size-cells = <1>; ranges;
                    vram: pool@1000000 { compatible = "shared-dma-pool"; no-map;
                        reg = <0x1000000 0x100000>; };
                };
                soc {
                    #address-cells = <1>; #size-cells = <1>;
                    dma-ranges = <0xc0000000 0 0x3f000000>;
                    dma: dma@7000 { compatible = "maker,dma"; #dma-cells = <1>;
                        dma-channels = <16>; dma-channel-mask = <0x7f35>; };
                    smmu: iommu { #iommu-cells = <1>; };
                    uart@1000 { compatible = "maker,uart"; dmas = <&dma 17>; dma-names = "rx";
                        iommus = <&smmu 5>; memory-region = <&vram>; dma-coherent;
                        status = "disabled"; };
                };
            };
            """;

    @Test
    void showsWhatABoardHas() {
        DmaTopology board = DmaTopology.of(dts(BOARD));

        assertThat(board.model()).isEqualTo("Board");
        assertThat(board.mistakes()).isEmpty();
        DmaTopology.Controller controller = board.controllers().getFirst();
        assertThat(controller.path()).isEqualTo("/soc/dma@7000");
        assertThat(controller.enabled()).isTrue();
        assertThat(controller.access().windows())
                .containsExactly(new DmaWindow(0xc000_0000L, 0, 0x3f00_0000L));
        DmaTopology.Consumer uart = board.consumers().getFirst();
        assertThat(uart.enabled()).isFalse();
        assertThat(uart.requests())
                .containsExactly(new Request(Optional.of("rx"), "/soc/dma@7000", List.of(17)));
        assertThat(uart.access().streams()).containsExactly(new Stream("/soc/iommu", List.of(5)));
        assertThat(uart.access().coherence()).isEqualTo(Coherence.COHERENT);
        assertThat(uart.memoryRegions()).containsExactly("/reserved-memory/pool@1000000");
    }

    @Test
    void readsAsText() {
        assertThat(TopologyText.of(DmaTopology.of(dts(BOARD))))
                .isEqualTo(
                        """
                        Board
                          maker,board, maker,soc

                        Memory
                          0x0-0x3fffffff  1 GiB

                        Reserved
                          0x1000000-0x10fffff  1 MiB  coherent pool no-map  /reserved-memory/pool@1000000

                        Buses with DMA windows (1)
                          /soc
                              window bus 0xc0000000-0xfeffffff = cpu 0x0-0x3effffff  1008 MiB

                        DMA controllers (1)
                          /soc/dma@7000  maker,dma
                              16 channels, mask 0x7f35, 1 cell per request
                              window bus 0xc0000000-0xfeffffff = cpu 0x0-0x3effffff  1008 MiB
                              not coherent (nothing stated)

                        Consumers (1)
                          /soc/uart@1000  maker,uart  (disabled)
                              dma rx = /soc/dma@7000 <0x11>
                              window bus 0xc0000000-0xfeffffff = cpu 0x0-0x3effffff  1008 MiB
                              coherent
                              iommu /soc/iommu <5>
                              memory /reserved-memory/pool@1000000

                        Mistakes (0)
                        """);
    }

    @Nested
    class Reports {

        @Test
        void danglingPhandles() {
            assertMistake(
                    ROOT + "d { dmas = <0x55 1>; dma-names = \"x\"; }; };",
                    "dangling-phandle /d: dmas refers to phandle 0x55 in entry 0, which no node"
                            + " has");
        }

        @Test
        void phandlesThatTwoNodesHave() {
            assertMistake(
                    ROOT + "a { phandle = <5>; }; b { phandle = <5>; }; };",
                    "duplicate-phandle /b: phandle 0x5 is that of /a already");
        }

        @Test
        void controllersWithoutCells() {
            assertMistake(
                    ROOT + "c: c { }; d { dmas = <&c 1>; dma-names = \"x\"; }; };",
                    "missing-cells /d: dmas refers in entry 0 to /c, which has no valid"
                            + " #dma-cells");
        }

        @Test
        void entriesThatAreCutOff() {
            assertMistake(
                    ROOT
                            + "c: c { #dma-cells = <2>; }; d { dmas = <&c 1>; dma-names = \"x\"; };"
                            + " };",
                    "wrong-cell-count /d: dmas ends within entry 0: /c wants 2 argument cells,"
                            + " found 1");
        }

        @Test
        void tuplesThatDoNotFit() {
            assertMistake(
                    ROOT + "d { reg = <1 2 3>; }; };",
                    "wrong-cell-count /d: reg has 12 bytes, wanted tuples of 1 + 1 cells");
            assertMistake(
                    ROOT
                            + "b { #address-cells = <2>; #size-cells = <1>; dma-ranges = <1 2 3>;"
                            + " }; };",
                    "wrong-cell-count /b: dma-ranges has 12 bytes, wanted tuples of 2 + 1 + 1"
                            + " cells");
        }

        @Test
        void namesThatDoNotMatch() {
            assertMistake(
                    ROOT + DMA + "d { dmas = <&dma 1>; dma-names = \"rx\", \"tx\"; }; };",
                    "dma-names-mismatch /d: dmas has 1 entries, dma-names has 2");
            assertMistake(
                    ROOT + DMA + "d { dma-names = \"rx\"; }; };",
                    "dma-names-mismatch /d: dma-names has 1 names, but there is no dmas");
            assertMistake(
                    ROOT + DMA + "d { dmas = <&dma 1>; }; };",
                    "dma-names-missing /d: dmas has 1 entries, but there is no dma-names by which a"
                            + " driver could ask for one");
        }

        @Test
        void requestsOfTwoEnabledDevices() {
            assertMistake(
                    ROOT
                            + DMA
                            + "a { dmas = <&dma 1>; dma-names = \"x\"; };"
                            + "b { dmas = <&dma 1>; dma-names = \"x\"; }; };",
                    "request-used-twice /b: dmas uses request <1> of /dma, which /a uses already");
        }

        @Test
        void windowsBesideTheMemory() {
            assertMistake(
                    ROOT
                            + MEMORY
                            + "b { #address-cells = <1>; #size-cells = <1>;"
                            + " dma-ranges = <0 0x80000000 0x1000>; c { #dma-cells = <1>; }; }; };",
                    "window-reaches-no-memory /b/c: dma-ranges of /b gives [bus 0x0-0xfff = cpu"
                            + " 0x80000000-0x80000fff], RAM is [0x0-0xffffff]");
        }

        @Test
        void windowsThatLeadNowhere() {
            assertMistake(
                    ROOT
                            + "a { #address-cells = <1>; #size-cells = <1>; dma-ranges = <0 0"
                            + " 0x10>; b { #address-cells = <1>; #size-cells = <1>; dma-ranges = <0"
                            + " 0x20 0x10>; c { #dma-cells = <1>; }; }; }; };",
                    "window-not-translated /a/b/c: no entry of dma-ranges of /a/b leads to a CPU"
                            + " address");
        }

        @Test
        void channelsThatAreNotThere() {
            assertMistake(
                    ROOT
                            + "c { #dma-cells = <1>; dma-channels = <8>; dma-channel-mask ="
                            + " <0x1ff>; }; };",
                    "channel-mask-beyond-channels /c: dma-channel-mask has channel 8, dma-channels"
                            + " says 8");
        }

        @Test
        void reservedRegionsThatOverlap() {
            assertMistake(
                    ROOT
                            + RESERVED
                            + "a@1000 { reg = <0x1000 0x1000>; }; b@1800 { reg = <0x1800 8>; }; };"
                            + " };",
                    "reserved-overlap /reserved-memory/b@1800: is at 0x1800-0x1807,"
                            + " /reserved-memory/a@1000 at 0x1000-0x1fff");
        }

        @Test
        void poolsTheKernelCannotUse() {
            assertMistake(
                    ROOT
                            + RESERVED
                            + "p { compatible = \"shared-dma-pool\"; reg = <0 0x1000>; }; }; };",
                    "pool-without-no-map /reserved-memory/p: is a shared-dma-pool with neither"
                            + " reusable nor no-map, wanted one of them");
            assertMistake(
                    ROOT
                            + RESERVED
                            + "p { compatible = \"shared-dma-pool\"; no-map; linux,cma-default;"
                            + " reg = <0 0x1000>; }; }; };",
                    "cma-default-not-reusable /reserved-memory/p: has linux,cma-default without"
                            + " reusable, and will not be used for CMA");
            assertMistake(
                    ROOT + RESERVED + "p { no-map; reusable; reg = <0 0x1000>; }; }; };",
                    "reusable-no-map /reserved-memory/p: is reusable and no-map, wanted one of"
                            + " them");
            assertMistake(
                    ROOT
                            + MEMORY
                            + RESERVED
                            + "p { compatible = \"shared-dma-pool\"; reusable;"
                            + " reg = <0xff0000 0x20000>; }; }; };",
                    "reserved-outside-memory /reserved-memory/p: is at 0xff0000-0x100ffff, RAM is"
                            + " [0x0-0xffffff]");
            assertMistake(
                    ROOT + RESERVED + "p { no-map; }; }; };",
                    "reserved-without-place /reserved-memory/p: has neither reg nor size, wanted"
                            + " one");
        }

        @Test
        void reservedMemoryTheKernelIgnores() {
            assertMistake(
                    ROOT + "reserved-memory { #address-cells = <1>; #size-cells = <1>; }; };",
                    "reserved-memory-ignored /reserved-memory: has no ranges; the kernel ignores"
                            + " all regions");
            assertMistake(
                    ROOT
                            + "reserved-memory { #address-cells = <2>; #size-cells = <1>; ranges;"
                            + " }; };",
                    "reserved-memory-ignored /reserved-memory: has #address-cells 2 and"
                            + " #size-cells 1, the root 1 and 1; the kernel ignores all regions");
        }

        @Test
        void interruptsOfControllersThatLeadNowhere() {
            assertMistake(
                    ROOT + "c { #dma-cells = <1>; interrupts = <1>; }; };",
                    "broken-interrupt /c: property interrupts of /c has no interrupt parent");
        }

        private static void assertMistake(String source, String mistake) {
            assertThat(DmaTopology.of(dts(source)).mistakes())
                    .extracting(m -> "%s %s: %s".formatted(m.kind().id(), m.path(), m.message()))
                    .containsExactly(mistake);
        }
    }

    @Nested
    class KeepsQuietAbout {

        @Test
        void disabledDevicesThatWouldClash() {
            assertClean(
                    ROOT
                            + DMA
                            + "a { dmas = <&dma 1>; dma-names = \"x\"; };"
                            + "b { dmas = <&dma 1>; dma-names = \"x\"; status = \"disabled\"; };"
                            + "s { status = \"disabled\"; c { dmas = <&dma 1>; }; }; };");
        }

        @Test
        void oneDeviceThatNamesALineTwice() {
            assertClean(
                    ROOT
                            + DMA
                            + "a { dmas = <&dma 1>, <&dma 1>; dma-names = \"rx\", \"tx\"; }; };");
        }

        @Test
        void memoryThatTheBootLoaderFillsIn() {
            assertClean(
                    ROOT
                            + "memory@0 { device_type = \"memory\"; reg = <0 0>; };"
                            + RESERVED
                            + "p { compatible = \"shared-dma-pool\"; reusable; reg = <0x1000"
                            + " 0x1000>; }; };b { #address-cells = <1>; #size-cells = <1>;"
                            + " dma-ranges = <0 0x80000000 0x1000>; c { #dma-cells = <1>; }; };"
                            + " };");
        }

        @Test
        void holesInLists() {
            assertClean(
                    ROOT
                            + DMA
                            + "a { dmas = <&dma 1>, <0>, <&dma 2>; dma-names = \"a\", \"b\", \"c\";"
                            + " }; };");
        }

        private static void assertClean(String source) {
            assertThat(DmaTopology.of(dts(source)).mistakes()).isEmpty();
        }
    }
}
