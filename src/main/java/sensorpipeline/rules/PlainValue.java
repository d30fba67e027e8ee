package sensorpipeline.rules;

import java.util.List;

/** The value of a reading, or 1 or 0 for whether it meets a condition: that needs no other readings. Stateless. */
final class PlainValue implements Measure {

    static final PlainValue INSTANCE = new PlainValue();

    private PlainValue() {
    }

    @Override
    public double read(long at, double value) {
        return value;
    }

    @Override
    public boolean isSurelyWithin(double from, double to, long at, double value) {
        return value >= from && value <= to;
    }

    @Override
    public boolean isBeforeLast(long at) {
        return false;
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
