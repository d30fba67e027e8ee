package sensorpipeline.api;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The output format of readings. Values arrive in PostgreSQL's array syntax, {1,NULL,2.5}, shorter than the
 * metrics where the reading does not have the last ones; its numbers are valid in JSON and
 * CSV, so they are copied without parsing. Not thread-safe.
 */
abstract class ReadingFormat {

    /**
     * The common parts of all readings of a series in this format.
     *
     * @param start of each reading
     * @param fields JSON: the name of each metric, as written before its value, or null if not requested; CSV: null
     * @param positions CSV: for each column the index of its metric in the values, or -1; JSON: null
     */
    record Series(byte[] start, byte[][] fields, int[] positions) {
    }

    /** @return the text before the first reading */
    abstract byte[] head();

    /** @return the text between two readings */
    abstract String separator();

    /** @return the common parts of the readings of this series; location may be null */
    abstract Series series(String sensorId, String location, String[] metrics);

    /** Adds a reading; times are microseconds since 1970, attributes are a JSON object or null. */
    abstract void write(AnswerText text, Series series, long at, long receivedAt, String values, String attributes);

    /** @return a text as a JSON string; null as JSON null */
    static String quoted(String text) {
        return text == null ? "null" : "\"" + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(text)) + "\"";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static boolean isValue(String values, int from) {
        return values.charAt(from) != 'N';
    }

    private static int endOfValue(String values, int from) {
        int comma = values.indexOf(',', from);
        return comma < 0 ? values.length() - 1 : comma;
    }

    /** One JSON object per reading, with metrics as top-level fields. */
    static final class Json extends ReadingFormat {

        private final String onlyMetric;
        private final boolean inLines;

        /**
         * @param onlyMetric the requested metric, or null for all
         * @param inLines whether each reading ends with a line feed
         */
        Json(String onlyMetric, boolean inLines) {
            this.onlyMetric = onlyMetric;
            this.inLines = inLines;
        }

        @Override
        byte[] head() {
            return new byte[0];
        }

        @Override
        String separator() {
            return inLines ? "" : ",";
        }

        @Override
        Series series(String sensorId, String location, String[] metrics) {
            byte[][] fields = new byte[metrics.length][];
            for (int i = 0; i < metrics.length; i++) {
                if (onlyMetric == null || onlyMetric.equals(metrics[i])) {
                    fields[i] = bytes("," + quoted(metrics[i]) + ":");
                }
            }
            return new Series(bytes("{\"sensor_id\":" + quoted(sensorId) + ",\"location\":" + quoted(location) + ",\"timestamp\":\""), fields, null);
        }

        @Override
        void write(AnswerText text, Series series, long at, long receivedAt, String values, String attributes) {
            text.add(series.start).addTime(at).add("\",\"received_at\":\"").addTime(receivedAt).add('"');
            int from = 1;
            for (int i = 0; from < values.length(); i++) {
                byte[] field = series.fields[i];
                int end = endOfValue(values, from);
                if (field != null && isValue(values, from)) {
                    text.add(field).addAscii(values, from, end);
                }
                from = end + 1;
            }
            if (attributes != null) {
                text.add(",\"attributes\":").add(attributes);
            }
            text.add('}');
            if (inLines) {
                text.add('\n');
            }
        }
    }

    /** One line of CSV per reading (RFC 4180), with a column for each metric. Text that looks like a formula gets a leading apostrophe. */
    static final class Csv extends ReadingFormat {

        private final List<String> columns;
        private int[] ends = new int[0];

        /** @param columns the metrics that have a column, in column order */
        Csv(List<String> columns) {
            this.columns = columns;
        }

        @Override
        byte[] head() {
            StringBuilder head = new StringBuilder("sensor_id,location,timestamp,received_at");
            columns.forEach(column -> head.append(',').append(field(column)));
            return bytes(head.append(",attributes\r\n").toString());
        }

        @Override
        String separator() {
            return "";
        }

        @Override
        Series series(String sensorId, String location, String[] metrics) {
            List<String> names = Arrays.asList(metrics);
            return new Series(bytes(field(sensorId) + "," + (location == null ? "" : field(location)) + ","), null,
                    columns.stream().mapToInt(names::indexOf).toArray());
        }

        /** @return a text as a field, quoted if necessary */
        static String field(String text) {
            boolean isFormula = !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0;
            if (!isFormula && text.chars().noneMatch(c -> c == '"' || c == ',' || c == '\r' || c == '\n')) {
                return text;
            }
            return "\"" + (isFormula ? "'" : "") + text.replace("\"", "\"\"") + "\"";
        }

        @Override
        void write(AnswerText text, Series series, long at, long receivedAt, String values, String attributes) {
            text.add(series.start).addTime(at).add(',').addTime(receivedAt);
            int count = findEnds(values);
            for (int position : series.positions) {
                text.add(',');
                if (position >= 0 && position < count) {
                    int from = position == 0 ? 1 : ends[position - 1] + 1;
                    if (isValue(values, from)) {
                        text.addAscii(values, from, ends[position]);
                    }
                }
            }
            text.add(',');
            if (attributes != null) {
                text.add(field(attributes));
            }
            text.add('\r').add('\n');
        }

        private int findEnds(String values) {
            int count = 0;
            for (int from = 1; from < values.length(); from = ends[count - 1] + 1) {
                if (count == ends.length) {
                    ends = Arrays.copyOf(ends, Math.max(8, count * 2));
                }
                ends[count++] = endOfValue(values, from);
            }
            return count;
        }
    }
}
