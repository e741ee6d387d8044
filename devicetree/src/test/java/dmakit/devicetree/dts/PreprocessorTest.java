package dmakit.devicetree.dts;

import static dmakit.devicetree.TestTrees.files;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.DeviceTreeException;
import dmakit.devicetree.Property;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class PreprocessorTest {

    private static DeviceTree dts(String source) {
        return files(Map.of("a.dts", "/dts-v1/;\n" + source), List.of());
    }

    private static int[] cells(String definitions, String cells) {
        DeviceTree tree = dts(definitions + "\n/ { v = <" + cells + ">; };");
        return tree.root().property("v").map(Property::cells).orElseThrow();
    }

    private static void assertRefused(String source, String message) {
        assertThatThrownBy(() -> dts(source))
                .isInstanceOf(DeviceTreeException.class)
                .hasMessage(message);
    }

    @Nested
    class Macros {

        @Test
        void standForTokens() {
            assertThat(cells("#define A 1\n#define B A 2", "B A")).containsExactly(1, 2, 1);
        }

        @Test
        void takeArguments() {
            assertThat(cells("#define ADD(a, b) ((a) + (b))", "ADD(1, ADD(2,\n (3)))"))
                    .containsExactly(6);
            assertThat(cells("#define NONE() 7", "NONE()")).containsExactly(7);
        }

        @Test
        void withParametersNeedAParenthesis() {
            DeviceTree tree = dts("#define reg(x) x\n/ { reg = <1>; n { reg = <reg(2)>; }; };");

            assertThat(tree.root().u32("reg")).hasValue(1);
            assertThat(tree.node("/n").orElseThrow().u32("reg")).hasValue(2);
        }

        @Test
        void pasteAndQuote() {
            assertThat(
                            cells(
                                    "#define PORT_A 10\n#define X A\n"
                                            + "#define PIN(port, n) (PORT_##port * 8 + n)",
                                    "PIN(A, 3)"))
                    .containsExactly(83);
            assertThat(dts("#define S(x) #x\n/ { s = S(a \"b\"); };").root().string("s"))
                    .contains("a \"b\"");
        }

        @Test
        void takeAnyNumberOfArguments() {
            assertThat(
                            cells(
                                    "#define ADD(a, b) (a + b)\n"
                                            + "#define L(f, ...) (f + ADD(__VA_ARGS__))",
                                    "L(1, 2, (3))"))
                    .containsExactly(6);
            DeviceTree tree =
                    dts("#define E(x, rest...) x, ## rest\n/ { a = E(\"a\"), E(\"b\", \"c\"); };");
            assertThat(tree.root().strings("a")).containsExactly("a", "b", "c");
        }

        @Test
        void doNotApplyToWhatTheyBecame() {
            assertThat(dts("#define n n m\n/ { s { }; };").node("/s")).isPresent();
            assertThat(cells("#define f(x) (x + 1)", "f(f(1))")).containsExactly(3);
        }

        @Test
        void endWithUndef() {
            assertThat(dts("#define a b\n#undef a\n/ { a; };").root().has("a")).isTrue();
        }

        @Test
        void reachOverContinuedLinesAndComments() {
            assertThat(cells("#define A 1 /* one\n of two lines */ + \\\n 2 // end", "(A)"))
                    .containsExactly(3);
        }

        @Test
        void leaveStringsAlone() {
            assertThat(dts("#define A 1\n/ { s = \"A // /* */\"; };").root().string("s"))
                    .contains("A // /* */");
        }

        @Test
        void nestToALimit() {
            int max = DtsLimits.MACRO_DEPTH_MAX;
            assertThat(cells(chain(max), "M0")).containsExactly(5);
            assertThatThrownBy(() -> cells(chain(max + 1), "M0"))
                    .isInstanceOf(DeviceTreeException.class)
                    .hasMessageEndingWith("macros expand within each other more than 200 times");
        }

        /** That many macros, each the next one's name, the last one 5. */
        private static String chain(int macros) {
            StringBuilder chain = new StringBuilder();
            for (int i = 0; i < macros - 1; i++) {
                chain.append("#define M%d M%d\n".formatted(i, i + 1));
            }
            return chain.append("#define M%d 5\n".formatted(macros - 1)).toString();
        }

        @Test
        void cannotGrowWithoutEnd() {
            StringBuilder bomb = new StringBuilder("#define M0 1 1 1 1 1 1 1 1\n");
            for (int i = 1; i < 30; i++) {
                bomb.append(
                        "#define M%d M%d M%d M%d M%d\n".formatted(i, i - 1, i - 1, i - 1, i - 1));
            }
            assertThatThrownBy(() -> cells(bomb.toString(), "M29"))
                    .isInstanceOf(DeviceTreeException.class)
                    .hasMessageEndingWith("macros expand to more than 8388608 characters");
            StringBuilder paste = new StringBuilder("#define P0(x) x##x\n");
            for (int i = 1; i < 60; i++) {
                paste.append("#define P%d(x) P%d(x##x)\n".formatted(i, i - 1));
            }
            assertThatThrownBy(() -> cells(paste.toString(), "P59(1)"))
                    .isInstanceOf(DeviceTreeException.class)
                    .hasMessageEndingWith("macros expand to more than 8388608 characters");
        }

        @Test
        void sayWhenArgumentsAreWrong() {
            assertRefused(
                    "#define F(a, b) a b\n/ { v = <F(1)>; };",
                    "a.dts:3:10: macro F has 1 arguments, wanted 2");
            assertRefused(
                    "#define F(a) a\n/ { v = <F(1>; };",
                    "a.dts:3:10: no ) ends the arguments of F");
            assertRefused("#define\n/ { };", "a.dts:2:2: #define without a name");
        }

        @Test
        void giveTheirResultThePlaceWhereTheyAreNamed() {
            assertRefused(
                    "#define BAD 1 / 0\n/ {\n  v = <(BAD)>; };", "a.dts:4:9: division by zero");
        }
    }

    @Nested
    class Conditions {

        @Test
        void chooseLines() {
            assertThat(dts("#ifdef A\n/ { a; };\n#else\n/ { b; };\n#endif").root().has("b"))
                    .isTrue();
            assertThat(
                            dts("#define A 3\n#if A == 1\n/ { x; };\n#elif defined(A) &&"
                                            + " A > 2\n/ { y; };\n#elif 1\n/ { z; };\n#endif")
                                    .root()
                                    .properties())
                    .extracting(Property::name)
                    .containsExactly("y");
        }

        @Test
        void nestAndSkipWhatIsInside() {
            assertThat(
                            dts("#if 0\n#if 1\n#error not here, don't\n#else\n#endif\n"
                                            + "\"lone quote\n#elif -1 < 0\n/ { a; };\n#endif")
                                    .root()
                                    .has("a"))
                    .isTrue();
        }

        @Test
        void areBalanced() {
            assertRefused("#if 1\n/ { };", "a.dts:2:2: a condition that no #endif ends");
            assertRefused("#endif\n/ { };", "a.dts:2:2: #endif without #if");
            assertRefused("#if 1\n#else\n#else\n#endif", "a.dts:4:2: a second #else");
        }

        @Test
        void nestToALimit() {
            int max = DtsLimits.CONDITION_DEPTH_MAX;
            assertThat(dts("#if 1\n".repeat(max) + "/ { a; };\n" + "#endif\n".repeat(max)))
                    .isNotNull();
            assertThatThrownBy(() -> dts("#if 1\n".repeat(max + 1)))
                    .isInstanceOf(DeviceTreeException.class)
                    .hasMessage("a.dts:258:2: conditions nest deeper than 256");
        }

        @Test
        void stopAtErrorDirectives() {
            assertRefused("#error no such board", "a.dts:2:2: #error no such board");
        }
    }

    @Test
    void propertiesThatStartWithAHashAreNoDirectives() {
        DeviceTree tree =
                dts(
                        "/ {\n"
                                + "#address-cells = <1>;\n"
                                + " #define-cells = <2>;\n"
                                + "#include-x;\n"
                                + "#if-cells; };");

        assertThat(tree.root().properties())
                .extracting(Property::name)
                .containsExactly("#address-cells", "#define-cells", "#include-x", "#if-cells");
    }

    @Test
    void lineMarkersOfAnEarlierRunMoveTheOrigin() {
        assertRefused(
                "# 7 \"board.dtsi\" 1\n/ {\n  v = ;\n};",
                "board.dtsi:8:7: found ';', wanted a value");
    }

    @Nested
    class Includes {

        @Test
        void areFoundBesideTheIncluderThenOnThePath() {
            DeviceTree tree =
                    files(
                            Map.of(
                                    "a.dts",
                                            "#include \"d/b.dtsi\"\n"
                                                    + "#include <e.h>\n"
                                                    + "/ { v = <E>; };",
                                    "d/b.dtsi", "/dts-v1/;\n/include/ \"c.dtsi\"",
                                    "d/c.dtsi", "/ { c; };",
                                    "inc/e.h", "#ifndef E\n#define E 9\n#include <e.h>\n#endif"),
                            List.of("nowhere", "inc"));

            assertThat(tree.root().has("c")).isTrue();
            assertThat(tree.root().u32("v")).hasValue(9);
        }

        @Test
        void keepTheirOwnOrigins() {
            DeviceTree tree =
                    files(
                            Map.of(
                                    "a.dts", "/dts-v1/;\n#include \"b.dtsi\"\n/ {\n  a;\n};",
                                    "b.dtsi", "\n/ { b; };"),
                            List.of());

            assertThat(tree.root().property("a").orElseThrow().origin()).hasToString("a.dts:4:3");
            assertThat(tree.root().property("b").orElseThrow().origin()).hasToString("b.dtsi:2:5");
        }

        @Test
        void mustExist() {
            assertRefused(
                    "#include <x.h>", "a.dts:2:2: no file x.h, and no include path to look in");
        }

        @Test
        void mayNotGoInACircle() {
            assertThatThrownBy(() ->
                            files(
                                    Map.of(
                                            "a.dts", "#include \"b.dtsi\"",
                                            "b.dtsi", "#include \"a.dts\""),
                                    List.of()))
                    .isInstanceOf(DeviceTreeException.class)
                    .hasMessage(
                            "b.dtsi:1:2: the includes go in a circle: a.dts -> b.dtsi -> a.dts");
        }

        @Test
        void nestToALimit() {
            assertThat(chain(DtsLimits.INCLUDE_DEPTH_MAX).root().has("end")).isTrue();
            assertThatThrownBy(() -> chain(DtsLimits.INCLUDE_DEPTH_MAX + 1))
                    .isInstanceOf(DeviceTreeException.class)
                    .hasMessage("f62:1:2: includes nest deeper than 64");
        }

        private static DeviceTree chain(int files) {
            Map<String, String> chain = new LinkedHashMap<>();
            for (int i = 0; i < files - 1; i++) {
                chain.put(i == 0 ? "a.dts" : "f" + (i - 1), "#include \"f" + i + "\"\n");
            }
            chain.put("f" + (files - 2), "/dts-v1/; / { end; };");
            return PreprocessorTest.read(chain);
        }

        @Test
        void areCounted() {
            int max = DtsLimits.INCLUDE_COUNT_MAX;
            assertThat(
                            files(
                                            Map.of(
                                                    "a.dts",
                                                    "#include \"e\"\n".repeat(max)
                                                            + "/dts-v1/; / { };",
                                                    "e",
                                                    ""),
                                            List.of())
                                    .nodes())
                    .hasSize(1);
            assertThatThrownBy(() ->
                            files(
                                    Map.of("a.dts", "#include \"e\"\n".repeat(max + 1), "e", ""),
                                    List.of()))
                    .isInstanceOf(DeviceTreeException.class)
                    .hasMessage("a.dts:4097:2: more than 4096 includes");
        }
    }

    @Test
    void sourcesHaveALargestSize() {
        String fits = "/dts-v1/; / { };";
        fits += " ".repeat(DtsLimits.SOURCE_BYTES_MAX - fits.length());
        assertThat(files(Map.of("a.dts", fits), List.of()).nodes()).hasSize(1);

        String tooLong = fits + " ";
        assertThatThrownBy(() -> files(Map.of("a.dts", tooLong), List.of()))
                .isInstanceOf(DeviceTreeException.class)
                .hasMessage("a.dts:1:1: a.dts has more than 2097152 bytes");
    }

    @Test
    void sourcesHaveALargestSizeTogether() {
        String part = "\n".repeat(DtsLimits.TEXT_CHARS_MAX / 4 - 20);
        String main = "/dts-v1/; / { };\n" + "#include \"b\"\n".repeat(4);
        assertThat(files(Map.of("a.dts", main, "b", part), List.of()).nodes()).hasSize(1);
        assertThatThrownBy(() ->
                        files(
                                Map.of(
                                        "a.dts",
                                        main + "#include \"c\"\n",
                                        "b",
                                        part,
                                        "c",
                                        "\n".repeat(80)),
                                List.of()))
                .isInstanceOf(DeviceTreeException.class)
                .hasMessageEndingWith("more than 8388608 characters of source");
    }

    private static DeviceTree read(Map<String, String> files) {
        return files(files, List.of());
    }
}
