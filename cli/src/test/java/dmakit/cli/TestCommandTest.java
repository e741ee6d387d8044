package dmakit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code dmakit test} as a user meets it. */
class TestCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        String[] all = new String[args.length + 1];
        all[0] = "test";
        System.arraycopy(args, 0, all, 1, args.length);
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), all);
    }

    @Test
    void namedChannelsAreTestedAndSummedUp() {
        assertThat(run("--channels", "dma0chan0,dma0chan3", "--iterations", "20")).isZero();
        assertThat(out.toString().lines().toList())
                .anyMatch(line -> line.endsWith("dmatest: Added 1 threads using dma0chan0"))
                .anyMatch(line -> line.endsWith("dmatest: Started 1 threads using dma0chan3"))
                .anyMatch(line -> line.contains("dma0chan3-copy0: summary 20 tests, 0 failures"))
                .anyMatch(line -> line.startsWith("40 tests of 2 threads, 0 failures, in 0."))
                .noneMatch(line -> line.contains("Booting"))
                .endsWith("dmatest: no findings; board rpi3, seed 1");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void theSameSeedGivesTheSameRates() {
        String[] args = {"--max-channels", "2", "--iterations", "10", "--seed", "7"};
        assertThat(run(args)).isZero();
        String first = out.toString();
        out.getBuffer().setLength(0);
        assertThat(run(args)).isZero();
        assertThat(out.toString()).isEqualTo(first);
    }

    @Test
    void everyThreadIsAStepOfTheReport() {
        int status =
                run(
                        "--channels",
                        "dma0chan10",
                        "--threads-per-chan",
                        "2",
                        "--iterations",
                        "3",
                        "--report",
                        "json");
        assertThat(status).isZero();
        JsonNode report = new JsonMapper().readTree(out.toString());
        assertThat(report.get("module").stringValue()).isEqualTo("dmatest");
        assertThat(report.get("steps"))
                .extracting(step -> step.get("name").stringValue())
                .containsExactly("dma0chan10-copy0", "dma0chan10-copy1");
        assertThat(report.get("log").toString()).contains("summary 3 tests, 0 failures");
    }

    @Test
    void withoutEndTheTimeLimitIsHowLongItGoesOn() {
        int status = run("--iterations", "0", "--time-limit", "0.02", "--max-channels", "1");
        assertThat(status).isZero();
        assertThat(out.toString()).contains("summary ").contains("dmatest: no findings");
    }

    @Nested
    class Failures {
        @Test
        void areWhatTheThreadsCountAndTheStatusIsOne() {
            // No transfer ends within no time at all.
            int status = run("--channels", "dma0chan0", "--iterations", "2", "--timeout", "0");
            assertThat(status).isEqualTo(1);
            assertThat(out.toString())
                    .contains("result #1: 'test timed out'")
                    .contains("failed: dma0chan0-copy0: 2 of 2 tests failed");
        }

        @Test
        void areTestsThatDoNotEndWithinTheTimeLimit() {
            int status =
                    run("--max-channels", "1", "--iterations", "10000", "--time-limit", "0.01");
            assertThat(status).isEqualTo(1);
            assertThat(out.toString())
                    .contains("failed: run: the limit of 0.01 s of simulated time is reached")
                    .contains("failed: dma0chan0-copy0: did not end");
        }

        @Test
        void areThreadsThatAllChannelsTogetherHaveTooManyOf() {
            int status =
                    run(
                            "--channels",
                            "dma0chan0,dma0chan3",
                            "--threads-per-chan",
                            "4096",
                            "--iterations",
                            "1",
                            "--time-limit",
                            "0.0001");
            assertThat(status).isEqualTo(1);
            assertThat(out.toString())
                    .contains(
                            "failed: dma0chan3-copy0: could not be made: 4096 threads are the most"
                                    + " there may be");
        }

        @Test
        void areThreadsThatCannotBegin() {
            int status = run("--max-channels", "1", "--alignment", "20");
            assertThat(status).isEqualTo(1);
            assertThat(out.toString())
                    .contains("16384-byte buffer too small for 1048576-byte alignment")
                    .contains("failed: dma0chan0-copy0: could not test: -ENOMEM");
        }
    }

    @Nested
    class CannotRun {
        private void refuses(String complaint, String... args) {
            assertThat(run(args)).isEqualTo(2);
            assertThat(err.toString()).contains(complaint);
            assertThat(out.toString()).isEmpty();
        }

        @Test
        void onAChannelThatIsNotThere() {
            refuses(
                    "dmakit: --channels dma7chan7: no such channel; the board has dma0chan0,"
                            + " dma0chan1,",
                    "--channels",
                    "dma7chan7");
        }

        @Test
        void onAChannelThatIsNamedTwice() {
            refuses(
                    "dmakit: --channels dma0chan1: it is named twice",
                    "--channels",
                    "dma0chan1,dma0chan1");
        }

        @Test
        void onAChannelThatCannotDoIt() {
            refuses(
                    "dmakit: --channels dma0chan0: it cannot copy, xor or pq, or a driver has it,",
                    "--board",
                    "zynqmp",
                    "--channels",
                    "dma0chan0");
        }

        @Test
        void onAControllerThatIsNotThere() {
            refuses(
                    "dmakit: --device dma: no such DMA controller; the board has"
                            + " 3f007000.dma-controller",
                    "--device",
                    "dma");
        }

        @ParameterizedTest
        @CsvSource({
            "--iterations, -1, 0 to 4294967295",
            "--test-buf-size, 0, 1 to 4294967295",
            "--threads-per-chan, 0, 1 to 4096",
            "--alignment, 31, -1 to 30",
            "--timeout, -2, -1 to 2147483647",
            "--timeout, 2147483648, -1 to 2147483647",
            "--xor-sources, 99999999999999999999, 0 to 4294967295"
        })
        void withANumberBeyondItsLimits(String option, String value, String wanted) {
            refuses("dmakit: %s %s: wanted %s".formatted(option, value, wanted), option, value);
        }

        @Test
        void withAValueThatIsNone() {
            refuses("dmakit: --test-buf-size 4k: wanted 1 to 4294967295", "--test-buf-size", "4k");
        }

        @Test
        void withMoreThreadsThanThereMayBe() {
            refuses(
                    "dmakit: --threads-per-chan 4097: wanted 1 to 4096",
                    "--threads-per-chan",
                    "4097");
        }

        @Test
        void withAnOperationThatIsNone() {
            refuses("dmakit: --dmatest 2: wanted 0 to 1", "--dmatest", "2");
        }

        @Test
        void withTransfersAsLongAsABuffer() {
            refuses(
                    "dmakit: --transfer-size 16384: wanted fewer than a buffer has, 16384",
                    "--transfer-size",
                    "16384");
        }

        @ParameterizedTest
        @CsvSource({
            "dmatest.iterations=7 dmatest.channel=foo dmatest.run=1, iterations",
            "swiotlb=force dmatest.run, run"
        })
        void withParametersOnTheCommandLine(String commandLine, String first) {
            refuses(
                    "dmakit: --cmdline dmatest.%s: 'dmakit test' takes these as options;"
                                    .formatted(first)
                            + " 'dmakit run' is for the command line\n",
                    "--iterations",
                    "2",
                    "--cmdline",
                    commandLine);
        }

        @Test
        void withoutTheModule() {
            refuses(
                    "dmakit: --cmdline initcall_blacklist=ioat_init_module,dmatest_init: dmatest is"
                            + " left out by initcall_blacklist\n",
                    "--cmdline",
                    "initcall_blacklist=ioat_init_module,dmatest_init");
        }

        @Test
        void forEverWithoutALimit() {
            refuses("--iterations 0 goes on for ever: wanted --time-limit", "--iterations", "0");
        }
    }

    @Test
    void whatNoChannelCanDoIsNoTest() {
        assertThat(run("--dmatest", "1")).isEqualTo(2);
        assertThat(err.toString())
                .contains("nothing to test: no channel of board 'rpi3' can fill memory, xor or pq");
    }

    @Test
    void whatTheChannelsOfAControllerCannotDoIsNoTest() {
        assertThat(run("--board", "zynqmp", "--device", "a0000000.dma")).isEqualTo(2);
        assertThat(err.toString())
                .isEqualTo(
                        "dmakit: nothing to test: no channel of --device a0000000.dma can copy, xor"
                                + " or pq\n");
    }
}
