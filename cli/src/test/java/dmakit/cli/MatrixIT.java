package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same driver, unchanged, on every back end of the mapping API, with devices that snoop and
 * that do not, and with caches of every temper: nothing is found, and what it says is the same.
 */
class MatrixIT {
    private static final List<String> CACHES = List.of("none", "lru", "adversary");

    /** Its tree says nothing of the sizes of caches. */
    private static final List<String> CACHES_OF_THE_PC = List.of("none", "adversary");

    private static final List<String> LABS = List.of("m2m", "ram2ram", "mmap");
    private static final String SNOOPING =
            """
            /dts-v1/;
            /plugin/;
            &soc { dma-coherent; };
            """;

    @TempDir private static Path folder;

    @BeforeAll
    static void needsACompiler() throws IOException {
        Corpus.needsACompiler();
        Files.writeString(folder.resolve("snooping.dtso"), SNOOPING);
    }

    /** Those that need no kernel of their own. */
    static List<String> modules() {
        return Corpus.sources("clean").stream()
                .filter(name -> !textOf(name).contains("--cmdline"))
                .toList();
    }

    private static String textOf(String name) {
        try {
            return Files.readString(Corpus.source("clean", name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<String> labs() {
        return LABS;
    }

    private static Stream<List<String>> withCaches(List<String> args, List<String> caches) {
        return caches.stream()
                .map(cache -> {
                    var more = new ArrayList<>(args);
                    more.addAll(List.of("--cache", cache));
                    return more;
                });
    }

    private static Stream<List<String>> onTheRaspberryPi() {
        String snooping = folder.resolve("snooping.dtso").toString();
        return Stream.of(
                        List.of("--board", "rpi3"),
                        List.of("--board", "rpi3", "--cmdline", "swiotlb=force"),
                        List.of("--board", "rpi3-coherent"),
                        List.of("--board", "rpi3-coherent", "--cmdline", "swiotlb=force"),
                        List.of("--board", "rpi3-smmu", "--cmdline", "iommu.strict=1"),
                        List.of("--board", "rpi3-smmu", "--cmdline", "iommu.strict=0"),
                        List.of("--board", "rpi3-smmu", "--cmdline", "iommu.passthrough=1"),
                        List.of("--board", "rpi3-smmu", "--overlay", snooping))
                .flatMap(args -> withCaches(args, CACHES));
    }

    /** For modules that need an IOMMU. */
    private static Stream<List<String>> behindTheSmmu() {
        String snooping = folder.resolve("snooping.dtso").toString();
        return Stream.of(
                        List.of("--cmdline", "iommu.strict=1"),
                        List.of("--cmdline", "iommu.strict=0"),
                        List.of("--overlay", snooping))
                .flatMap(args -> withCaches(args, CACHES));
    }

    private static Stream<List<String>> onThePc() {
        return Stream.of(
                        List.of("--cmdline", ""),
                        List.of("--cmdline", "swiotlb=force"),
                        List.of("--cmdline", "intel_iommu=on"),
                        List.of("--cmdline", "intel_iommu=on iommu.strict=1"),
                        List.of("--cmdline", "intel_iommu=on iommu.passthrough=1"))
                .flatMap(args -> withCaches(args, CACHES_OF_THE_PC));
    }

    @ParameterizedTest
    @MethodSource("modules")
    void aCleanModuleDoesTheSameEverywhere(String name) throws IOException {
        Path source = Corpus.source("clean", name);
        List<String> first = null;
        for (List<String> setting : settingsOf(textOf(name)).toList()) {
            Corpus.Run run = Corpus.run(source, setting.toArray(String[]::new));
            assertThat(run.status()).as("%s: %s", setting, run).isZero();
            List<String> said = said(run.err());
            first = first == null ? said : first;
            assertThat(said).as("%s", setting).isEqualTo(first);
        }
    }

    /** For modules that need what only one controller can. */
    private static Stream<List<String>> onItsOwnBoard() {
        return Stream.of(List.of("--cmdline", ""), List.of("--cmdline", "swiotlb=force"))
                .flatMap(args -> withCaches(args, CACHES));
    }

    private static Stream<List<String>> settingsOf(String source) {
        if (source.contains("--board lan9691")) {
            return onItsOwnBoard();
        }
        if (source.contains("--board pc")) {
            return onThePc();
        }
        return source.contains("--board rpi3-smmu") ? behindTheSmmu() : onTheRaspberryPi();
    }

    @ParameterizedTest
    @MethodSource("labs")
    void aLabDoesTheSameEverywhere(String lab) {
        List<String> first = null;
        for (List<String> setting : onTheRaspberryPi().toList()) {
            String text = lab(setting, lab);
            List<String> said = said(text.substring(0, text.indexOf("\nmemory ")));
            first = first == null ? said : first;
            assertThat(said).as("%s", setting).isEqualTo(first);
        }
    }

    /** What it measures differs; that every byte comes back does not. */
    @Test
    void theLabThatComparesPioWithDmaMovesEveryByteEverywhere() {
        for (List<String> setting : onTheRaspberryPi().toList()) {
            assertThat(lab(setting, "pio-vs-dma", "--sizes", "16,1K,64K"))
                    .as("%s", setting)
                    .contains("every byte sent came back");
        }
    }

    private static String lab(List<String> setting, String... lab) {
        var args = new ArrayList<>(List.of("lab"));
        args.addAll(List.of(lab));
        args.addAll(setting);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status =
                Main.run(
                        new PrintWriter(out),
                        new PrintWriter(err, true),
                        args.toArray(String[]::new));
        assertThat(status).as("%s: %s%s", setting, out, err).isZero();
        return out.toString();
    }

    /** What the kernel says of the machine, not of the driver. */
    private static final Pattern OF_THE_MACHINE =
            Pattern.compile(
                    "(Booting |dmakit: |Machine model|Zone ranges|  (DMA|DMA32|Normal) |Kernel"
                        + " command|software IO TLB|Memory: |DMA: |DMA-API:"
                        + " (preallocated|debugging) |cma: |iommu: |arm-smmu |DMAR|OF: |Reserved"
                        + " memory: |pci-host-generic |pci |.*iommu group).*");

    /** What a driver and its programs said, without times and addresses. */
    private static List<String> said(String text) {
        return text.lines()
                .map(line -> line.replaceFirst("^\\[ *\\d+\\.\\d+] ", ""))
                .filter(line -> !OF_THE_MACHINE.matcher(line).matches())
                .map(line -> line.replaceAll("0x[0-9a-f]+", "0x"))
                .toList();
    }
}
