package sensorpipeline.store;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sensorpipeline.reading.Reading;

/** The statistics by hour of one batch, in the shape of the table rollup_hour. Used by one thread. */
final class HourRollups {

    private static final long MICROS_AN_HOUR = 3_600_000_000L;
    /** As in the table: no digit is lost, and the largest numbers can be added. */
    private static final double SCALE = 0x1p40;
    /** With more rows than one for ten readings, but for a few, it is cheaper to roll up many batches at once, later. */
    private static final int READINGS_A_ROW = 10;
    private static final int FEW_ROWS = 100;

    private final List<Hour> hours = new ArrayList<>();
    private int rows;

    private HourRollups() {
    }

    /** One hour of one series. */
    private static final class Hour {
        private final int seriesId;
        private final long number;
        private final double[] totals;
        private final double[] lows;
        private final double[] highs;
        private long readings;
        private long firstAt = Long.MAX_VALUE;
        private long lastAt = Long.MIN_VALUE;

        Hour(int seriesId, long number, int metrics) {
            this.seriesId = seriesId;
            this.number = number;
            totals = new double[metrics];
            lows = new double[metrics];
            highs = new double[metrics];
        }

        void add(Reading reading) {
            double[] values = reading.values();
            for (int i = 0; i < values.length; i++) {
                totals[i] += values[i] / SCALE;
                lows[i] = readings == 0 ? values[i] : Math.min(lows[i], values[i]);
                highs[i] = readings == 0 ? values[i] : Math.max(highs[i], values[i]);
            }
            readings++;
            firstAt = Math.min(firstAt, reading.at());
            lastAt = Math.max(lastAt, reading.at());
        }
    }

    /** @return the rollups of a batch, or nothing if they would be so many that they are better made later */
    static Optional<HourRollups> of(ReadingBatch batch) {
        HourRollups rollups = new HourRollups();
        Map<Long, Hour> known = new HashMap<>();
        for (int i = 0; i < batch.getSize(); i++) {
            Reading reading = batch.getReadings().get(i);
            int seriesId = batch.series().get(i).number();
            long number = Math.floorDiv(reading.at(), MICROS_AN_HOUR);
            Hour hour = known.get(number << 32 | seriesId);
            if (hour == null) {
                hour = new Hour(seriesId, number, reading.values().length);
                known.put(number << 32 | seriesId, hour);
                rollups.hours.add(hour);
                rollups.rows += reading.values().length;
                if (rollups.rows > Math.max(FEW_ROWS, batch.getSize() / READINGS_A_ROW)) {
                    return Optional.empty();
                }
            }
            hour.add(reading);
        }
        return Optional.of(rollups);
    }

    /** Fills in the parameters of add-rollups.sql, an array a column. */
    void fill(PreparedStatement statement) throws SQLException {
        long[] number = new long[rows];
        int[] seriesId = new int[rows];
        short[] position = new short[rows];
        long[] readings = new long[rows];
        long[] firstAt = new long[rows];
        long[] lastAt = new long[rows];
        double[] total = new double[rows];
        double[] low = new double[rows];
        double[] high = new double[rows];
        int row = 0;
        for (Hour hour : hours) {
            for (int metric = 0; metric < hour.totals.length; metric++, row++) {
                number[row] = hour.number;
                seriesId[row] = hour.seriesId;
                position[row] = (short) (metric + 1);
                readings[row] = hour.readings;
                firstAt[row] = hour.firstAt;
                lastAt[row] = hour.lastAt;
                total[row] = hour.totals[metric];
                low[row] = hour.lows[metric];
                high[row] = hour.highs[metric];
            }
        }
        Object[] columns = {number, seriesId, position, readings, firstAt, lastAt, total, low, high};
        for (int column = 0; column < columns.length; column++) {
            statement.setObject(column + 1, columns[column]);
        }
    }
}
