package dmakit.kernel.dmatest;

/** What a thread counts; numbers are unsigned. */
final class Tally {
    private static final long NS_PER_US = 1_000;

    private int tests;
    private int failures;
    private long bytes;
    private long runtimeNs;

    /** Counts a test that begins; answers its number, from 1 on. */
    int nextTest() {
        return ++tests;
    }

    /** How many tests began. */
    int tests() {
        return tests;
    }

    /** Counts bytes of a test. */
    void add(int length) {
        bytes += length;
    }

    /** Counts a failure. */
    void fail() {
        failures++;
    }

    /** How many tests failed. */
    int failures() {
        return failures;
    }

    /** Sets what the tests took, but for filling and comparing. */
    void runtime(long ns) {
        runtimeNs = ns;
    }

    /** The numbers of a summary. */
    @Override
    public String toString() {
        long runtimeUs = runtimeNs / NS_PER_US;
        return "%s tests, %s failures %s iops %s KB/s"
                .formatted(
                        Integer.toUnsignedString(tests),
                        Integer.toUnsignedString(failures),
                        Throughput.iops(runtimeUs, tests),
                        Throughput.kibibytes(runtimeUs, bytes));
    }
}
