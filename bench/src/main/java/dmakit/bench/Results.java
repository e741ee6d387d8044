package dmakit.bench;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** What one run of JMH measured, by {@code Class.method}. */
final class Results {
    private static final String ALLOCATION = "gc.alloc.rate.norm";

    private final Map<String, RunResult> byName = new TreeMap<>();

    void add(Collection<RunResult> results) {
        for (RunResult result : results) {
            String full = result.getParams().getBenchmark();
            int method = full.lastIndexOf('.');
            byName.put(full.substring(full.lastIndexOf('.', method - 1) + 1), result);
        }
    }

    /** Nanoseconds one invocation took. */
    double ns(String benchmark, Quantile quantile) {
        return result(benchmark)
                .getPrimaryResult()
                .getStatistics()
                .getPercentile(quantile.percent());
    }

    /** Bytes that one invocation allocated on the Java heap, on average. */
    double allocatedBytes(String benchmark) {
        Result<?> allocation = result(benchmark).getSecondaryResults().get(ALLOCATION);
        if (allocation == null) {
            throw new IllegalStateException("the GC profiler did not run for " + benchmark);
        }
        return allocation.getScore();
    }

    private RunResult result(String benchmark) {
        RunResult result = byName.get(benchmark);
        if (result == null) {
            throw new IllegalStateException("JMH did not run " + benchmark);
        }
        return result;
    }
}
