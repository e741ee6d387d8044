package dmakit.devicetree.dts;

import static dmakit.devicetree.TestTrees.dts;
import static dmakit.devicetree.TestTrees.files;
import static dmakit.devicetree.TestTrees.node;
import static dmakit.devicetree.TestTrees.property;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.DeviceTreeException;
import dmakit.devicetree.Limits;
import dmakit.devicetree.MemReserve;
import dmakit.devicetree.Node;
import dmakit.devicetree.Property;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class DtsReaderTest {

    private static byte[] value(String source) {
        return property(dts("/ { v = " + source + "; };"), "/", "v").bytes();
    }

    private static int cell(String expression) {
        return property(dts("/ { v = <" + expression + ">; };"), "/", "v").u32();
    }

    private static void assertRefused(String source, String message) {
        assertThatThrownBy(() -> dts(source))
                .isInstanceOf(DeviceTreeException.class)
                .hasMessage(message);
    }

    @Nested
    class Values {

        @Test
        void cellsAreBigEndian() {
            assertThat(value("<1 0xdeadbeef>")).containsExactly(bytes("00000001deadbeef"));
        }

        @Test
        void elementsOfOtherWidthsFollowBits() {
            assertThat(value("/bits/ 8 <1 0xff (-1)>")).containsExactly(bytes("01ffff"));
            assertThat(value("/bits/ 16 <0x1234>")).containsExactly(bytes("1234"));
            assertThat(value("/bits/ 64 <0x123456789>")).containsExactly(bytes("0000000123456789"));
        }

        @Test
        void stringsEndWithNulAndKnowEscapes() {
            assertThat(value("\"a\\tb\\x41\\101\\\"\""))
                    .containsExactly(bytes("6109624141" + "22" + "00"));
        }

        @Test
        void stringsKeepBytesOutsideAscii() {
            assertThat(value("\"\u00b5\"")).containsExactly(bytes("c2b500"));
        }

        @Test
        void byteStringsNeedNoSpaces() {
            assertThat(value("[00 11 aaBB]")).containsExactly(bytes("0011aabb"));
        }

        @Test
        void partsAreJoined() {
            assertThat(value("\"a\", <1>, [02], l1: \"b\" l2:"))
                    .containsExactly(bytes("6100" + "00000001" + "02" + "6200"));
        }

        @Test
        void aPropertyWithoutValueIsEmpty() {
            assertThat(property(dts("/ { dma-coherent; };"), "/", "dma-coherent").isEmpty())
                    .isTrue();
        }

        @Test
        void binaryFilesAreIncludedWholeOrInPart() throws IOException {
            SourceFinder finder =
                    (path, max) ->
                            switch (path) {
                                case "a.dts" ->
                                        text(
                                                "/dts-v1/; / { w = /incbin/(\"b.bin\");"
                                                        + " p = /incbin/(\"b.bin\", 1, 2); };");
                                case "b.bin" -> Optional.of(new byte[] {1, 2, 3, 4});
                                default -> Optional.empty();
                            };
            DeviceTree tree = DtsReader.read("a.dts", finder, List.of());

            assertThat(property(tree, "/", "w").bytes()).containsExactly(1, 2, 3, 4);
            assertThat(property(tree, "/", "p").bytes()).containsExactly(2, 3);
        }

        private static Optional<byte[]> text(String text) {
            return Optional.of(text.getBytes(StandardCharsets.UTF_8));
        }

        private static byte[] bytes(String hex) {
            return java.util.HexFormat.of().parseHex(hex);
        }
    }

    @Nested
    class Expressions {

        @Test
        void bindAsInC() {
            assertThat(cell("(1 + 2 * 3)")).isEqualTo(7);
            assertThat(cell("(1 << 2 + 1)")).isEqualTo(8);
            assertThat(cell("(0xf0 | 0x0f & 0x3 ^ 0x1)")).isEqualTo(0xf2);
            assertThat(cell("(1 ? 2 : 0 ? 3 : 4)")).isEqualTo(2);
            assertThat(cell("(0 || 1 && 0)")).isZero();
            assertThat(cell("(-1 == ~0)")).isOne();
            assertThat(cell("(!5)")).isZero();
            assertThat(cell("(7 % 4 - 1)")).isEqualTo(2);
            assertThat(cell("'A'")).isEqualTo(65);
            assertThat(cell("'\\n'")).isEqualTo(10);
            assertThat(cell("010")).isEqualTo(8);
            assertThat(cell("5UL")).isEqualTo(5);
        }

        @Test
        void areUnsignedAnd64BitsWide() {
            assertThat(cell("(-1 > 0)")).isOne();
            assertThat(cell("((0xffffffffffffffff >> 32) / 0x10)")).isEqualTo(0x0fff_ffff);
            assertThat(cell("(1 << 64)")).isZero();
        }

        @Test
        void mustFitTheElement() {
            assertRefused(
                    "/ { v = <0x100000000>; };", "a.dts:1:20: 0x100000000 does not fit in 32 bits");
            assertThat(cell("(-2)")).isEqualTo(-2);
        }

        @Test
        void cannotDivideByZero() {
            assertRefused("/ { v = <(1 / 0)>; };", "a.dts:1:23: division by zero");
        }

        @Test
        void nestToALimit() {
            int max = DtsLimits.EXPRESSION_DEPTH_MAX;
            // each parenthesis is one level of its expression and one of its operand
            assertThat(cell("(".repeat(max / 2) + "1" + ")".repeat(max / 2))).isOne();
            assertThatThrownBy(() -> cell("(".repeat(max / 2 + 1) + "1" + ")".repeat(max / 2 + 1)))
                    .isInstanceOf(DeviceTreeException.class)
                    .hasMessageEndingWith("an expression that nests deeper than 200");
        }
    }

    @Nested
    class References {

        @Test
        void inCellsArePhandlesCountedInOrderOfUse() {
            DeviceTree tree = dts("/ { a: a { }; b: b { }; u { r = <&b 5 &{/a} &b>; p = &a; }; };");

            assertThat(property(tree, "/u", "r").cells()).containsExactly(1, 5, 2, 1);
            assertThat(node(tree, "/b").phandle()).hasValue(1);
            assertThat(node(tree, "/a").phandle()).hasValue(2);
        }

        @Test
        void outsideOfCellsArePaths() {
            DeviceTree tree = dts("/ { p = \"x\", &a, &{/s}; s { a: a@1 { }; }; };");

            assertThat(tree.root().strings("p")).containsExactly("x", "/s/a@1", "/s");
        }

        @Test
        void leaveExplicitPhandlesAlone() {
            DeviceTree tree = dts("/ { r = <&a &b>; a: a { phandle = <1>; }; b: b { }; };");

            assertThat(tree.root().property("r").orElseThrow().cells()).containsExactly(1, 2);
        }

        @Test
        void mustExist() {
            assertRefused("/ { r = <&nowhere>; };", "a.dts:1:20: no node has the label nowhere");
            assertRefused("/ { r = &{/no}; };", "a.dts:1:19: no node has the path /no");
            assertRefused("/ { }; &l { };", "a.dts:1:18: no node has the label l");
        }

        @Test
        void labelsAreOnOneNode() {
            assertRefused(
                    "/ { l: a { }; l: b { }; };",
                    "a.dts:1:25: label l is on /a already (a.dts:1:15)");
        }

        @Test
        void labelsOfDeletedNodesAreFree() {
            DeviceTree tree = dts("/ { l: a { }; }; /delete-node/ &l; / { l: b { }; };");

            assertThat(tree.labelled("l").map(Node::path)).contains("/b");
        }
    }

    @Nested
    class Edits {

        @Test
        void mergeIntoTheNodeReferredTo() {
            DeviceTree tree =
                    dts(
                            "/ { s { u: uart@1 { status = \"disabled\"; reg = <1>; }; }; };"
                                    + " &u { status = \"okay\"; child { }; }; more: &{/s} { x; };");

            assertThat(node(tree, "/s/uart@1").properties())
                    .extracting(Property::name)
                    .containsExactly("status", "reg");
            assertThat(node(tree, "/s/uart@1").isAvailable()).isTrue();
            assertThat(tree.node("/s/uart@1/child")).isPresent();
            assertThat(tree.labelled("more").map(Node::path)).contains("/s");
        }

        @Test
        void deleteNodesAndProperties() {
            DeviceTree tree =
                    dts(
                            "/ { a; b; n { }; m: m { }; o: o { }; };"
                                    + " / { /delete-property/ a; /delete-node/ n; };"
                                    + " /delete-node/ &m; /delete-node/ &{/o};");

            assertThat(tree.root().properties()).extracting(Property::name).containsExactly("b");
            assertThat(tree.nodes()).hasSize(1);
        }

        @Test
        void keepANodeOnlyWhileItIsReferredTo() {
            DeviceTree tree =
                    dts(
                            "/ { r = <&a>; /omit-if-no-ref/ a: a { }; b: b { };"
                                    + " /omit-if-no-ref/ c: c { }; }; /omit-if-no-ref/ &b;");

            assertThat(tree.node("/a")).isPresent();
            assertThat(tree.node("/b")).isEmpty();
            assertThat(tree.node("/c")).isEmpty();
        }

        @Test
        void mayRepeatNamesButANewNodeMayNot() {
            assertThat(dts("/ { a; }; / { a = <1>; a = <2>; };").root().u32("a")).hasValue(2);
            assertRefused("/ { a; a; };", "a.dts:1:18: second property a in /");
            assertRefused("/ { n { }; n { }; };", "a.dts:1:22: second node n in /");
        }
    }

    @Nested
    class Grammar {

        @Test
        void needsTheVersion() {
            assertThatThrownBy(() -> files(Map.of("a.dts", "/ { };"), List.of()))
                    .hasMessage("a.dts:1:1: found '/', wanted /dts-v1/;");
        }

        @Test
        void knowsReservations() {
            assertThat(
                            dts("/memreserve/ 0x1000 (1 << 12); l: /memreserve/ 5 6; / { };")
                                    .memReserves())
                    .containsExactly(new MemReserve(0x1000, 0x1000), new MemReserve(5, 6));
        }

        @Test
        void wantsPropertiesBeforeNodes() {
            assertRefused(
                    "/ { n { }; a; };",
                    "a.dts:1:22: property a stands behind a node; properties come first");
        }

        @Test
        void saysWhatIsMissingAndWhere() {
            assertRefused("/ {\n\ta = <1>\n};", "a.dts:3:1: found '}', wanted ';'");
            assertRefused("/ {", "a.dts:1:13: the source ends where '}' is wanted");
            assertRefused("/ { a = 5; };", "a.dts:1:19: found '5', wanted a value");
            assertRefused(
                    "/ { a = [1]; };",
                    "a.dts:1:20: found '1', wanted two hexadecimal digits or ']'");
            assertRefused("/ { a = \"x; };", "a.dts:1:19: a string that no \" ends");
            assertRefused("/ { a = <08>; };", "a.dts:1:20: '08' is no number of at most 64 bits");
            assertRefused(
                    "/ { }; garbage",
                    "a.dts:1:18: found 'garbage', wanted '/' or a reference to a node");
            assertRefused("", "a.dts:1:10: the source ends before any node");
        }

        @Test
        void nestsToTheLimitOfTheTree() {
            assertThat(nested(Limits.DEPTH_MAX).nodes()).hasSize(Limits.DEPTH_MAX);
            assertThatThrownBy(() -> nested(Limits.DEPTH_MAX + 1))
                    .isInstanceOf(DeviceTreeException.class)
                    .hasMessageEndingWith("nodes nest deeper than 64 levels");
        }

        private static DeviceTree nested(int levels) {
            return dts("/ { " + "n { ".repeat(levels - 1) + "};".repeat(levels));
        }

        @Test
        void countsNodesAndValueBytes() {
            StringBuilder many = new StringBuilder("/ { ");
            for (int i = 0; i < Limits.NODE_COUNT_MAX; i++) {
                many.append('n').append(i).append("{};");
            }
            assertThatThrownBy(() -> dts(many + "};"))
                    .isInstanceOf(DeviceTreeException.class)
                    .hasMessageEndingWith("more than 65536 nodes");
        }

        @Test
        void countsReservations() {
            String one = "/memreserve/ 1 1; ";
            int max = Limits.MEMRESERVE_COUNT_MAX;
            assertThat(dts(one.repeat(max) + "/ { };").memReserves()).hasSize(max);
            assertThatThrownBy(() -> dts(one.repeat(max + 1) + "/ { };"))
                    .isInstanceOf(DeviceTreeException.class)
                    .hasMessageEndingWith("more than 4096 memory reservations");
        }

        @Test
        void boundsNames() {
            String longest = "n".repeat(Limits.NAME_CHARS_MAX);
            assertThat(dts("/ { " + longest + " { }; };").node("/" + longest)).isPresent();
            assertRefused(
                    "/ { n" + longest + " { }; };",
                    "a.dts:1:15: a name of 256 characters, wanted at most 255");
        }

        @Test
        void boundsTheBytesOfAllValues() {
            int chunk = Limits.FILE_BYTES_MAX;
            int fits = DtsLimits.VALUE_BYTES_MAX / chunk;
            assertThat(incbins(fits, chunk).root().properties()).hasSize(fits);
            assertThatThrownBy(() -> incbins(fits + 1, chunk))
                    .isInstanceOf(DeviceTreeException.class)
                    .hasMessageEndingWith("values of more than 8388608 bytes");
        }

        private static DeviceTree incbins(int count, int chunk) {
            StringBuilder source = new StringBuilder("/dts-v1/; / {");
            for (int i = 0; i < count; i++) {
                source.append(" p%d = /incbin/(\"b\");".formatted(i));
            }
            byte[] text = source.append(" };").toString().getBytes(StandardCharsets.UTF_8);
            byte[] blob = new byte[chunk];
            try {
                return DtsReader.read(
                        "a.dts",
                        (path, max) -> Optional.of(path.equals("a.dts") ? text : blob),
                        List.of());
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    @Nested
    class Plugins {

        private static final String OVERLAY =
                """
                /plugin/;
                &uart { status = "okay"; dmas = <&dma 7>, <&mine 1>; };
                &{/soc} { mine: engine { #dma-cells = <1>; }; };
                """;

        @Test
        void keepWhatTheyTouchInFragments() {
            DeviceTree tree = dts(OVERLAY);

            assertThat(tree.root().children())
                    .extracting(Node::name)
                    .containsExactly("fragment@0", "fragment@1", "__fixups__", "__local_fixups__");
            assertThat(node(tree, "/fragment@0").u32("target")).hasValue(-1);
            assertThat(node(tree, "/fragment@1").string("target-path")).contains("/soc");
        }

        @Test
        void listWhatTheBaseHasToResolve() {
            DeviceTree tree = dts(OVERLAY);

            assertThat(node(tree, "/__fixups__").strings("uart"))
                    .containsExactly("/fragment@0:target:0");
            assertThat(node(tree, "/__fixups__").strings("dma"))
                    .containsExactly("/fragment@0/__overlay__:dmas:0");
            assertThat(property(tree, "/__local_fixups__/fragment@0/__overlay__", "dmas").cells())
                    .containsExactly(8);
        }
    }
}
