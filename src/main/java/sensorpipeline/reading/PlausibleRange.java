package sensorpipeline.reading;

/**
 * The values of a metric that its tenant declared plausible. Immutable.
 *
 * @param least such value; negative infinity where only the other was declared
 * @param most such value; infinity where only the other was declared
 */
public record PlausibleRange(double least, double most) {

    static final PlausibleRange ALL = new PlausibleRange(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

    boolean contains(double value) {
        return value >= least && value <= most;
    }

    String describe() {
        return least == ALL.least ? "at most " + Reading.text(most) : most == ALL.most ? "at least " + Reading.text(least)
                : "between " + Reading.text(least) + " and " + Reading.text(most);
    }
}
