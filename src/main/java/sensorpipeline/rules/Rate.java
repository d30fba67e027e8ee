package sensorpipeline.rules;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How much a value changes a minute: from the newest kept reading that is 11/12 of the span old, or older, to the present one. Of the readings, one is kept for each twelfth of the span, and
 * one more for readings that are out of order by less. There is no rate until one is old enough, and after a time without readings that is longer than the span, it begins anew. Not thread-safe.
 */
final class Rate implements Measure {

    /** Parts of the span, of which each has a reading that is kept. */
    private static final int PARTS = 12;
    /** The least number of readings that are enough, and one more, because a part may be a fraction of a microsecond shorter. */
    static final int MOST = PARTS + 2;

    /** Of a minute. */
    private static final double MICROSECONDS = 60_000_000;
    private static final BigDecimal MINUTE = BigDecimal.valueOf(60_000_000);
    /** More would tell how doubles are rounded. */
    private static final MathContext DIGITS = new MathContext(6);
    /** More than {@link #DIGITS} can change. */
    private static final double INEXACT = 1e-5;
    /** More than a difference of two doubles differs from that of their decimals, as a part of the greater one. */
    private static final double ROUNDING = 1e-15;
    /** A reading cannot be in time and still so much older than another one, unless the sensor's clock was set back. */
    private static final long SET_BACK = 600_000_000;

    private final long span;
    private final long part;
    /** Of the kept readings, the oldest first; they change only together, when one is added: so what is saved then leads to the same rates. */
    private final long[] times;
    private final double[] values;
    private int count;

    /**
     * @param span in microseconds
     * @param kept readings to go on with, the oldest first
     */
    Rate(long span, List<KeptReading> kept) {
        this.span = span;
        part = span / PARTS;
        count = kept.size();
        times = Arrays.copyOf(kept.stream().mapToLong(KeptReading::at).toArray(), Math.max(count, MOST));
        values = Arrays.copyOf(kept.stream().mapToDouble(KeptReading::value).toArray(), times.length);
    }

    @Override
    public double of(long at, double value) {
        int compared = beginsAnew(at) ? -1 : comparedAt(at);
        return compared < 0 ? Double.NaN : rate(compared, at, value);
    }

    private boolean beginsAnew(long at) {
        return count == 0 || at - lastKeptAt() > span || lastKeptAt() - at > SET_BACK;
    }

    /** In decimals, so that a change from 20.1 to 22.1 is no more than 2. */
    private double rate(int compared, long at, double value) {
        BigDecimal change = BigDecimal.valueOf(value).subtract(BigDecimal.valueOf(values[compared]));
        double rate = change.multiply(MINUTE).divide(BigDecimal.valueOf(at - times[compared]), DIGITS).doubleValue();
        return Math.max(-Double.MAX_VALUE, Math.min(Double.MAX_VALUE, rate));
    }

    /** @return place of the reading that one of this time is compared with, or -1 if none is old enough */
    private int comparedAt(long at) {
        int compared = -1;
        while (compared + 1 < count && at - times[compared + 1] >= span - part) {
            compared++;
        }
        return compared;
    }

    @Override
    public boolean isKept(long at) {
        return beginsAnew(at) || at - lastKeptAt() >= part;
    }

    @Override
    public void keep(long at, double value) {
        if (beginsAnew(at)) {
            count = 0;
        } else if (at - lastKeptAt() < part) {
            return;
        } else {
            int oldest = Math.max(0, comparedAt(at - part));
            count -= oldest;
            System.arraycopy(times, oldest, times, 0, count);
            System.arraycopy(values, oldest, values, 0, count);
        }
        times[count] = at;
        values[count] = value;
        count++;
    }

    @Override
    public boolean isSurelyWithin(double from, double to, long at, double value) {
        int compared = beginsAnew(at) ? -1 : comparedAt(at);
        if (compared < 0) {
            return true;
        }
        long elapsed = at - times[compared];
        return value >= least(values[compared], from, elapsed, elapsed) && value <= -least(-values[compared], -to, elapsed, elapsed);
    }

    /** @return the least value that is surely no more below the compared one than a rate allows, after any time from the shortest to the longest */
    private static double least(double compared, double rate, long shortest, long longest) {
        if (Double.isInfinite(rate)) {
            return rate;
        }
        if (rate == 0) {
            return compared;
        }
        double surely = (rate + Math.abs(rate) * INEXACT) / MICROSECONDS;
        double least = compared + Math.max(surely * shortest, surely * longest);
        return least + (Math.abs(compared) + Math.abs(least)) * ROUNDING;
    }

    @Override
    public void retainQuiet(QuietReadings quiet, double from, double to, long at) {
        if (count == 0) {
            quiet.removeAll();
            return;
        }
        int compared = comparedAt(at);
        long first = Math.max(lastKeptAt() - Math.min(part, SET_BACK), compared < 0 ? Long.MIN_VALUE : times[compared] + span - part);
        long end = Math.min(lastKeptAt() + part, compared + 1 < count ? times[compared + 1] + span - part : Long.MAX_VALUE);
        quiet.retainTimes(first, end);
        if (compared >= 0 && first < end) {
            quiet.retainValues(least(values[compared], from, first - times[compared], end - times[compared]), -least(-values[compared], -to, first - times[compared], end - times[compared]));
        }
    }

    @Override
    public boolean isBeforeLast(long at) {
        return count > 0 && at < lastKeptAt() - part && lastKeptAt() - at <= SET_BACK;
    }

    @Override
    public long lastKeptAt() {
        return count == 0 ? Long.MIN_VALUE : times[count - 1];
    }

    @Override
    public List<KeptReading> kept() {
        return IntStream.range(0, count).mapToObj(place -> new KeptReading(times[place], values[place])).toList();
    }

    @Override
    public void forget() {
        count = 0;
    }
}
