package sensorpipeline.database;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.stream.Stream;

/** Arrays of type {@code float8[]} in rows. Stateless. */
public final class NumberArray {

    private NumberArray() {
    }

    /**
     * @param row with the array, none of whose elements is NULL
     * @param column name of its column
     * @return the numbers, or null if the array is NULL
     * @throws SQLException if there is no such column, or it has another type
     */
    public static double[] of(ResultSet row, String column) throws SQLException {
        Array array = row.getArray(column);
        return array == null ? null : Stream.of((Double[]) array.getArray()).mapToDouble(Double::doubleValue).toArray();
    }
}
