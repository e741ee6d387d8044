package dmakit.devicetree;

import static dmakit.devicetree.TestTrees.dts;
import static dmakit.devicetree.TestTrees.node;
import static dmakit.devicetree.TestTrees.property;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class DeviceTreeTest {

    private final DeviceTree tree =
            dts(
                    """
                    / {
                        compatible = "maker,board";
                        aliases { serial0 = "/soc/uart@1"; broken = <1 2>; };
                        soc: soc {
                            uart@1 { compatible = "maker,uart-2", "maker,uart"; status = "okay";
                                port { }; };
                            uart@2 { compatible = "maker,uart"; status = "disabled"; port { }; };
                        };
                        a { phandle = <7>; };
                        b { linux,phandle = <8>; };
                        c { phandle = <7>; };
                        d { phandle = <0>; };
                        __symbols__ { con = "/soc/uart@1"; gone = "/nowhere"; };
                    };
                    """);

    @Test
    void findsNodesByPathAndAlias() {
        assertThat(node(tree, "/").name()).isEmpty();
        assertThat(node(tree, "/soc/uart@1").baseName()).isEqualTo("uart");
        assertThat(node(tree, "/soc/uart@1").unitAddress()).contains("1");
        assertThat(node(tree, "serial0").path()).isEqualTo("/soc/uart@1");
        assertThat(node(tree, "serial0/port").path()).isEqualTo("/soc/uart@1/port");
        assertThat(tree.node("/soc/uart")).isEmpty();
        assertThat(tree.node("serial1")).isEmpty();
        assertThat(tree.node("broken")).isEmpty();
        assertThat(tree.aliases()).containsOnlyKeys("serial0");
    }

    @Test
    void findsNodesByLabelAndSymbol() {
        assertThat(tree.labelled("soc").map(Node::path)).contains("/soc");
        assertThat(tree.labelled("con").map(Node::path)).contains("/soc/uart@1");
        assertThat(tree.labelled("gone")).isEmpty();
    }

    @Test
    void findsNodesByPhandleTheFirstOfARepeatedOne() {
        assertThat(tree.byPhandle(7).map(Node::path)).contains("/a");
        assertThat(tree.byPhandle(8).map(Node::path)).contains("/b");
        assertThat(tree.byPhandle(0)).isEmpty();
        assertThat(tree.repeatedPhandles()).extracting(Node::path).containsExactly("/c");
    }

    @Test
    void findsNodesByWhatTheyAre() {
        assertThat(tree.compatibleWith("maker,uart"))
                .extracting(Node::path)
                .containsExactly("/soc/uart@1", "/soc/uart@2");
        assertThat(node(tree, "/soc/uart@1").compatible())
                .containsExactly("maker,uart-2", "maker,uart");
    }

    @Test
    void knowsWhatIsEnabled() {
        assertThat(node(tree, "/soc/uart@1/port").isReachable()).isTrue();
        assertThat(node(tree, "/soc/uart@2/port").isAvailable()).isTrue();
        assertThat(node(tree, "/soc/uart@2/port").isReachable()).isFalse();
    }

    @Test
    void listsNodesBeforeTheirChildren() {
        assertThat(tree.nodes())
                .extracting(Node::path)
                .startsWith("/", "/aliases", "/soc", "/soc/uart@1", "/soc/uart@1/port");
    }

    @Nested
    class PropertiesRead {

        private final DeviceTree values =
                dts(
                        "/ { one = <0x80000001>; two = <1 2>; s = \"a\", \"\", \"b\"; b = [00 01"
                                + " 02]; raw = [61]; empty; };");

        private Property of(String name) {
            return property(values, "/", name);
        }

        @Test
        void cellsAndNumbers() {
            assertThat(of("one").u32()).isEqualTo(0x80000001);
            assertThat(of("two").u64()).isEqualTo(0x1_0000_0002L);
            assertThat(of("two").cells()).containsExactly(1, 2);
            assertThat(of("two").number(1, 1)).isEqualTo(2);
            assertThat(of("two").number(0, 0)).isZero();
            assertThat(values.root().u32("none")).isEmpty();
        }

        @Test
        void strings() {
            assertThat(of("s").strings()).containsExactly("a", "", "b");
            assertThat(of("s").string()).isEqualTo("a");
            assertThat(of("empty").strings()).isEmpty();
        }

        @Test
        void nothingButTheirOwnForm() {
            assertThatThrownBy(() -> of("two").u32())
                    .isInstanceOf(DeviceTreeException.class)
                    .hasMessage("a.dts:1:35: property two of / has 8 bytes, wanted 4");
            assertThatThrownBy(() -> of("b").cellCount())
                    .hasMessageEndingWith("property b of / has 3 bytes, wanted whole 4-byte cells");
            assertThatThrownBy(() -> of("raw").string())
                    .hasMessageEndingWith("is no string: no NUL byte ends its 1 bytes");
            assertThatThrownBy(() -> of("raw").strings())
                    .hasMessageEndingWith("is no string list: its last byte is not NUL");
            assertThatThrownBy(() -> of("two").cell(2))
                    .hasMessageEndingWith("has 8 bytes, wanted a cell at 8");
        }
    }
}
