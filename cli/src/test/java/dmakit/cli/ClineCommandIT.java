package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dmakit.cmodule.CModule;
import dmakit.cmodule.CompilerMissing;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClineCommandIT {
    @TempDir Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void needsACompiler() {
        try {
            CModule.example();
        } catch (CompilerMissing e) {
            assumeTrue(false, e.getMessage());
        }
    }

    private int run(String... args) {
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "2", "3"})
    void theExampleCopiesWithTheChipOfTheBoard(String seed) {
        assertThat(run("cline", "--seed", seed)).isZero();
        assertThat(err.toString()).isEmpty();
        assertThat(out.toString())
                .contains("memcpy_once: dma0chan")
                .contains("memcpy_once: the buffers are equal")
                .contains("memcpy_once: init answered 0")
                .contains("memcpy_once: unloaded");
    }

    @Test
    void callsAreShownInTheirOrder() {
        assertThat(run("cline", "--calls")).isZero();
        assertThat(out.toString())
                .containsSubsequence(
                        "dma_request_channel(DMA_MEMCPY)",
                        "dma_alloc_coherent(",
                        "dmaengine_prep_dma_memcpy(",
                        "dmaengine_submit(",
                        "dma_async_issue_pending(",
                        "wait_for_completion_timeout(",
                        "complete(",
                        "dma_free_coherent(",
                        "dma_release_channel(");
    }

    @Test
    void aCrashIsStatusOneWithItsPlace() throws IOException {
        Path source = module("*(volatile int *)8 = 1; return 0;");
        assertThat(run("cline", source.toString())).isEqualTo(1);
        assertThat(err.toString())
                .contains("NULL pointer dereference")
                .contains("at start " + source + ":4");
        assertThat(out.toString()).contains("Call trace:");
    }

    @Test
    void anErrorOfInitIsStatusOne() throws IOException {
        assertThat(run("cline", module("return -ENODEV;").toString())).isEqualTo(1);
        assertThat(out.toString()).contains("module: init answered -19");
    }

    @Test
    void aModuleThatDoesNotCompileIsStatusTwoInTheCompilersWords() throws IOException {
        assertThat(run("cline", module("return wrong;").toString())).isEqualTo(2);
        assertThat(err.toString()).contains("does not compile").contains("module.c:4:");
    }

    @Test
    void missingSymbolsAreStatusTwo() throws IOException {
        assertThat(run("cline", module("return msleep(1);").toString())).isEqualTo(2);
        assertThat(err.toString()).contains("module.c:4: msleep");
    }

    @Test
    void anEndlessLoopIsStatusOneAfterItsTimeout() throws IOException {
        Path source = module("for (;;) barrier();");
        assertThat(run("cline", source.toString(), "--timeout", "1")).isEqualTo(1);
        assertThat(err.toString())
                .contains("1 s without calling the kernel")
                .contains("module.c:4");
    }

    @Test
    void aFileThatIsNotThereIsOneLineAndStatusTwo() {
        assertThat(run("cline", "nowhere.c")).isEqualTo(2);
        assertThat(err.toString())
                .isEqualToNormalizingNewlines(
                        "dmakit: nowhere.c: no such file, or it cannot be read\n");
    }

    @Test
    void theCommandIsNotInTheHelp() {
        run("--help");
        assertThat(out.toString()).doesNotContain("cline");
    }

    private Path module(String body) throws IOException {
        return Files.writeString(
                folder.resolve("module.c"),
                """
                #include <linux/module.h>
                static int __init start(void)
                {
                    %s
                }
                module_init(start);
                """
                        .formatted(body));
    }
}
