package dmakit.devicetree;

import static dmakit.devicetree.TestTrees.dts;
import static dmakit.devicetree.TestTrees.node;
import static dmakit.devicetree.TestTrees.property;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class OverlaysTest {

    private static DeviceTree base() {
        return dts(
                """
                / {
                    aliases { serial0 = "/soc/uart@1"; };
                    soc {
                        dma: dma@0 { #dma-cells = <1>; };
                        uart: uart@1 { status = "disabled"; clocks = <&clk>; };
                        clk: clock { };
                    };
                };
                """);
    }

    @Test
    void fragmentsAreMergedIntoTheirTargets() {
        DeviceTree tree =
                Overlays.apply(
                        base(),
                        dts(
                                """
                                /plugin/;
                                &uart { status = "okay"; dmas = <&dma 7>, <&mine 1>; };
                                &{/soc} { mine: engine { #dma-cells = <1>; back = <&uart>; }; };
                                """));

        Node uart = node(tree, "/soc/uart@1");
        int dma = node(tree, "/soc/dma@0").phandle().orElseThrow();
        int mine = node(tree, "/soc/engine").phandle().orElseThrow();
        assertThat(uart.isAvailable()).isTrue();
        assertThat(property(tree, "/soc/uart@1", "dmas").cells()).containsExactly(dma, 7, mine, 1);
        assertThat(node(tree, "/soc/engine").u32("back")).hasValue(uart.phandle().orElseThrow());
        assertThat(tree.repeatedPhandles()).isEmpty();
        assertThat(tree.labelled("mine").map(Node::path)).contains("/soc/engine");
    }

    @Test
    void theBaseStaysAsItWas() {
        DeviceTree base = base();
        Overlays.apply(base, dts("/plugin/; &uart { status = \"okay\"; };"));

        assertThat(base.sameAs(base())).isTrue();
    }

    @Test
    void compiledOverlaysWorkOnCompiledBasesThroughSymbols() {
        DeviceTree base =
                dts(
                        "/ { u: uart { }; d: dma { phandle = <9>; }; __symbols__ { u = &u; d = &d;"
                                + " }; };");
        DeviceTree compiled = DtbReader.read(DtbWriter.write(base), "base.dtb");
        DeviceTree overlay =
                DtbReader.read(
                        DtbWriter.write(
                                dts(
                                        "/plugin/; / { fragment@0 { target = <&u>; __overlay__ {"
                                            + " dmas = <&d 1>; n: n { }; }; }; __symbols__ { n ="
                                            + " \"/fragment@0/__overlay__/n\"; }; };")),
                        "o.dtbo");

        DeviceTree tree = Overlays.apply(compiled, overlay);

        assertThat(property(tree, "/uart", "dmas").cells()).containsExactly(9, 1);
        assertThat(tree.labelled("n").map(Node::path)).contains("/uart/n");
    }

    @Test
    void aLabelTheBaseLacksIsNamedWithItsPlace() {
        assertThatThrownBy(() -> Overlays.apply(base(), dts("/plugin/; &spi { };")))
                .isInstanceOf(DeviceTreeException.class)
                .hasMessage(
                        "a.dts:1:21: the base tree has no label spi, which /fragment@0:target"
                                + " refers to");
        assertThatThrownBy(() ->
                        Overlays.apply(
                                base(), dts("/plugin/; &dma { n { dmas = <1 &spi 2>; }; };")))
                .hasMessage(
                        "a.dts:1:42: the base tree has no label spi, which"
                                + " /fragment@0/__overlay__/n:dmas refers to");
    }

    @Test
    void aBaseThatWasCompiledWithoutLabelsSaysHowToKeepThem() {
        DeviceTree compiled = DtbReader.read(DtbWriter.write(base()), "base.dtb");
        assertThatThrownBy(() -> Overlays.apply(compiled, dts("/plugin/; &dma { };")))
                .hasMessageContaining("no label dma")
                .hasMessageEndingWith(
                        "(it has no labels at all; 'dtc -@' keeps them as __symbols__)");
    }

    @Test
    void aPathTheBaseLacksIsNamed() {
        assertThatThrownBy(() -> Overlays.apply(base(), dts("/plugin/; &{/no} { };")))
                .isInstanceOf(DeviceTreeException.class)
                .hasMessage(
                        "a.dts:1:21: fragment fragment@0 has target-path /no, which the base has"
                                + " not");
    }

    @Test
    void fixupsOutsideTheirPropertyAreRefused() {
        DeviceTree overlay =
                dts(
                        "/ { fragment@0 { target-path = \"/soc\"; __overlay__ { v = <0>; }; };"
                                + " __fixups__ { dma = \"/fragment@0/__overlay__:v:1\"; }; };");

        assertThatThrownBy(() -> Overlays.apply(base(), overlay))
                .isInstanceOf(DeviceTreeException.class)
                .hasMessageEndingWith("fixup of /fragment@0/__overlay__:v at 1, which has 4 bytes");
    }

    @Test
    void aTreeWithoutFragmentsIsNoOverlay() {
        assertThatThrownBy(() -> Overlays.apply(base(), dts("/ { };")))
                .isInstanceOf(DeviceTreeException.class)
                .hasMessageStartingWith(
                        "a.dts:1:1: is no overlay, it has no fragment with __overlay__");
    }
}
