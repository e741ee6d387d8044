package dmakit.devicetree;

import static dmakit.devicetree.TestTrees.dts;
import static dmakit.devicetree.TestTrees.node;
import static dmakit.devicetree.TestTrees.property;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.devicetree.dma.DmaReach;
import dmakit.devicetree.topology.DmaTopology;
import dmakit.devicetree.topology.Mistake;
import org.junit.jupiter.api.Test;

class ListLimitTest {

    private static final int MAX = Limits.LIST_CELLS_MAX;

    @Test
    void phandleListsEndThere() {
        DeviceTree tree =
                dts(
                        "/ { fits { l = <%s>; }; long { l = <%s>; }; c { phandle = <1>; }; };"
                                .formatted("1 ".repeat(MAX), "1 ".repeat(MAX + 1)));

        assertThat(PhandleList.parse(tree, property(tree, "/fits", "l"), 0)).hasSize(MAX);
        assertThat(PhandleList.parse(tree, property(tree, "/long", "l"), 0))
                .containsExactly(new PhandleList.TooLong(MAX + 1));
    }

    @Test
    void phandlesTakeNoMoreArgumentsThanLinuxAllows() {
        DeviceTree tree =
                dts(
                        "/ { l = <1 0>; m = <2 0>; a { phandle = <1>; #n-cells = <16>; };"
                                + " b { phandle = <2>; #n-cells = <17>; }; };");

        assertThat(PhandleList.parse(tree, property(tree, "/", "l"), "#n-cells").getFirst())
                .isInstanceOf(PhandleList.CutOff.class);
        assertThat(PhandleList.parse(tree, property(tree, "/", "m"), "#n-cells").getFirst())
                .isInstanceOf(PhandleList.NoCells.class);
    }

    @Test
    void rangesEndThere() {
        DeviceTree fits = ranges(MAX / 3);
        assertThat(DmaReach.ofDevice(fits, node(fits, "/b/c")).windows()).isNotEmpty();

        DeviceTree tooLong = ranges(MAX / 3 + 1);
        assertThatThrownBy(() -> DmaReach.ofDevice(tooLong, node(tooLong, "/b/c")))
                .isInstanceOf(DeviceTreeException.class)
                .hasMessageEndingWith("has 1026 cells, wanted at most 1024");
        assertThat(DmaTopology.of(tooLong).mistakes())
                .extracting(Mistake::kind)
                .containsExactly(Mistake.Kind.WRONG_CELL_COUNT);
    }

    /** A bus with that many entries of three cells each. */
    private static DeviceTree ranges(int entries) {
        return dts(
                ("/ { #address-cells = <1>; #size-cells = <1>; b { #address-cells = <1>;"
                     + " #size-cells = <1>; dma-ranges = <%s>; c { #dma-cells = <1>; }; }; };")
                        .formatted("0 0 1 ".repeat(entries)));
    }
}
