package sensorpipeline.api;

import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Writes the readings that a statement returns, one by one. Not thread-safe. */
final class ReadingRows {

    private final ResultSet rows;
    private final ReadingFormat format;
    private final IntObjectMap<ReadingFormat.Series> known = new IntObjectHashMap<>();
    private int series;
    private long at;
    private int count;

    /**
     * @param rows with the columns series_id, sensor_id, location, metrics, at and received_at (microseconds since 1970),
     *     values and attributes (as text), and is_next, true for a row of the next page
     * @param format of the output
     */
    ReadingRows(ResultSet rows, ReadingFormat format) {
        this.rows = rows;
        this.format = format;
    }

    /** @return true if there is another row, which becomes the current one */
    boolean next() throws SQLException {
        return rows.next();
    }

    /** @return true if the current row belongs to the next page */
    boolean isOfNextPage() throws SQLException {
        return rows.getBoolean("is_next");
    }

    /** Adds the reading of the current row. */
    void write(AnswerText text) throws SQLException {
        series = rows.getInt(1);
        at = rows.getLong(5);
        ReadingFormat.Series names = known.get(series);
        if (names == null) {
            names = format.series(rows.getString(2), rows.getString(3), (String[]) rows.getArray(4).getArray());
            known.put(series, names);
        }
        count++;
        format.write(text, names, at, rows.getLong(6), rows.getString(7), rows.getString(8));
    }

    /** @return the number of readings written */
    int count() {
        return count;
    }

    /** @return the cursor of the page after the last row written */
    String cursor() {
        return at + "_" + series;
    }
}
