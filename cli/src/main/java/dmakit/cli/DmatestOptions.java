package dmakit.cli;

import dmakit.kernel.KernelException;
import dmakit.kernel.dmatest.Dmatest;
import dmakit.kernel.module.BuiltInModule;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The parameters of dmatest, each an option of its name. Use as {@code @Mixin}. */
final class DmatestOptions {
    private static final String USUAL_ITERATIONS = "1000";

    @Option(
            names = "--channels",
            paramLabel = "NAME",
            split = ",",
            description = "Channels to test, as dma0chan0,dma0chan3 (default: all).")
    private List<String> channels = List.of();

    @Option(
            names = "--device",
            paramLabel = "NAME",
            description = "Tests channels of this DMA controller only, as 3f007000.dma-controller.")
    private @Nullable String device;

    @Option(
            names = "--iterations",
            paramLabel = "N",
            defaultValue = USUAL_ITERATIONS,
            description =
                    "Tests of each thread (default: ${DEFAULT-VALUE}); 0 for as many as"
                            + " --time-limit has room for.")
    private String iterations = USUAL_ITERATIONS;

    @Option(
            names = "--test-buf-size",
            paramLabel = "BYTES",
            description = "Bytes of each buffer (default: 16384).")
    private @Nullable String bufferBytes;

    @Option(
            names = "--transfer-size",
            paramLabel = "BYTES",
            description = "Bytes of each transfer, fewer than a buffer has (default: any).")
    private @Nullable String transferBytes;

    @Option(
            names = "--alignment",
            paramLabel = "N",
            description =
                    "Aligns lengths and offsets to 2^N bytes (default: -1, as the controller"
                            + " wants).")
    private @Nullable String alignment;

    @Option(
            names = "--dmatest",
            paramLabel = "0|1",
            description = "0 copies, 1 fills (default: 0); xor and pq are tested with either.")
    private @Nullable String dmatest;

    @Option(
            names = "--xor-sources",
            paramLabel = "N",
            description = "Sources of an exclusive or, made odd (default: 3).")
    private @Nullable String xorSources;

    @Option(
            names = "--pq-sources",
            paramLabel = "N",
            description = "Sources of RAID-6 syndromes, made odd (default: 3).")
    private @Nullable String pqSources;

    @Option(
            names = "--threads-per-chan",
            paramLabel = "N",
            description =
                    "Threads for each operation of a channel (default: 1); there are never more"
                            + " than "
                            + Dmatest.THREAD_COUNT_MAX
                            + " in all.")
    private @Nullable String threadsPerChannel;

    @Option(
            names = "--max-channels",
            paramLabel = "N",
            description = "Tests no more channels than this (default: 0, all).")
    private @Nullable String maxChannels;

    @Option(
            names = "--timeout",
            paramLabel = "MS",
            description =
                    "Simulated milliseconds a transfer may take (default: 3000); -1 for ever.")
    private @Nullable String timeout;

    @Option(names = "--polled", description = "Asks for completion, without interrupts.")
    private boolean polled;

    @Option(names = "--noverify", description = "Does not look at the bytes.")
    private boolean noverify;

    @Option(names = "--norandom", description = "Moves whole buffers.")
    private boolean norandom;

    @Option(names = "--nobounce", description = "Takes buffers from where every device reaches.")
    private boolean nobounce;

    @Option(names = "--verbose", description = "Tells of tests that pass, too.")
    private boolean verbose;

    /** The channels that are named. */
    List<String> channels() {
        return channels;
    }

    /**
     * Sets all but the channels.
     *
     * @throws CouldNotRun when the module refuses a value
     */
    void applyTo(BuiltInModule module) {
        parameters()
                .forEach((name, value) -> {
                    Range range = Range.of(name);
                    try {
                        if (!range.mayHold(value)) {
                            throw refused(name, value, range, null);
                        }
                        module.set(name, value);
                    } catch (KernelException e) {
                        throw refused(name, value, range, e);
                    }
                });
    }

    private static CouldNotRun refused(
            String name, String value, Range range, @Nullable Exception cause) {
        String wanted =
                name.equals("device")
                        ? "a shorter name"
                        : "%d to %d".formatted(range.least(), range.most());
        String complaint = "--%s %s: wanted %s".formatted(name.replace('_', '-'), value, wanted);
        return cause == null ? new CouldNotRun(complaint) : new CouldNotRun(complaint, cause);
    }

    /**
     * Which numbers make sense, of those that the module takes.
     *
     * @param least of them
     * @param most of them
     */
    private record Range(long least, long most) {
        private static final long UNSIGNED_MAX = 0xffff_ffffL;
        private static final int LG2_ALIGNMENT_MAX = 30;

        static Range of(String parameter) {
            return switch (parameter) {
                case "dmatest" -> new Range(0, 1);
                case "test_buf_size" -> new Range(1, UNSIGNED_MAX);
                // The module would make as many as there may be, and test with those.
                case "threads_per_chan" -> new Range(1, Dmatest.THREAD_COUNT_MAX);
                case "alignment" -> new Range(-1, LG2_ALIGNMENT_MAX);
                case "timeout" -> new Range(-1, Integer.MAX_VALUE);
                default -> new Range(0, UNSIGNED_MAX);
            };
        }

        /** False for decimal numbers beyond it; what is no such number the module decides. */
        boolean mayHold(String value) {
            if (!value.matches("-?[0-9]+")) {
                return true;
            }
            BigInteger number = new BigInteger(value);
            return number.compareTo(BigInteger.valueOf(least)) >= 0
                    && number.compareTo(BigInteger.valueOf(most)) <= 0;
        }
    }

    /** What the tests do, for complaints. */
    String operations() {
        return "1".equals(dmatest) ? "fill memory, xor or pq" : "copy, xor or pq";
    }

    /** The controller that is to be tested, where one is named. */
    Optional<String> device() {
        return Optional.ofNullable(device);
    }

    private Map<String, String> parameters() {
        Map<String, @Nullable String> all = new LinkedHashMap<>();
        all.put("iterations", iterations);
        all.put("device", device);
        all.put("test_buf_size", bufferBytes);
        all.put("transfer_size", transferBytes);
        all.put("alignment", alignment);
        all.put("dmatest", dmatest);
        all.put("xor_sources", xorSources);
        all.put("pq_sources", pqSources);
        all.put("threads_per_chan", threadsPerChannel);
        all.put("max_channels", maxChannels);
        all.put("timeout", timeout);
        all.put("polled", ifOn(polled));
        all.put("noverify", ifOn(noverify));
        all.put("norandom", ifOn(norandom));
        all.put("nobounce", ifOn(nobounce));
        all.put("verbose", ifOn(verbose));
        Map<String, String> given = new LinkedHashMap<>();
        all.forEach((name, value) -> {
            if (value != null) {
                given.put(name, value);
            }
        });
        return given;
    }

    private static @Nullable String ifOn(boolean on) {
        return on ? "Y" : null;
    }
}
