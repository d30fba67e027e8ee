package sensorpipeline.consumer;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;

/**
 * What a reading says: the values of its metrics and its attributes. Immutable by convention: the array must not be changed.
 *
 * @param values by the positions of the series' metrics, the last one not {@link #NONE}
 * @param attributes a JSON object, or null
 */
record Content(double[] values, String attributes) {

    /** Stands for the value of a metric that the reading does not have; no reading has a NaN. */
    static final double NONE = Double.NaN;

    private static final ObjectMapper JSON = JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();
    /** As jsonb compares: 1.0 is 1. */
    private static final Comparator<JsonNode> AS_JSONB = (one, other) ->
            one.isNumber() && other.isNumber() ? one.decimalValue().compareTo(other.decimalValue()) : one.equals(other) ? 0 : 1;

    /**
     * @param values in PostgreSQL's array syntax, {1,NULL,2.5}
     * @param attributes a JSON object, or null
     */
    static Content parse(String values, String attributes) {
        String[] each = values.substring(1, values.length() - 1).split(",");
        return new Content(Arrays.stream(each).mapToDouble(value -> value.equals("NULL") ? NONE : Double.parseDouble(value)).toArray(), attributes);
    }

    /** @return whether the reading has no value at this position */
    static boolean isNone(double value) {
        return Double.isNaN(value);
    }

    /** @return the position, from 0, of the first metric for which both have values that differ, or -1 */
    int differingValue(Content other) {
        for (int i = 0; i < Math.min(values.length, other.values.length); i++) {
            // A comparison with NONE is never true.
            if (values[i] < other.values[i] || values[i] > other.values[i]) {
                return i;
            }
        }
        return -1;
    }

    /** @return the name of the first attribute for which both have values that differ, or null */
    String differingAttribute(Content other) {
        if (attributes == null || other.attributes == null || attributes.equals(other.attributes)) {
            return null;
        }
        JsonNode mine = tree(attributes);
        for (Map.Entry<String, JsonNode> field : tree(other.attributes).properties()) {
            if (mine.has(field.getKey()) && !mine.get(field.getKey()).equals(AS_JSONB, field.getValue())) {
                return field.getKey();
            }
        }
        return null;
    }

    /**
     * @param other does not differ in what both have
     * @return both together; this if the other adds nothing
     */
    Content with(Content other) {
        double[] merged = values;
        for (int i = 0; i < other.values.length; i++) {
            if (!isNone(other.values[i]) && (i >= values.length || isNone(values[i]))) {
                if (merged == values) {
                    merged = Arrays.copyOf(values, Math.max(values.length, other.values.length));
                    Arrays.fill(merged, values.length, merged.length, NONE);
                }
                merged[i] = other.values[i];
            }
        }
        String all = attributesWith(other.attributes);
        return merged == values && Objects.equals(all, attributes) ? this : new Content(merged, all);
    }

    private String attributesWith(String others) {
        if (attributes == null || others == null || attributes.equals(others)) {
            return attributes == null ? others : attributes;
        }
        ObjectNode mine = tree(attributes);
        int size = mine.size();
        for (Map.Entry<String, JsonNode> field : tree(others).properties()) {
            mine.putIfAbsent(field.getKey(), field.getValue());
        }
        return mine.size() == size ? attributes : mine.toString();
    }

    /** @return the value of an attribute as JSON */
    String attribute(String name) {
        return tree(attributes).get(name).toString();
    }

    private static ObjectNode tree(String attributes) {
        try {
            return (ObjectNode) JSON.readTree(attributes);
        } catch (IOException e) {
            throw new UncheckedIOException("Attributes are JSON that this program wrote", e);
        }
    }
}
