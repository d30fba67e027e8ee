package sensorpipeline.api;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import sensorpipeline.database.NumberArray;
import sensorpipeline.rules.AlertRule;
import sensorpipeline.rules.Evaluation;
import sensorpipeline.rules.SilenceRule;
import sensorpipeline.rules.Transition;

/** One evaluation of a rule over what a statement selects. Not thread-safe. */
abstract class Trial {

    final TriedAlerts alerts;
    private int readings;
    /** Readings from where the rule does not apply, which need not have what it looks at. */
    private int readingsElsewhere;

    Trial(AlertRule rule, int most) {
        alerts = new TriedAlerts(rule, most);
    }

    /**
     * @param rule to try
     * @param most how many alerts are kept
     * @param from when a rule about silence begins to wait for the sensors that it names, in milliseconds since 1970
     * @return a trial of it
     */
    static Trial of(AlertRule rule, int most, long from) {
        return rule.isOfSilence() ? new OfSilence(rule, most, from) : new OfValues(rule, most);
    }

    /** Takes a row of the statement. */
    abstract void read(ResultSet row) throws SQLException;

    /** @return the number of sensors whose condition holds, but not for long enough yet */
    abstract long pending();

    final void countReading() {
        readings++;
    }

    final void countReadingElsewhere() {
        readingsElsewhere++;
    }

    /** @return the number of readings so far, of all kinds */
    final int readReadings() {
        return readings + readingsElsewhere;
    }

    /** @return the answer */
    final Map<String, Object> result() {
        return alerts.result(readings, pending());
    }

    /** Rows of select-readings-of-rule.sql. */
    private static final class OfValues extends Trial {

        private final Evaluation evaluation;

        OfValues(AlertRule rule, int most) {
            super(rule, most);
            evaluation = new Evaluation(rule);
        }

        @Override
        void read(ResultSet row) throws SQLException {
            String sensorId = row.getString("sensor_id");
            String location = row.getString("location");
            double[] values = NumberArray.of(row, "values");
            if (values == null) {
                countReadingElsewhere();
            } else {
                countReading();
            }
            Transition transition = evaluation.read(sensorId, location, row.getLong("at"), values);
            if (transition != null) {
                alerts.add(sensorId, location, transition);
            }
        }

        @Override
        long pending() {
            return evaluation.pending();
        }
    }

    /** Rows of select-receipts-of-rule.sql. */
    private static final class OfSilence extends Trial {

        private final AlertRule rule;
        private final long from;
        /** By sensor. */
        private final Map<String, SilenceRule> states = new HashMap<>();
        /** Of the last reading of each sensor. */
        private final Map<String, String> locations = new HashMap<>();

        OfSilence(AlertRule rule, int most, long from) {
            super(rule, most);
            this.rule = rule;
            this.from = from;
            rule.sensors().names().forEach(name -> state(name).expectFrom(from));
        }

        private SilenceRule state(String sensorId) {
            return states.computeIfAbsent(sensorId, missing -> new SilenceRule(rule, from));
        }

        @Override
        void read(ResultSet row) throws SQLException {
            String sensorId = row.getString("sensor_id");
            long at = TimeUnit.MICROSECONDS.toMillis(row.getLong("at"));
            switch (row.getString("kind")) {
                case "received" -> {
                    countReading();
                    if (rule.sensors().match(sensorId)) {
                        advance(sensorId, at).see(at, transition -> add(sensorId, transition));
                        locations.put(sensorId, row.getString("location"));
                    }
                }
                case "elsewhere" -> {
                    countReadingElsewhere();
                    stopWaiting(sensorId, at);
                }
                case "retired" -> stopWaiting(sensorId, at);
                default -> states.keySet().forEach(each -> advance(each, at));
            }
        }

        private void stopWaiting(String sensorId, long at) {
            if (states.containsKey(sensorId)) {
                advance(sensorId, at).retire(at, transition -> add(sensorId, transition));
            }
        }

        private SilenceRule advance(String sensorId, long time) {
            SilenceRule state = state(sensorId);
            state.advance(time, transition -> add(sensorId, transition));
            return state;
        }

        private void add(String sensorId, Transition transition) {
            alerts.add(sensorId, locations.get(sensorId), transition);
        }

        /** Every sensor that has sent is silent since then. */
        @Override
        long pending() {
            return 0;
        }
    }
}
