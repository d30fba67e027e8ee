package sensorpipeline.producer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import sensorpipeline.reading.EventTime;
import sensorpipeline.reading.Quoted;

/**
 * Summary of a whole file, computed before anything is sent.
 *
 * @param total number of records
 * @param newest time of the record that is shifted to now, in microseconds since 1970 UTC, or {@link EventTime#NOT_A_TIME}
 * @param remarks warnings about its values
 */
record Survey(long total, long newest, List<String> remarks) {

    /** @return the summary of the file; throws {@link UnusableFile} if it contains no readings */
    static Survey of(ReplayFile file, Instant now) throws IOException {
        long total = 0;
        long readings = 0;
        long newest = EventTime.NOT_A_TIME;
        long newestOfAll = EventTime.NOT_A_TIME;
        String first = null;
        long firstLine = 0;
        Stream<String> remarks;
        try (RecordedReadings records = file.survey()) {
            for (Recorded record = records.next(); record != null; record = records.next()) {
                if (total++ == 0) {
                    first = new String(record.json(), StandardCharsets.UTF_8);
                    firstLine = records.line();
                }
                readings += record.isReading() ? 1 : 0;
                newestOfAll = Math.max(newestOfAll, record.at());
                newest = record.isTimely(now) || record.at() < EventTime.micros(now) ? Math.max(newest, record.at()) : newest;
            }
            remarks = records instanceof JsonLines lines ? StreamSupport.stream(lines.fields().spliterator(), false).map(ValueCount::remark)
                    : file.csv().columns().stream().map(CsvColumn::remark);
        }
        if (total == 0) {
            throw new UnusableFile("it has no readings");
        }
        if (readings == 0) {
            throw new UnusableFile("no line of it is a JSON object with sensor_id and timestamp; line " + firstLine + " is " + Quoted.of(first)
                    + ". NDJSON has one object a line: jq -c . makes it of objects that span lines");
        }
        if (newestOfAll == EventTime.NOT_A_TIME && file.csv() != null) {
            throw new UnusableFile("no row of it has a timestamp that can be read, which is ISO 8601 or epoch seconds, milliseconds, microseconds or nanoseconds; line "
                    + firstLine + " is " + Quoted.of(first));
        }
        // The newest time that is not in the future: a single clock that is years fast must not shift all other readings into the past.
        return new Survey(total, newest == EventTime.NOT_A_TIME ? newestOfAll : newest, remarks.filter(Objects::nonNull).toList());
    }
}
