package sensorpipeline.reading;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A reading while its fields are parsed. Not thread-safe; reused for each reading. */
final class ReadingDraft {

    static final String SENSOR_ID_RULE = "text of 1 to 200 characters, or a whole number";

    private String sensorId;
    private String location;
    private boolean hasLocation;
    private boolean hasTime;
    private long at;
    private final MetricValues metrics = new MetricValues();
    private Attributes attributes;
    private List<String> texts = List.of();

    void clear() {
        sensorId = null;
        location = null;
        hasLocation = false;
        hasTime = false;
        metrics.clear();
        attributes = null;
        texts = List.of();
    }

    void setSensorId(String text) throws RefusedReading {
        refuseRepeat(sensorId != null, "sensor_id");
        sensorId = text;
    }

    /** @param text the location, or null if the field is not text */
    void setLocation(String text) throws RefusedReading {
        refuseRepeat(hasLocation, "location");
        hasLocation = true;
        location = text;
    }

    /** @param micros microseconds since 1970 UTC */
    void setTime(long micros) throws RefusedReading {
        refuseRepeat(hasTime, "timestamp");
        hasTime = true;
        at = micros;
    }

    void addMetric(String name, double value) throws RefusedReading {
        metrics.add(name, value);
    }

    /** @param parser at the value of the field */
    void addAttribute(String name, JsonParser parser) throws IOException, RefusedReading {
        if (attributes == null) {
            attributes = new Attributes();
        }
        attributes.add(name, parser);
    }

    /** @param parser at the value of the field, which is text */
    void addText(String name, JsonParser parser) throws IOException, RefusedReading {
        addAttribute(name, parser);
        texts = texts.isEmpty() ? new ArrayList<>() : texts;
        texts.add(name);
    }

    boolean isComplete() {
        return sensorId != null && hasTime && metrics.count() > 0;
    }

    /** @return the reading; rejects one that is incomplete or has an invalid name */
    Reading toReading(String tenant, KnownSeries knownSeries, KnownMetrics knownMetrics) throws IOException, RefusedReading {
        if (sensorId == null) {
            throw new RefusedReading("sensor_id is missing: " + SENSOR_ID_RULE);
        }
        if (!hasTime) {
            throw new RefusedReading("timestamp is missing: ISO 8601, or epoch seconds, milliseconds, microseconds or nanoseconds");
        }
        if (metrics.count() == 0) {
            throw new RefusedReading("no metric: at least one field must be a number or a boolean");
        }
        String rest = null;
        if (attributes != null) {
            for (String name : metrics.names()) {
                refuseRepeat(attributes.contain(name), name);
            }
            rest = attributes.toJson();
        }
        return new Reading(series(tenant, knownSeries), metrics(knownMetrics), at, metrics.values(), rest, texts, List.of());
    }

    private Series series(String tenant, KnownSeries knownSeries) throws RefusedReading {
        Series series = knownSeries.find(tenant, sensorId, location);
        if (series == null) {
            PlainText.require("sensor_id", sensorId, 1, PlainText.LONGEST_NAME);
            if (location != null) {
                PlainText.require("location", location, 0, PlainText.LONGEST_NAME);
            }
            series = new Series(tenant, sensorId, location);
            knownSeries.add(series);
        }
        return series;
    }

    private List<String> metrics(KnownMetrics knownMetrics) throws RefusedReading {
        List<String> names = knownMetrics.find(metrics.sortedNames(), metrics.count());
        if (names == null) {
            names = List.copyOf(metrics.names());
            for (String name : names) {
                PlainText.requireMetric(name);
            }
            knownMetrics.add(names);
        }
        return names;
    }

    private static void refuseRepeat(boolean isRepeated, String name) throws RefusedReading {
        if (isRepeated) {
            throw RefusedReading.givenTwice(name);
        }
    }
}
