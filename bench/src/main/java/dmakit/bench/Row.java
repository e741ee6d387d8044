package dmakit.bench;

import java.util.List;

/**
 * One line of the report: a figure beside its target.
 *
 * @param name short, for the filter of {@code ./dev bench}
 * @param question what the figure answers
 * @param benchmarks the JMH methods it is computed from, as {@code Class.method}; none for a row
 *     that measures a whole process
 * @param measure computes the figure
 * @param unit of figure and target
 * @param goal which side of the target is good
 * @param target the wanted figure
 */
record Row(
        String name,
        String question,
        List<String> benchmarks,
        Measure measure,
        String unit,
        Goal goal,
        double target) {

    /** Which side of the target is good. */
    enum Goal {
        AT_MOST("<="),
        AT_LEAST(">=");

        private final String sign;

        Goal(String sign) {
            this.sign = sign;
        }

        String sign() {
            return sign;
        }
    }

    /** How a figure comes out of a run. */
    @FunctionalInterface
    interface Measure {
        Figure of(Results results);
    }

    /**
     * What was measured.
     *
     * @param median what the row is judged by
     * @param best of all
     * @param p90 what nine of ten are as good as
     */
    record Figure(double median, double best, double p90) {
        /** A figure without spread. */
        static Figure exactly(double value) {
            return new Figure(value, value, value);
        }
    }

    /** How far a figure is on the good side of the target: 1 is met, more is better. */
    double ratio(double figure) {
        return switch (goal) {
            // Nothing, where nothing is wanted, is met.
            case AT_MOST -> figure == target ? 1 : target / figure;
            case AT_LEAST -> figure / target;
        };
    }
}
