package dmakit.devicetree.interrupt;

import static dmakit.devicetree.TestTrees.dts;
import static dmakit.devicetree.TestTrees.node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.DeviceTreeException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InterruptSpecTest {

    private final DeviceTree tree =
            dts(
                    """
                    / {
                        interrupt-parent = <&gic>;
                        #address-cells = <1>;
                        #size-cells = <1>;
                        gic: gic { interrupt-controller; #interrupt-cells = <3>;
                            #address-cells = <0>; };
                        intc: intc { interrupt-controller; #interrupt-cells = <2>; };
                        dma { interrupts = <0 80 4>, <0 81 4>; interrupt-names = "a"; };
                        soc { interrupt-parent = <&intc>;
                            timer { interrupts = <1 0 1 3>; };
                            both { interrupts = <9 9>;
                                interrupts-extended = <&gic 0 5 1>, <&intc 1 2>; };
                        };
                        pcie@1 {
                            #address-cells = <3>; #size-cells = <2>; #interrupt-cells = <1>;
                            interrupt-map-mask = <0 0 0 7>;
                            interrupt-map = <0 0 0 1 &gic 0 143 4>, <0 0 0 2 &gic 0 144 4>;
                            fn@0 { reg = <0 0 0 0 0>; interrupts = <2>; };
                            fn@1 { reg = <0x800 0 0 0 0>; interrupts = <3>; };
                        };
                        odd { interrupts = <1 2>; };
                        lost { interrupt-parent = <0x77>; interrupts = <1>; };
                    };
                    """);

    private List<InterruptSpec> of(String path) {
        return InterruptSpec.of(tree, node(tree, path));
    }

    @Test
    void comesFromTheNearestInterruptParent() {
        assertThat(of("/dma"))
                .containsExactly(
                        new InterruptSpec(Optional.of("a"), node(tree, "/gic"), List.of(0, 80, 4)),
                        new InterruptSpec(Optional.empty(), node(tree, "/gic"), List.of(0, 81, 4)));
        assertThat(of("/soc/timer"))
                .extracting(InterruptSpec::cells)
                .containsExactly(List.of(1, 0), List.of(1, 3));
    }

    @Test
    void prefersTheExtendedForm() {
        assertThat(of("/soc/both"))
                .extracting(spec -> spec.controller().path())
                .containsExactly("/gic", "/intc");
    }

    @Test
    void followsMaps() {
        assertThat(of("/pcie@1/fn@0"))
                .containsExactly(
                        new InterruptSpec(
                                Optional.empty(), node(tree, "/gic"), List.of(0, 144, 4)));
    }

    @Test
    void needsAnEntryInTheMap() {
        assertThatThrownBy(() -> of("/pcie@1/fn@1"))
                .isInstanceOf(DeviceTreeException.class)
                .hasMessageEndingWith("matches no entry of /pcie@1:interrupt-map");
    }

    @Test
    void hasAsManyCellsAsTheControllerTakes() {
        assertThatThrownBy(() -> of("/odd"))
                .isInstanceOf(DeviceTreeException.class)
                .hasMessageEndingWith("has 2 cells, /gic takes 3 per interrupt");
    }

    @Test
    void needsAController() {
        assertThatThrownBy(() -> of("/lost"))
                .isInstanceOf(DeviceTreeException.class)
                .hasMessageEndingWith("property interrupts of /lost has no interrupt parent");
    }

    @Test
    void doesNotFollowMapsForEver() {
        DeviceTree ring =
                dts(
                        """
                        / { #address-cells = <0>;
                            a: a { #interrupt-cells = <1>; #address-cells = <0>;
                                interrupt-map = <1 &b 1>; };
                            b: b { #interrupt-cells = <1>; #address-cells = <0>;
                                interrupt-map = <1 &a 1>; };
                            d { interrupts-extended = <&a 1>; };
                        };
                        """);

        assertThatThrownBy(() -> InterruptSpec.of(ring, node(ring, "/d")))
                .isInstanceOf(DeviceTreeException.class)
                .hasMessageEndingWith("passes more than 16 interrupt maps");
    }
}
