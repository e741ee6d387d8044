package dmakit.devicetree.dma;

import static dmakit.devicetree.TestTrees.dts;
import static dmakit.devicetree.TestTrees.node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.DeviceTreeException;
import dmakit.devicetree.Node;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class DmaTest {

    private static final String ROOT = "/ { #address-cells = <1>; #size-cells = <1>; ";
    private static final String CELLS = " #address-cells = <1>; #size-cells = <1>; ";

    @Nested
    class Reach {

        private static DmaReach reach(String source, String device) {
            DeviceTree tree = dts(source);
            return DmaReach.ofDevice(tree, node(tree, device));
        }

        @Test
        void isWhatTheBusSays() {
            DmaReach reach =
                    reach(
                            ROOT
                                    + "soc {"
                                    + CELLS
                                    + "dma-ranges = <0xc0000000 0 0x3f000000>; d { }; }; };",
                            "/soc/d");

            assertThat(reach.windows())
                    .containsExactly(new DmaWindow(0xc000_0000L, 0, 0x3f00_0000L));
            assertThat(reach.busLimit()).hasValue(0xfeff_ffffL);
            assertThat(reach.source().map(Node::path)).contains("/soc");
            assertThat(reach.toBus(0x1000)).hasValue(0xc000_1000L);
            assertThat(reach.toBus(0x3f00_0000L)).isEmpty();
            assertThat(reach.toPhys(0xfeff_ffffL)).hasValue(0x3eff_ffffL);
            assertThat(reach.toPhys(0x1000)).isEmpty();
        }

        @Test
        void isNotWhatTheDeviceItselfSays() {
            assertThat(
                            reach(
                                            ROOT
                                                    + "d {"
                                                    + CELLS
                                                    + "dma-ranges = <0x80000000 0 0x1000>; }; };",
                                            "/d")
                                    .isIdentity())
                    .isTrue();
        }

        @Test
        void goesOnUpwardsThroughEmptyRanges() {
            DmaReach reach =
                    reach(
                            ROOT
                                    + "soc {"
                                    + CELLS
                                    + "dma-ranges = <0x40000000 0 0x1000>;"
                                    + "b { dma-ranges; d { }; }; }; };",
                            "/soc/b/d");

            assertThat(reach.windows()).containsExactly(new DmaWindow(0x4000_0000L, 0, 0x1000));
        }

        @Test
        void mayLackTheRangesOnTheFirstBusOnly() {
            String far =
                    "soc {"
                            + CELLS
                            + "dma-ranges = <0x40000000 0 0x1000>; a { b { d { }; }; }; }; };";

            assertThat(reach(ROOT + far, "/soc/a/b").windows()).hasSize(1);
            assertThat(reach(ROOT + far, "/soc/a/b/d").isIdentity()).isTrue();
        }

        @Test
        void isTranslatedThroughHigherBuses() {
            DmaReach reach =
                    reach(
                            ROOT
                                    + "soc {"
                                    + CELLS
                                    + "dma-ranges = <0x80000000 0x10000000 0x1000000>;"
                                    + "b {"
                                    + CELLS
                                    + "dma-ranges = <0 0x80000000 0x1000>, <0x5000 0x90000000"
                                    + " 0x1000>; d { }; }; }; };",
                            "/soc/b/d");

            assertThat(reach.windows()).containsExactly(new DmaWindow(0, 0x1000_0000L, 0x1000));
            assertThat(reach.unreachable()).hasSize(1);
        }

        @Test
        void joinsNeighboursThatAreNeighboursOnBothSides() {
            DmaReach reach =
                    reach(
                            ROOT
                                    + "soc {"
                                    + CELLS
                                    + "dma-ranges = <0 0x1000 0x1000>, <0x1000 0x2000 0x1000>,"
                                    + " <0x2000 0x8000 0x1000>; d { }; }; };",
                            "/soc/d");

            assertThat(reach.windows())
                    .containsExactly(
                            new DmaWindow(0, 0x1000, 0x2000),
                            new DmaWindow(0x2000, 0x8000, 0x1000));
        }

        @Test
        void ofPciFunctionsIsThatOfTheHostBridge() {
            DeviceTree tree =
                    dts(
                            ROOT
                                    + "pcie@1 { device_type = \"pci\"; #address-cells = <3>;"
                                    + " #size-cells = <2>;"
                                    + " dma-ranges = <0x02000000 4 0 0 0 0xc0000000>; }; };");

            assertThat(DmaReach.ofPciFunctions(tree, node(tree, "/pcie@1")).windows())
                    .containsExactly(new DmaWindow(0x4_0000_0000L, 0, 0xc000_0000L));
            assertThat(DmaReach.ofDevice(tree, node(tree, "/pcie@1")).isIdentity()).isTrue();
        }

        @Test
        void followsTheInterconnectNamedDmaMem() {
            DmaReach reach =
                    reach(
                            ROOT
                                    + "d { interconnects = <&other 1>, <&mbus 2>;"
                                    + " interconnect-names = \"cpu\", \"dma-mem\"; };"
                                    + "other: o { #interconnect-cells = <1>; };"
                                    + "mbus: m { #interconnect-cells = <1>;"
                                    + CELLS
                                    + "dma-ranges = <0 0x40000000 0xc0000000>; }; };",
                            "/d");

            assertThat(reach.windows())
                    .containsExactly(new DmaWindow(0, 0x4000_0000L, 0xc000_0000L));
        }

        @Test
        void survivesDmaParentsInARing() {
            String ring =
                    ROOT
                            + "a: a { #interconnect-cells = <0>; interconnects = <&b>;"
                            + " interconnect-names = \"dma-mem\"; dma-ranges; };"
                            + "b: b { #interconnect-cells = <0>; interconnects = <&a>;"
                            + " interconnect-names = \"dma-mem\"; dma-ranges; }; };";

            assertThat(reach(ring, "/a").isIdentity()).isTrue();
            DeviceTree tree = dts(ring);
            assertThat(Coherence.of(tree, node(tree, "/a"))).isEqualTo(Coherence.UNSTATED);
        }
    }

    @Test
    void coherenceIsTheFirstWordOnTheWayUp() {
        DeviceTree tree = dts("/ { dma-coherent; a { b { }; n { dma-noncoherent; d { }; }; }; };");

        assertThat(Coherence.of(tree, node(tree, "/a/b"))).isEqualTo(Coherence.COHERENT);
        assertThat(Coherence.of(tree, node(tree, "/a/n/d"))).isEqualTo(Coherence.NONCOHERENT);
        DeviceTree silent = dts("/ { a { }; };");
        assertThat(Coherence.of(silent, node(silent, "/a"))).isEqualTo(Coherence.UNSTATED);
    }

    @Nested
    class Clients {

        private final DeviceTree tree =
                dts(
                        """
                        / {
                            dma: dma { #dma-cells = <1>; dma-channels = <16>; dma-requests = <32>;
                                dma-channel-mask = <0x7f35 0x1>; };
                            mux: mux { #dma-cells = <3>; dma-masters = <&dma>; };
                            old { #dma-cells = <1>; #dma-channels = <4>;
                                brcm,dma-channel-mask = <3>; };
                            smmu: iommu { #iommu-cells = <2>; };
                            uart { dmas = <&dma 17>, <0>, <&mux 1 2 3>;
                                dma-names = "rx", "no", "tx";
                                iommus = <&smmu 4 0xff>; };
                            pcie { iommu-map = <0 &smmu 0x100 0x200>; iommu-map-mask = <0xfff8>; };
                            bad { dmas = <&mux 1 2>; };
                        };
                        """);

        @Test
        void nameTheirRequests() {
            List<DmaRequest> requests = DmaRequest.of(tree, node(tree, "/uart"));

            assertThat(requests)
                    .extracting(DmaRequest::name)
                    .containsExactly(Optional.of("rx"), Optional.of("tx"));
            assertThat(requests.getFirst().controller().path()).isEqualTo("/dma");
            assertThat(requests.get(1).target().args()).containsExactly(1, 2, 3);
        }

        @Test
        void cannotCutAnEntryOff() {
            assertThatThrownBy(() -> DmaRequest.of(tree, node(tree, "/bad")))
                    .isInstanceOf(DeviceTreeException.class)
                    .hasMessageEndingWith(
                            "property dmas of /bad ends within entry 0: /mux wants 3 argument"
                                    + " cells, found 2");
        }

        @Test
        void findControllersWithTheirCounts() {
            List<DmaController> all = DmaController.all(tree);

            assertThat(all)
                    .extracting(each -> each.node().path())
                    .containsExactly("/dma", "/mux", "/old");
            assertThat(all.getFirst().channels()).hasValue(16);
            assertThat(all.getFirst().requests()).hasValue(32);
            assertThat(all.getFirst().channelMask()).containsExactly(0x7f35, 1);
            assertThat(all.get(1).masters()).containsExactly(node(tree, "/dma"));
            assertThat(all.get(2).channels()).hasValue(4);
            assertThat(all.get(2).channelMask()).containsExactly(3);
        }

        @Test
        void haveStreamIds() {
            IommuBinding uart = IommuBinding.of(tree, node(tree, "/uart"));
            IommuBinding pcie = IommuBinding.of(tree, node(tree, "/pcie"));

            assertThat(uart.streams().getFirst().args()).containsExactly(4, 0xff);
            assertThat(pcie.ranges())
                    .containsExactly(new IommuBinding.Range(0, node(tree, "/iommu"), 0x100, 0x200));
            assertThat(pcie.mapMask()).isEqualTo(0xfff8);
            assertThat(IommuBinding.of(tree, node(tree, "/bad")).isEmpty()).isTrue();
        }
    }
}
