package dmakit.bench;

/** Which of the many times an invocation took. */
enum Quantile {
    /** The shortest: what the code costs when nobody disturbs it. */
    BEST(0),
    /** Half of them took longer: the figure a row is judged by. */
    MEDIAN(50),
    /** One in ten took longer: how much the rest of the machine disturbed. */
    P90(90);

    private final double percent;

    Quantile(double percent) {
        this.percent = percent;
    }

    double percent() {
        return percent;
    }
}
