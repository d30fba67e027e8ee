package sensorpipeline.consumer;

import java.util.Arrays;

/** Figures of some readings, for each metric that one of them has. Not thread-safe. */
class MetricFigures {

    static final int READINGS = 0;
    static final int EVENTS = 1;
    static final int TOTAL = 2;
    static final int LOWEST = 3;
    static final int HIGHEST = 4;
    static final int FIRST_AT = 5;
    static final int LAST_AT = 6;
    /** Milliseconds. */
    static final int LAST_RECEIVED_AT = 7;
    private static final int FIGURES = 8;

    /** Same as scale() in the schema: no digit is lost, and the largest numbers can be added. */
    static final double SCALE = 0x1p40;
    /** The same as a division by a power of two, and faster. */
    private static final double FACTOR = 1 / SCALE;

    /** Of each metric that has a reading; mostly in ascending order, from 0. */
    private int[] positions;
    /** The figures of a metric are adjacent, because this code is hot and the data is rarely in the CPU cache. A double holds microseconds of 285 years exactly. */
    private double[] figures;
    private int metrics;

    /** @param metrics expected number of metrics */
    MetricFigures(int metrics) {
        positions = new int[metrics];
        figures = new double[FIGURES * metrics];
    }

    /** @return the number of metrics of which this is the first reading */
    final int add(Content content, double at, double receivedAt) {
        int before = metrics;
        for (int i = 0; i < content.count(); i++) {
            double value = content.value(i);
            int metric = FIGURES * indexOf(content.position(i));
            boolean isFirst = figures[metric + READINGS] == 0;
            figures[metric + READINGS]++;
            figures[metric + EVENTS] += i == 0 ? 1 : 0;
            figures[metric + TOTAL] += value * FACTOR;
            figures[metric + LOWEST] = isFirst ? value : Math.min(figures[metric + LOWEST], value);
            figures[metric + HIGHEST] = isFirst ? value : Math.max(figures[metric + HIGHEST], value);
            figures[metric + FIRST_AT] = isFirst ? at : Math.min(figures[metric + FIRST_AT], at);
            figures[metric + LAST_AT] = isFirst ? at : Math.max(figures[metric + LAST_AT], at);
            figures[metric + LAST_RECEIVED_AT] = isFirst ? receivedAt : Math.max(figures[metric + LAST_RECEIVED_AT], receivedAt);
        }
        return metrics - before;
    }

    private int indexOf(int position) {
        if (position < metrics && positions[position] == position) {
            return position;
        }
        for (int index = 0; index < metrics; index++) {
            if (positions[index] == position) {
                return index;
            }
        }
        if (metrics == positions.length) {
            positions = Arrays.copyOf(positions, metrics + 1 + metrics / 2);
            figures = Arrays.copyOf(figures, FIGURES * positions.length);
        }
        positions[metrics] = position;
        return metrics++;
    }

    /** @return the number of metrics */
    final int metrics() {
        return metrics;
    }

    /** @return position of a metric in the series, from 0 */
    final int position(int index) {
        return positions[index];
    }

    /** @return one of the constants above, of a metric */
    final double figure(int index, int figure) {
        return figures[FIGURES * index + figure];
    }
}
