package dmakit.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dmakit.board.Board;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code dmakit lab}, {@code boards} and {@code topo} as a user meets them. */
class UserInputTest {
    private static final String OTHER_CONTROLLER =
            """
            /dts-v1/;
            / {
                #address-cells = <1>;
                #size-cells = <1>;
                memory@0 { device_type = "memory"; reg = <0 0x10000000>; };
                dma@20000000 {
                    compatible = "snps,dw-dmac";
                    reg = <0x20000000 0x1000>;
                    #dma-cells = <1>;
                };
            };
            """;

    @TempDir private Path folder;
    private String out = "";
    private String err = "";

    private int run(String... args) {
        StringWriter answer = new StringWriter();
        StringWriter complaint = new StringWriter();
        int status = Main.run(new PrintWriter(answer), new PrintWriter(complaint, true), args);
        out = answer.toString();
        err = complaint.toString();
        return status;
    }

    private String write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    /** One line on standard error, nothing on standard output, status 2. */
    private void isRefused(String complaint, String... args) {
        assertThat(run(args)).isEqualTo(2);
        assertThat(err).isEqualToNormalizingNewlines("dmakit: " + complaint + "\n");
        assertThat(out).isEmpty();
    }

    @Nested
    class Text {
        @ParameterizedTest
        @ValueSource(strings = {"one-two-three", "", "two\nlines", "žluťoučký kůň 🐟", "%s %d \\n"})
        void anyTextArrives(String text) {
            int bytes = text.getBytes(UTF_8).length + 1;
            assertThat(run("lab", "m2m", "--text", text)).isZero();
            assertThat(out).contains("read_buf equals write_buf: " + bytes + " byte");
            assertThat(run("lab", "mmap", "--text", text)).isZero();
            assertThat(out).contains("the text read through the second mapping equals");
        }

        @Test
        void asLongAsTheBufferArrives() {
            assertThat(run("lab", "m2m", "--text", "x".repeat(4095))).isZero();
            assertThat(out).contains("read_buf equals write_buf: 4096 bytes");
            assertThat(run("lab", "mmap", "--text", "x".repeat(4095))).isZero();
        }

        @ParameterizedTest
        @ValueSource(ints = {4096, 4097, 100_000})
        void longerThanTheBufferIsWhatTheDriverRefuses(int length) {
            assertThat(run("lab", "m2m", "--text", "x".repeat(length))).isEqualTo(1);
            assertThat(out)
                    .contains("dma_m2m dma-m2m: " + (length + 1) + " bytes do not fit in 4096")
                    .contains("write failed: -EINVAL");
            assertThat(err).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(ints = {4096, 100_000})
        void longerThanTheMappingIsNotStored(int length) {
            assertThat(run("lab", "mmap", "--text", "x".repeat(length))).isEqualTo(1);
            assertThat(out)
                    .contains("the text has %d bytes, the mapping takes 4095".formatted(length));
            assertThat(err).isEmpty();
        }
    }

    @Nested
    class BoardOfTheUser {
        @Test
        void thatDoesNotExistIsRefused() {
            isRefused(
                    "no board 'rpi9': neither built in (%s) nor a file"
                            .formatted(String.join(", ", Board.builtInNames())),
                    "lab",
                    "m2m",
                    "--board",
                    "rpi9");
        }

        @Test
        void thatIsAFolderIsRefused() {
            isRefused(
                    folder + " is a folder, not a device tree",
                    "lab",
                    "ram2ram",
                    "--board",
                    folder.toString());
        }

        @Test
        void thatCannotBeReadIsRefused() throws IOException {
            Path secret = Path.of(write("secret.dtb", "x"));
            assumeFalse(!secret.toFile().setReadable(false) || Files.isReadable(secret));
            isRefused(secret + ": permission denied", "topo", secret.toString());
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "''|:1:1: the source ends where /dts-v1/; is wanted",
                    "'/dts-v1/; / { a = <; };'|:1:20: found ';', wanted a number",
                    "'#include \"none.dtsi\"'|:1:2: no file none.dtsi, and no include path to look"
                            + " in"
                })
        void thatIsBrokenSourceIsRefusedWithFileAndLine(String text, String where)
                throws IOException {
            String file = write("bad.dts", text);
            for (List<String> command :
                    List.of(List.of("topo"), List.of("lab", "m2m", "--board"))) {
                String[] args =
                        Stream.concat(command.stream(), Stream.of(file)).toArray(String[]::new);
                isRefused(file + where, args);
            }
        }

        @Test
        void thatIsABrokenBlobIsRefusedWithFileAndOffset() throws IOException {
            Path file = folder.resolve("bad.dtb");
            Files.write(file, new byte[] {(byte) 0xd0, 0x0d, (byte) 0xfe, (byte) 0xed, 0, 0});
            assertThat(run("lab", "m2m", "--board", file.toString())).isEqualTo(2);
            assertThat(err).startsWith("dmakit: " + file + "+0x").hasLineCount(1);
        }

        @Test
        void mayIncludeOtherFiles() throws IOException {
            String mine = basedOnRpi3("/ { model = \"My own\"; };");
            assertThat(run("lab", "m2m", "--board", mine)).isZero();
            assertThat(out).contains("Machine model: My own");
        }

        @Test
        void withoutAControllerIsRefused() throws IOException {
            String tree =
                    """
                    /dts-v1/;
                    / {
                        #address-cells = <1>;
                        #size-cells = <1>;
                        memory@0 { device_type = "memory"; reg = <0 0x10000000>; };
                    };
                    """;
            isRefused(
                    "no lab runs on board 'bare': it has no DMA controller; 'dmakit boards' shows"
                            + " what each has",
                    "lab",
                    "m2m",
                    "--board",
                    write("bare.dts", tree));
        }

        @ParameterizedTest
        @ValueSource(strings = {"m2m", "ram2ram", "mmap"})
        void withoutAControllerOfWhichThereIsAModelIsRefused(String lab) throws IOException {
            isRefused(
                    "no lab runs on board 'other': dmakit has a model of none of its DMA"
                            + " controllers (snps,dw-dmac); 'dmakit boards' shows what each has",
                    "lab",
                    lab,
                    "--board",
                    write("other.dts", OTHER_CONTROLLER));
        }

        @Test
        void withoutGeometryOfItsCachesHasNoLru() throws IOException {
            isRefused(
                    "--cache lru: the board's tree gives no cache-size",
                    "lab",
                    "m2m",
                    "--cache",
                    "lru",
                    "--board",
                    write(
                            "other.dts",
                            OTHER_CONTROLLER.replace("snps,dw-dmac", "brcm,bcm2835-dma")));
        }

        private String basedOnRpi3(String changes) throws IOException {
            Files.copy(
                    Path.of(System.getProperty("dmakit.root"))
                            .resolve("board/src/main/resources/dmakit/board/rpi3.dts"),
                    folder.resolve("base.dtsi"));
            return write("mine.dts", "#include \"base.dtsi\"\n" + changes + "\n");
        }
    }

    @Nested
    class AnOverlay {
        private String overlay(String text) throws IOException {
            return write("mine.dtso", "/dts-v1/;\n/plugin/;\n" + text);
        }

        @Test
        void forALabelThatIsNotThereIsRefusedWithItsPlace() throws IOException {
            String file = overlay("&nosuch { x; };\n");
            isRefused(
                    file
                            + ":3:1: the base tree has no label nosuch, which /fragment@0:target"
                            + " refers to (applied to board 'rpi3')",
                    "lab",
                    "m2m",
                    "--overlay",
                    file);
        }

        @Test
        void forAPathThatIsNotThereIsRefusedWithItsPlace() throws IOException {
            String file = overlay("&{/soc/no@1} { x; };\n");
            isRefused(
                    file
                            + ":3:1: fragment fragment@0 has target-path /soc/no@1, which the base"
                            + " has not (applied to board 'pc')",
                    "topo",
                    "pc",
                    "--overlay",
                    file);
        }

        @Test
        void thatIsATreeIsRefused() throws IOException {
            String file = write("mine.dtso", "/dts-v1/; / { };");
            isRefused(
                    file
                            + ":1:1: is no overlay, it has no fragment with __overlay__; source of"
                            + " one begins with /dts-v1/; /plugin/; (applied to board 'rpi3')",
                    "test",
                    "--overlay",
                    file);
        }

        @Test
        void whoseContentMakesNoSenseIsRefusedWithItsPlace() throws IOException {
            String file = overlay("&dma { reg = <1>; };\n");
            assertThat(run("lab", "m2m", "--overlay", file)).isEqualTo(2);
            assertThat(err).startsWith("dmakit: " + file + ":3:8: property reg of ");
        }
    }

    @Nested
    class Usage {
        @Test
        void thatIsWrongIsOneLine() {
            String tryHelp = "; try 'dmakit lab m2m --help'";
            isRefused("unknown option '--bogus'" + tryHelp, "lab", "m2m", "--bogus");
            isRefused("unexpected argument 'x'" + tryHelp, "lab", "m2m", "x");
            isRefused("unknown lab 'x'; try 'dmakit lab --help'", "lab", "x");
            isRefused(
                    "missing lab: m2m, ram2ram, mmap, pio-vs-dma, mapping, burst, net or audio;"
                            + " try 'dmakit lab --help'",
                    "lab");
            isRefused(
                    "missing required parameter for option '--seed' (N)" + tryHelp,
                    "lab",
                    "m2m",
                    "--seed");
            isRefused(
                    "invalid value for option '--cache': expected none, lru or adversary, found 'x'"
                            + tryHelp,
                    "lab",
                    "m2m",
                    "--cache",
                    "x");
            isRefused("unknown option '--bogus'; try 'dmakit boards --help'", "boards", "--bogus");
            isRefused(
                    "invalid value for option '--line': 'x' is no number; try 'dmakit lab"
                            + " pio-vs-dma --help'",
                    "lab",
                    "pio-vs-dma",
                    "--line",
                    "x");
        }

        @ParameterizedTest
        @ValueSource(strings = {"lab", "lab m2m", "lab ram2ram", "lab mmap", "boards", "topo"})
        void isExplainedForEveryCommand(String command) {
            assertThat(run((command + " --help").split(" "))).isZero();
            assertThat(out).startsWith("Usage: dmakit " + command);
            assertThat(err).isEmpty();
        }
    }

    @Nested
    class Trace {
        private List<Path> left() throws IOException {
            try (Stream<Path> files = Files.list(folder)) {
                return files.toList();
            }
        }

        @Test
        void isWholeOrNotThere() throws IOException {
            Path trace = folder.resolve("run.jsonl");
            isRefused(
                    "no board 'x': neither built in (%s) nor a file"
                            .formatted(String.join(", ", Board.builtInNames())),
                    "lab",
                    "m2m",
                    "--board",
                    "x",
                    "--trace",
                    trace.toString());
            assertThat(left()).isEmpty();
            assertThat(run("lab", "m2m", "--trace", trace.toString())).isZero();
            assertThat(left()).containsExactly(trace);
            JsonMapper json = new JsonMapper();
            assertThat(Files.readAllLines(trace))
                    .hasSizeGreaterThan(50)
                    .allSatisfy(line -> assertThat(json.readTree(line).has("atPs")).isTrue());
        }

        @Test
        void ofAFailedRunIsThereToo() throws IOException {
            Path trace = folder.resolve("run.json");
            int status = run("lab", "m2m", "--text", "x".repeat(5000), "--trace", trace.toString());
            assertThat(status).isEqualTo(1);
            assertThat(new JsonMapper().readTree(trace.toFile()).get("traceEvents")).isNotEmpty();
        }

        @Test
        void replacesAnOldOneAndFollowsLinks() throws IOException {
            Path old = Path.of(write("old.jsonl", "old\n"));
            Path link = Files.createSymbolicLink(folder.resolve("link.jsonl"), old);
            assertThat(run("lab", "m2m", "--trace", link.toString())).isZero();
            assertThat(link).isSymbolicLink();
            assertThat(old).content().startsWith("{\"event\":");
        }

        @Test
        void whereNoneCanBeIsRefused() throws IOException {
            isRefused("--trace: the name of the file is empty", "lab", "m2m", "--trace", "");
            isRefused(
                    "--trace " + folder + ": is a folder",
                    "lab",
                    "m2m",
                    "--trace",
                    folder.toString());
            Path nowhere = folder.resolve("no/such/trace.json");
            isRefused(
                    "--trace " + nowhere + ": no such folder",
                    "lab",
                    "m2m",
                    "--trace",
                    nowhere.toString());
            assertThat(left()).isEmpty();
        }

        @Test
        void inAFolderThatMayOnlyBeReadIsRefused() throws IOException {
            Path readOnly = Files.createDirectory(folder.resolve("ro"));
            assumeFalse(!readOnly.toFile().setWritable(false) || Files.isWritable(readOnly));
            Path trace = readOnly.resolve("trace.json");
            isRefused(
                    "--trace " + trace + ": permission denied",
                    "lab",
                    "m2m",
                    "--trace",
                    trace.toString());
        }

        @Test
        @EnabledOnOs(OS.LINUX)
        void whereNotEvenRootMayWriteIsRefused() {
            isRefused(
                    "--trace /proc/trace.json: no file can be made there",
                    "lab",
                    "m2m",
                    "--trace",
                    "/proc/trace.json");
        }

        @Test
        @EnabledOnOs({OS.LINUX, OS.MAC})
        void isAsReadableAsAnyOtherFile() throws IOException {
            Path trace = folder.resolve("run.jsonl");
            assertThat(run("lab", "m2m", "--trace", trace.toString())).isZero();
            assertThat(Files.getPosixFilePermissions(trace))
                    .isEqualTo(Files.getPosixFilePermissions(Path.of(write("other", ""))));
        }

        @Test
        @EnabledOnOs(OS.LINUX)
        void onAFullDiskIsOneLineAndLeavesNothing() {
            assertThat(run("lab", "m2m", "--trace", "/dev/full")).isEqualTo(2);
            assertThat(err)
                    .isEqualToNormalizingNewlines(
                            "dmakit: --trace /dev/full: No space left on device\n");
        }
    }

    @Nested
    class Json {
        private JsonNode json(String... args) {
            run(args);
            assertThat(err).isEmpty();
            return new JsonMapper().readTree(out);
        }

        @ParameterizedTest
        @ValueSource(strings = {"m2m", "ram2ram", "mmap"})
        void ofALabHasWhatItsTextShows(String lab) {
            assertThat(run("lab", lab, "--calls")).isZero();
            List<String> text = out.lines().toList();
            JsonNode json = json("lab", lab, "--calls", "--report", "json");
            assertThat(json.get("lab").stringValue()).isEqualTo(lab);
            assertThat(json.get("success").booleanValue()).isTrue();
            assertThat(text).contains(json.get("message").stringValue());
            for (JsonNode line : json.get("console")) {
                assertThat(text).contains(line.stringValue());
            }
            for (JsonNode call : json.get("calls")) {
                assertThat(text)
                        .contains(
                                "  %s(%s)"
                                        .formatted(
                                                call.get("function").stringValue(),
                                                call.get("arguments").stringValue()));
            }
            assertThat(json.get("calls")).isNotEmpty();
            assertThat(text).hasSizeGreaterThan(json.get("console").size());
            JsonNode account = json.get("account");
            String shown = String.join("\n", text);
            for (JsonNode buffer : account.get("buffers")) {
                for (String space : List.of("va", "phys", "dma")) {
                    assertThat(shown).contains(buffer.get(space).stringValue());
                }
            }
            assertThat(shown)
                    .contains(account.get("channel").stringValue())
                    .contains(account.get("fetches").get(0).get("content").stringValue())
                    .contains(account.get("cleanedLines").asString() + " line");
        }

        @Test
        void ofALabThatFailedSaysSo() {
            JsonNode json = json("lab", "m2m", "--text", "x".repeat(5000), "--report", "json");
            assertThat(json.get("success").booleanValue()).isFalse();
            assertThat(json.get("message").stringValue()).startsWith("write failed: -EINVAL");
            assertThat(json.has("account")).isFalse();
        }

        @Test
        void ofBoardsHasTheirControllers() {
            JsonNode boards = json("boards", "--report", "json");
            assertThat(boards)
                    .extracting(board -> board.get("name").stringValue())
                    .isEqualTo(Board.builtInNames());
            for (JsonNode board : boards) {
                assertThat(board.get("source").stringValue()).isEqualTo("built in");
                assertThat(board.get("controllers"))
                        .allSatisfy(
                                each -> assertThat(each.get("modelled").booleanValue()).isTrue());
            }
        }

        @Test
        void ofBoardsHasTheirPeripherals() {
            JsonNode boards = json("boards", "--report", "json");
            List<String> kinds =
                    boards.valueStream()
                            .flatMap(board -> board.get("peripherals").valueStream())
                            .map(each -> each.get("kind").stringValue())
                            .distinct()
                            .toList();
            assertThat(kinds)
                    .containsExactlyInAnyOrder(
                            "UART", "audio", "SPI", "FIFO", "ISA DMA", "sound", "MAC");
            assertThat(run("boards")).isZero();
            assertThat(out)
                    .contains("audio   /soc/i2s@7e203000 (brcm,bcm2835-i2s)\n")
                    .contains("PCI     /pcie@b0000000/edu@2,0 (pci1234,11e8)\n")
                    .contains("DMA     /soc/dma-controller@7e007000 (brcm,bcm2835-dma)\n");
        }

        @Test
        void ofBoardsNamesTheirIommus() {
            assertThat(run("boards")).isZero();
            assertThat(out)
                    .contains("1008 MiB RAM, non-coherent DMA\n")
                    .contains("non-coherent DMA, behind an IOMMU (arm,mmu-500, arm,smmu-v2)\n")
                    .contains("coherent DMA, behind an IOMMU (intel,vtd)\n");
        }

        @Test
        void ofATopologyCountsItsOverlays() throws IOException {
            String source = "/dts-v1/; /plugin/; &{/} { model = \"Mine\"; };";
            assertThat(run("topo", "rpi3", "--overlay", write("mine.dtso", source))).isZero();
            assertThat(out).startsWith("Mine\n");
        }

        @Test
        void ofATopologyNamesTheController() {
            JsonNode topology = json("topo", "rpi3", "--report", "json");
            assertThat(topology.get("controllers")).isNotEmpty();
            assertThat(topology.get("memory")).isNotEmpty();
        }
    }
}
