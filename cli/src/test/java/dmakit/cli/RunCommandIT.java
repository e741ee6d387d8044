package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code dmakit run} as a user meets it. */
class RunCommandIT {
    private static final Path LABS = Path.of(System.getProperty("dmakit.root"), "labs/c");

    @TempDir private Path folder;
    private String out = "";
    private String err = "";

    @BeforeAll
    static void needsACompiler() {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(":"))
                        .anyMatch(each -> Files.isExecutable(Path.of(each, "gcc"))),
                "gcc is not installed");
    }

    private int run(String... args) {
        StringWriter answer = new StringWriter();
        StringWriter complaint = new StringWriter();
        int status = Main.run(new PrintWriter(answer), new PrintWriter(complaint, true), args);
        out = answer.toString();
        err = complaint.toString();
        return status;
    }

    private String lab(String name) {
        return LABS.resolve(name).toString();
    }

    private String module(String body) throws IOException {
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
                                .formatted(body))
                .toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "2", "3"})
    void theRam2RamLabIsClean(String seed) {
        assertThat(run("run", lab("dma_ram2ram.c"), "--seed", seed)).as(out + err).isZero();
        assertThat(err).isEmpty();
        assertThat(out)
                .contains("dma_ram2ram: 1024 bytes from 0x")
                .contains("dma_ram2ram: the buffers are equal")
                .contains("dma_ram2ram: unloaded")
                .endsWith("\n\ndma_ram2ram: no findings; board rpi3, seed " + seed + "\n");
    }

    @Test
    void whatTheBuiltInTestHoldsOfAModuleIsGivenBackBeforeTheModuleGoes() {
        String provider =
                LABS.resolve("../../cmodule/src/test/c/dma_bcm2835.c").normalize().toString();
        String word = "initcall_blacklist=bcm2835_dma_driver_init";
        String begin = "cd /sys/module/dmatest/parameters; echo 1 > run; lsmod";
        assertThat(run("run", provider, "--cmdline", word, "--do", begin)).as(out).isZero();
        assertThat(out)
                .contains("dmatest: Started 1 threads using dma0chan0")
                .doesNotContain("clients hold a reference")
                .endsWith("no findings; board rpi3, seed 1\n");
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "2, 0", "3, 0", "1, 5", "2, 5", "3, 5"})
    void aThreadThatOutlivesItsModuleIsAFindingWhetherOrNotItBegan(String seed, int initMs)
            throws IOException {
        Path hog =
                Files.writeString(
                        folder.resolve("hog.c"),
                        """
                        #include <linux/module.h>
                        #include <linux/kthread.h>
                        #include <linux/delay.h>
                        static int body(void *data)
                        {
                            while (!kthread_should_stop())
                                schedule();
                            return 0;
                        }
                        static int __init start(void)
                        {
                            kthread_run(body, NULL, "hog");
                            msleep(%d);
                            return 0;
                        }
                        static void __exit stop(void) {}
                        module_init(start);
                        module_exit(stop);
                        MODULE_LICENSE("GPL");
                        """
                                .formatted(initMs));
        assertThat(run("run", hog.toString(), "--seed", seed)).as(out + err).isEqualTo(1);
        assertThat(out)
                .contains("thread hog is still there when its module goes: its code is gone [oops]")
                .endsWith("hog: 1 finding; board rpi3, seed " + seed + "\n");
        assertThat(err).isEmpty();
    }

    @Test
    void callsAreShownInTheirOrder() {
        assertThat(run("run", lab("dma_ram2ram.c"), "--calls")).isZero();
        assertThat(out)
                .containsSubsequence(
                        "dma_request_channel(DMA_MEMCPY)",
                        "dma_alloc_attrs(",
                        "dmaengine_prep_dma_memcpy(",
                        "dmaengine_submit(",
                        "dma_async_issue_pending(",
                        "wait_for_completion_timeout(",
                        "complete(",
                        "dma_free_attrs(",
                        "dma_release_channel(");
    }

    @Test
    void severalFilesAreOneModuleWithItsOwnHeadersMacrosAndParameters() throws IOException {
        Files.createDirectory(folder.resolve("include"));
        Files.writeString(folder.resolve("include/helper.h"), "int helper(int value);\n");
        Path helper =
                Files.writeString(
                        folder.resolve("helper.c"),
                        "#include \"helper.h\"\n"
                                + "int helper(int value) { return value * FACTOR; }\n");
        Path driver =
                Files.writeString(
                        folder.resolve("my-driver.c"),
                        """
                        #include <linux/module.h>
                        #include <linux/version.h>
                        #include "helper.h"

                        static int loops;
                        module_param(loops, int, 0444);

                        static int __init start(void)
                        {
                            pr_info("%s: %d, Linux %d.%d\\n", KBUILD_MODNAME, helper(loops),
                                    LINUX_VERSION_CODE >> 16, LINUX_VERSION_CODE >> 8 & 255);
                            return 0;
                        }
                        module_init(start);
                        """);
        int status =
                run(
                        "run",
                        driver.toString(),
                        helper.toString(),
                        "-I",
                        folder.resolve("include").toString(),
                        "-DFACTOR=3",
                        "-p",
                        "loops=5",
                        "--kernel",
                        "6.1");
        assertThat(status).as(out + err).isZero();
        assertThat(out).contains("] my_driver: 15, Linux 6.1\n");
    }

    @Nested
    class AFailedRun {
        @Test
        void isACrashWithItsPlace() throws IOException {
            String source = module("*(volatile int *)8 = 1; return 0;");
            assertThat(run("run", source)).isEqualTo(1);
            assertThat(out)
                    .contains("NULL pointer dereference")
                    .contains("Call trace:")
                    .contains("start " + source + ":4")
                    .contains("failed: insmod module: Unable to handle kernel NULL pointer");
        }

        @Test
        void isAnErrorOfInit() throws IOException {
            assertThat(run("run", module("return -ENODEV;"))).isEqualTo(1);
            assertThat(out).contains("failed: insmod module: init answered -19 (-ENODEV)");
        }

        @Test
        void saysThatABoardWithoutAControllerHasNoChannels() throws IOException {
            assertThat(
                            run(
                                    "run",
                                    module("return -EPROBE_DEFER;"),
                                    "--board",
                                    "pc",
                                    "--cmdline",
                                    "initcall_blacklist=plx_dma_pci_driver_init,ioat_init_module"))
                    .isEqualTo(1);
            assertThat(out)
                    .contains("the DMA subsystem of Linux 6.12 on x86,")
                    .contains("(-EPROBE_DEFER): no DMA controller is registered");
        }

        @Test
        void isAnEndlessLoopAfterItsTimeout() throws IOException {
            String source = module("for (;;) barrier();");
            assertThat(run("run", source, "--timeout", "1")).isEqualTo(1);
            assertThat(out).contains("1 s without calling the kernel").contains("module.c:4");
        }
    }

    @Nested
    class CouldNotRunBecause {
        @Test
        void itDoesNotCompileInTheCompilersWords() throws IOException {
            assertThat(run("run", module("return wrong;"))).isEqualTo(2);
            assertThat(err).contains("does not compile").contains("module.c:4:");
            assertThat(out).isEmpty();
            assertThat(run("check", module("return wrong;"))).isEqualTo(2);
            assertThat(err).contains("does not compile").contains("module.c:4:");
        }

        @Test
        void symbolsAreMissingWhichAreToldAllAtOnce() throws IOException {
            assertThat(run("run", module("return no_such(1) + none_such(2);"))).isEqualTo(2);
            assertThat(err).contains("module.c:4: no_such").contains("module.c:4: none_such");
            assertThat(run("check", module("return no_such(1) + none_such(2);"))).isEqualTo(2);
            assertThat(err).contains("module.c:4: no_such").contains("module.c:4: none_such");
        }

        @Test
        void theKernelHasAModuleOfThatNameBuiltIn() throws IOException {
            Path copy = Files.copy(Path.of(lab("dma_ram2ram.c")), folder.resolve("dmatest.c"));
            String file = copy.toString();
            assertThat(run("run", file)).as(out).isEqualTo(ExitStatus.COULD_NOT_RUN);
            assertThat(err)
                    .contains("dmatest is built into the kernel")
                    .contains("--cmdline initcall_blacklist=dmatest_init");
            assertThat(run("run", file, "--cmdline", "initcall_blacklist=dmatest_init")).isZero();
        }

        @Test
        void aParameterIsUnknown() {
            assertThat(run("run", lab("dma_ram2ram.c"), "-p", "loops=5")).isEqualTo(2);
            assertThat(err)
                    .isEqualToNormalizingNewlines(
                            "dmakit: dma_ram2ram has no parameter `loops'; it has none\n");
            assertThat(out).doesNotContain("Oops");
        }

        @Test
        void aFileIsNotThereOrNoC() throws IOException {
            isRefused("nowhere.c: no such file", "run", "nowhere.c");
            isRefused(folder + ": is a folder, not a C file", "run", folder.toString());
            Path page = Files.writeString(folder.resolve("README.md"), "");
            isRefused(page + ": wanted a C file, FILE.c", "run", page.toString());
            isRefused("no module: name its C files, as labs/c/dma_m2m.c", "run");
        }

        @Test
        void anOptionMakesNoSense() throws IOException {
            String source = module("return 0;");
            isRefused("-p =3: wanted NAME=VALUE", "run", source, "-p", "=3");
            isRefused(
                    "--kernel new: wanted a version, as 6.1 or 6.12",
                    "run",
                    source,
                    "--kernel",
                    "new");
            isRefused("--timeout 0: wanted 1 to 86400", "run", source, "--timeout", "0");
            isRefused(
                    "--time-limit -1.0: wanted more than 0, at most 86400",
                    "run",
                    source,
                    "--time-limit",
                    "-1");
            isRefused("--suppress none: no such file", "run", source, "--suppress", "none");
            isRefused("none.dtbo: no such file", "run", source, "--overlay", "none.dtbo");
        }

        private void isRefused(String complaint, String... args) {
            assertThat(run(args)).isEqualTo(2);
            assertThat(err).isEqualToNormalizingNewlines("dmakit: " + complaint + "\n");
            assertThat(out).isEmpty();
        }
    }

    @Nested
    class TheReport {
        @ParameterizedTest
        @ValueSource(strings = {"json", "sarif", "junit"})
        void isAloneOnStandardOutput(String form) {
            assertThat(run("run", lab("dma_ram2ram.c"), "--report", form)).isZero();
            assertThat(out).startsWith(form.equals("junit") ? "<?xml" : "{").doesNotStartWith("[");
            assertThat(err).contains("Booting dmakit").contains("the buffers are equal");
        }

        @Test
        void saysWhatWasRunOnWhat() throws IOException {
            String source = module("return -EIO;");
            int status =
                    run(
                            "run",
                            source,
                            "--name",
                            "other",
                            "--report",
                            "json",
                            "--seed",
                            "9",
                            "--board",
                            "rpi3-coherent",
                            "--kernel",
                            "6.1");
            assertThat(status).isEqualTo(1);
            JsonNode json = new JsonMapper().readTree(out);
            assertThat(json.get("module").stringValue()).isEqualTo("other");
            assertThat(json.get("board").stringValue()).isEqualTo("rpi3-coherent");
            assertThat(json.get("seed").longValue()).isEqualTo(9);
            assertThat(json.get("kernel").stringValue()).isEqualTo("6.1");
            assertThat(json.get("exit").intValue()).isEqualTo(1);
            assertThat(json.at("/steps/0/failure").stringValue()).contains("-EIO");
            assertThat(json.get("log")).isNotEmpty();
        }

        @Test
        void goesToAFileWholeOrNotAtAll() throws IOException {
            Path report = folder.resolve("report.json");
            String[] args = {
                "run", lab("dma_ram2ram.c"), "--report", "json", "--out", report.toString()
            };
            assertThat(run(args)).isZero();
            assertThat(out).isEmpty();
            assertThat(new JsonMapper().readTree(report.toFile()).get("tool").stringValue())
                    .isEqualTo("dmakit");

            Files.writeString(report, "old");
            assertThat(run("run", module("wrong"), "--out", report.toString())).isEqualTo(2);
            assertThat(report).hasContent("old");
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files.map(Path::getFileName).map(Path::toString))
                        .containsExactlyInAnyOrder("report.json", "module.c");
            }
        }

        @Test
        void whereNoneCanBeIsRefusedBeforeTheRun() {
            assertThat(run("run", lab("dma_ram2ram.c"), "--out", folder.toString())).isEqualTo(2);
            assertThat(err).contains("--out " + folder + ": is a folder");
            assertThat(out).isEmpty();
        }
    }

    @Test
    void checkIsContentWithWhatCompiles() {
        assertThat(run("check", lab("dma_ram2ram.c"))).isZero();
        assertThat(out)
                .isEqualToNormalizingNewlines(
                        "dma_ram2ram: compiles, and lacks no kernel symbol\n");
    }

    @Test
    void simulatedTimeMayBeLimited() throws IOException {
        String source =
                Files.writeString(
                                folder.resolve("waits.c"),
                                """
                                #include <linux/completion.h>
                                #include <linux/module.h>
                                static int __init start(void)
                                {
                                    struct completion never;

                                    init_completion(&never);
                                    wait_for_completion_timeout(&never, 100 * HZ);
                                    return 0;
                                }
                                module_init(start);
                                """)
                        .toString();
        assertThat(run("run", source)).isZero();
        assertThat(run("run", source, "--time-limit", "1.5")).isEqualTo(1);
        assertThat(out)
                .contains("failed: insmod waits: the limit of 1.5 s of simulated time is reached");
    }

    @Test
    void theSameSeedGivesTheSameReportAndTrace() throws IOException {
        List<String> reports = new java.util.ArrayList<>();
        List<Path> traces = List.of(folder.resolve("a.jsonl"), folder.resolve("b.jsonl"));
        for (Path trace : traces) {
            run(
                    "run",
                    lab("dma_ram2ram.c"),
                    "--seed",
                    "20",
                    "--cache",
                    "adversary",
                    "--report",
                    "json",
                    "--trace",
                    trace.toString());
            reports.add(out);
        }
        assertThat(reports.get(0)).isEqualTo(reports.get(1));
        assertThat(traces.get(0)).isNotEmptyFile().hasSameBinaryContentAs(traces.get(1));
    }
}
