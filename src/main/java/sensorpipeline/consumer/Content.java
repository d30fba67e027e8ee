package sensorpipeline.consumer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import sensorpipeline.reading.Reading;

/** What a reading says: the values of some metrics of its series, and its attributes. Immutable by convention: the arrays must not be changed. Not thread-safe. */
final class Content {

    private static final ObjectMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    // PostgreSQL writes numbers with all their digits.
                    .streamReadConstraints(StreamReadConstraints.builder().maxNumberLength(200_000).build()).build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES).build();
    /** As jsonb compares: 1.0 is 1. */
    private static final Comparator<JsonNode> AS_JSONB = (one, other) ->
            one.isNumber() && other.isNumber() ? one.decimalValue().compareTo(other.decimalValue()) : one.equals(other) ? 0 : 1;

    /** Characters of the attributes of a reading that several records made: as large as a record may be. */
    private static final int MOST_ATTRIBUTES = 1024 * 1024;

    /** Null if the values are those of the first metrics. */
    private final int[] positions;
    private final double[] values;
    /** A JSON object, or null; as text, parsed, or both. */
    private String attributes;
    private ObjectNode parsed;
    /** At most so many characters, so that they need not be written to be measured. */
    private final int size;
    private final int textsForNumbers;
    private final int implausible;

    /**
     * @param positions of the values among the metrics of the series, from 0, in ascending order; null if they are the first ones
     * @param values one for each position
     * @param attributes a JSON object, or null
     * @param textsForNumbers number of attributes that are text, and have the name of a metric of the series
     * @param implausible number of attributes that are values of a metric which were not plausible
     */
    Content(int[] positions, double[] values, String attributes, int textsForNumbers, int implausible) {
        this(positions, values, attributes, null, attributes == null ? 0 : attributes.length(), textsForNumbers, implausible);
    }

    private Content(int[] positions, double[] values, String attributes, ObjectNode parsed, int size, int textsForNumbers, int implausible) {
        this.size = size;
        this.textsForNumbers = textsForNumbers;
        this.implausible = implausible;
        this.positions = positions;
        this.values = values;
        this.attributes = attributes;
        this.parsed = parsed;
    }

    /**
     * @param array values by position in PostgreSQL's syntax, {1,NULL,2.5}
     * @param attributes a JSON object, or null; what is unusual about them was counted when they were stored
     */
    static Content parse(String array, String attributes) {
        String[] each = array.substring(1, array.length() - 1).split(",");
        int[] positions = new int[each.length];
        double[] values = new double[each.length];
        int count = 0;
        for (int position = 0; position < each.length; position++) {
            if (!each[position].equals("NULL")) {
                positions[count] = position;
                values[count++] = Double.parseDouble(each[position]);
            }
        }
        return new Content(Arrays.copyOf(positions, count), Arrays.copyOf(values, count), attributes, 0, 0);
    }

    /** @return the number of values */
    int count() {
        return values.length;
    }

    /** @return the position of a value, from 0 */
    int position(int index) {
        return positions == null ? index : positions[index];
    }

    double value(int index) {
        return values[index];
    }

    /** @return the number of positions up to the last value */
    int width() {
        return position(values.length - 1) + 1;
    }

    /** @return a JSON object, or null */
    String attributes() {
        if (attributes == null && parsed != null) {
            attributes = parsed.toString();
        }
        return attributes;
    }

    /** @return the number of attributes that are text where a number usually is: under the name of a metric of the series */
    int textsForNumbers() {
        return textsForNumbers;
    }

    /** @return the number of attributes that are values of a metric which were not plausible */
    int implausible() {
        return implausible;
    }

    /** What another record says differently: the value of a metric, or of an attribute if the position is -1; of no attribute if together they are too large. */
    record Difference(int position, String attribute, String mine, String other) {
    }

    /** @return the first difference, or null if both agree in what both have */
    Difference differenceTo(Content other) {
        for (int i = 0, j = 0; i < count() && j < other.count();) {
            int here = position(i);
            int there = other.position(j);
            if (here == there && values[i] != other.values[j]) {
                return new Difference(here, null, Reading.text(values[i]), Reading.text(other.values[j]));
            }
            i += here <= there ? 1 : 0;
            j += there <= here ? 1 : 0;
        }
        if (!hasAttributes() || !other.hasAttributes() || attributes != null && attributes.equals(other.attributes)) {
            return null;
        }
        for (Map.Entry<String, JsonNode> field : other.tree().properties()) {
            JsonNode mine = tree().get(field.getKey());
            if (mine != null && !mine.equals(AS_JSONB, field.getValue())) {
                return new Difference(-1, field.getKey(), mine.toString(), field.getValue().toString());
            }
        }
        boolean isTooLarge = size + other.size > MOST_ATTRIBUTES && with(other).attributes().length() > MOST_ATTRIBUTES;
        return isTooLarge ? new Difference(-1, null, "attributes that leave no room for others", "more than " + MOST_ATTRIBUTES + " characters of them") : null;
    }

    /**
     * @param other agrees in what both have
     * @return both together; this if the other adds nothing
     */
    Content with(Content other) {
        ObjectNode all = null;
        if (other.hasAttributes()) {
            ObjectNode mine = hasAttributes() ? tree() : JSON.createObjectNode();
            for (Map.Entry<String, JsonNode> field : other.tree().properties()) {
                if (!mine.has(field.getKey())) {
                    all = all == null ? JSON.createObjectNode().setAll(mine) : all;
                    all.set(field.getKey(), field.getValue());
                }
            }
        }
        int[] places = new int[count() + other.count()];
        double[] merged = new double[places.length];
        int count = 0;
        for (int i = 0, j = 0; i < count() || j < other.count(); count++) {
            int here = i < count() ? position(i) : Integer.MAX_VALUE;
            int there = j < other.count() ? other.position(j) : Integer.MAX_VALUE;
            places[count] = Math.min(here, there);
            merged[count] = here <= there ? values[i] : other.values[j];
            i += here <= there ? 1 : 0;
            j += there <= here ? 1 : 0;
        }
        if (count == count() && all == null) {
            return this;
        }
        return new Content(Arrays.copyOf(places, count), Arrays.copyOf(merged, count), all == null ? attributes : null, all == null ? parsed : all, all == null ? size : size + other.size,
                textsForNumbers + other.textsForNumbers, implausible + other.implausible);
    }

    private boolean hasAttributes() {
        return attributes != null || parsed != null;
    }

    private ObjectNode tree() {
        if (parsed == null) {
            try {
                parsed = (ObjectNode) JSON.readTree(attributes);
            } catch (IOException e) {
                throw new UncheckedIOException("Attributes are JSON that this program or PostgreSQL wrote", e);
            }
        }
        return parsed;
    }
}
