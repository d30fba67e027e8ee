package sensorpipeline.rules;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/**
 * How much a value changes a minute: from the newest kept reading that is 11/12 of the span old, or older, to the present one. Of the readings, one is kept for each twelfth of the span, and
 * one more for readings that are out of order by less. There is no rate until one is old enough, and after a time without readings that is longer than the span, it begins anew. Not thread-safe.
 */
final class Rate implements Measure {

    /** Parts of the span, of which each has a reading that is kept. */
    private static final int PARTS = 12;
    /** The least number of readings that are enough. */
    static final int MOST = PARTS + 1;

    /** Of a minute. */
    private static final double MICROSECONDS = 60_000_000;
    private static final BigDecimal MINUTE = BigDecimal.valueOf(60_000_000);
    /** More would tell how doubles are rounded. */
    private static final MathContext DIGITS = new MathContext(6);
    /** More than {@link #DIGITS} can change. */
    private static final double INEXACT = 1e-5;
    /** A reading cannot be in time and still so much older than another one, unless the sensor's clock was set back. */
    private static final long SET_BACK = 600_000_000;

    private final long span;
    private final long part;
    /** Changed only together, when one is added: so what is saved then leads to the same rates. */
    private final List<KeptReading> kept;

    /**
     * @param span in microseconds
     * @param kept readings to go on with, the oldest first
     */
    Rate(long span, List<KeptReading> kept) {
        this.span = span;
        part = span / PARTS;
        this.kept = new ArrayList<>(kept);
    }

    @Override
    public double read(long at, double value) {
        KeptReading newest = newest();
        if (newest == null || at - newest.at() > span || newest.at() - at > SET_BACK) {
            kept.clear();
            kept.add(new KeptReading(at, value));
            return Double.NaN;
        }
        KeptReading compared = comparedAt(at);
        if (at - newest.at() >= part) {
            KeptReading oldest = comparedAt(at - part);
            kept.removeIf(reading -> oldest != null && reading.at() < oldest.at());
            kept.add(new KeptReading(at, value));
        }
        return compared == null ? Double.NaN : rate(compared, at, value);
    }

    /** In decimals, so that a change from 20.1 to 22.1 is no more than 2. */
    private static double rate(KeptReading compared, long at, double value) {
        BigDecimal change = BigDecimal.valueOf(value).subtract(BigDecimal.valueOf(compared.value()));
        double rate = change.multiply(MINUTE).divide(BigDecimal.valueOf(at - compared.at()), DIGITS).doubleValue();
        return Math.max(-Double.MAX_VALUE, Math.min(Double.MAX_VALUE, rate));
    }

    /** @return the reading that one of this time is compared with, or null if none is old enough */
    private KeptReading comparedAt(long at) {
        KeptReading compared = null;
        for (KeptReading reading : kept) {
            if (at - reading.at() < span - part) {
                break;
            }
            compared = reading;
        }
        return compared;
    }

    private KeptReading newest() {
        return kept.isEmpty() ? null : kept.get(kept.size() - 1);
    }

    @Override
    public boolean isSurelyWithin(double from, double to, long at, double value) {
        KeptReading newest = newest();
        if (newest == null || at < newest.at() - part || at - newest.at() >= part) {
            return false;
        }
        KeptReading compared = comparedAt(at);
        if (compared == null) {
            return true;
        }
        double rate = (value - compared.value()) * (MICROSECONDS / (at - compared.at()));
        return (Double.isInfinite(from) || rate >= from + Math.abs(from) * INEXACT) && (Double.isInfinite(to) || rate <= to - Math.abs(to) * INEXACT);
    }

    @Override
    public boolean isBeforeLast(long at) {
        KeptReading newest = newest();
        return newest != null && at < newest.at() - part && newest.at() - at <= SET_BACK;
    }

    @Override
    public List<KeptReading> kept() {
        return kept;
    }

    @Override
    public void forget() {
        kept.clear();
    }
}
