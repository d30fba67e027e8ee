package sensorpipeline.rules;

import java.util.List;

/** The value of a reading, or 1 or 0 for whether it meets a condition: that needs no other readings. Stateless. */
final class PlainValue implements Measure {

    static final PlainValue INSTANCE = new PlainValue();

    private PlainValue() {
    }

    @Override
    public double of(long at, double value) {
        return value;
    }

    @Override
    public boolean isSurelyWithin(double from, double to, long at, double value) {
        return value >= from && value <= to;
    }

    @Override
    public boolean isKept(long at) {
        return false;
    }

    @Override
    public void keep(long at, double value) {
        // Nothing is kept.
    }

    @Override
    public boolean isBeforeLast(long at) {
        return false;
    }

    @Override
    public void retainQuiet(QuietReadings quiet, double from, double to, long at) {
        quiet.retainValues(from, to);
    }

    @Override
    public long lastKeptAt() {
        return Long.MIN_VALUE;
    }

    @Override
    public List<KeptReading> kept() {
        return List.of();
    }

    @Override
    public void forget() {
        // Nothing is kept.
    }
}
