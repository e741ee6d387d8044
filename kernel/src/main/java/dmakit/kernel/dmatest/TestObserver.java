package dmakit.kernel.dmatest;

/** Who watches threads at their tests. All numbers are unsigned; nothing here takes time. */
public interface TestObserver {
    /** Nobody. */
    TestObserver NOBODY =
            new TestObserver() {
                @Override
                public void refused(String thread) {}

                @Override
                public void tested(String thread, int tests, int failures) {}

                @Override
                public void ended(String thread, int tests, int failures, int result) {}
            };

    /**
     * A thread, and those of its channel and operation with a higher number, cannot be made: there
     * are {@link Dmatest#THREAD_COUNT_MAX}.
     */
    void refused(String thread);

    /**
     * A test is over.
     *
     * @param thread its name, as {@code dma0chan0-copy0}
     * @param tests of it so far
     * @param failures of it so far
     */
    void tested(String thread, int tests, int failures);

    /**
     * A thread ends.
     *
     * @param result 0, or the negative error number by which it could not test
     */
    void ended(String thread, int tests, int failures, int result);
}
