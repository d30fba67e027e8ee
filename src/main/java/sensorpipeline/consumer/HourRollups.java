package sensorpipeline.consumer;

import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import sensorpipeline.kafka.PolledRecords;
import sensorpipeline.reading.Reading;

/** Hourly rollups of some batches, in the shape of the table rollup_hour. Not thread-safe. */
final class HourRollups {

    /** Same as scale() in the schema: no digit is lost, and the largest numbers can be added. */
    static final double SCALE = 0x1p40;
    /** A row costs about as much as three readings: one per fifty readings is negligible, and so are a few at any time. */
    private static final int READINGS_A_ROW = 50;
    private static final int FEW_ROWS = 1000;
    /** About 150 bytes each. */
    private static final int MOST_ROWS = 50_000;

    private final long longestWait;
    private final LongObjectMap<Hour> hours = new LongObjectHashMap<>();
    private final List<Integer> batches = new ArrayList<>();
    private long readings;
    private int rows;
    private long firstStored;

    /** @param longestWait nanoseconds from the first batch stored without its rollups until they are due */
    HourRollups(long longestWait) {
        this.longestWait = longestWait;
    }

    /** One hour of one series. */
    private static final class Hour {
        private static final int TOTAL = 0;
        private static final int LOWEST = 1;
        private static final int HIGHEST = 2;
        private static final int FIGURES = 3;

        private final int seriesId;
        private final long number;
        /** The figures of a metric are adjacent, because this code is hot and the data is rarely in the CPU cache. */
        private final double[] figures;
        private long readings;
        private long firstAt = Long.MAX_VALUE;
        private long lastAt = Long.MIN_VALUE;
        /** Milliseconds. */
        private long lastReceivedAt = Long.MIN_VALUE;

        Hour(int seriesId, long number, int metrics) {
            this.seriesId = seriesId;
            this.number = number;
            figures = new double[FIGURES * metrics];
        }

        void add(Reading reading, long receivedAt) {
            int metric = 0;
            for (double value : reading.values()) {
                figures[metric + TOTAL] += value / SCALE;
                figures[metric + LOWEST] = readings == 0 ? value : Math.min(figures[metric + LOWEST], value);
                figures[metric + HIGHEST] = readings == 0 ? value : Math.max(figures[metric + HIGHEST], value);
                metric += FIGURES;
            }
            readings++;
            firstAt = Math.min(firstAt, reading.at());
            lastAt = Math.max(lastAt, reading.at());
            lastReceivedAt = Math.max(lastReceivedAt, receivedAt);
        }
    }

    /**
     * Adds the readings of a batch. Beyond the maximum number of rows, the rollups stay incomplete.
     *
     * @param batch with numbered readings
     * @param places their indexes, series by series
     */
    void add(ReadingBatch batch, int[] places) {
        Hour hour = null;
        for (int place : places) {
            Reading reading = batch.getReadings().get(place);
            int seriesId = batch.series().get(place).number();
            if (areTooMany()) {
                return;
            }
            if (hour == null || hour.seriesId != seriesId || hour.number != reading.hour()) {
                hour = hourOf(seriesId, reading);
            }
            hour.add(reading, PolledRecords.receivedAt(batch.records().get(place)));
        }
        readings += batch.getSize();
    }

    private Hour hourOf(int seriesId, Reading reading) {
        long key = reading.hour() << 32 | seriesId;
        Hour hour = hours.get(key);
        if (hour == null) {
            hour = new Hour(seriesId, reading.hour(), reading.values().length);
            hours.put(key, hour);
            rows += reading.values().length;
        }
        return hour;
    }

    /** @param batchId a batch that these rollups include, stored but not yet rolled up */
    void noteStored(int batchId) {
        if (batches.isEmpty()) {
            firstStored = System.nanoTime();
        }
        batches.add(batchId);
    }

    /** @return the included batches that are stored but not yet rolled up */
    int[] batches() {
        return batches.stream().mapToInt(Integer::intValue).toArray();
    }

    /** @return whether they are due: few rows for their readings, so cheap to write, or pending for long */
    boolean areDue() {
        return !areTooMany() && (rows <= Math.max(FEW_ROWS, readings / READINGS_A_ROW)
                || !batches.isEmpty() && System.nanoTime() - firstStored > longestWait);
    }

    /** @return whether they have so many rows that recomputing them from the readings is cheaper than keeping them */
    boolean areTooMany() {
        return rows > MOST_ROWS;
    }

    /** Sets the parameters of add-rollups.sql, one array per column. */
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
        long[] lastReceivedAt = new long[rows];
        int row = 0;
        for (Hour hour : hours.values()) {
            for (int metric = 0; metric < hour.figures.length; metric += Hour.FIGURES, row++) {
                number[row] = hour.number;
                seriesId[row] = hour.seriesId;
                position[row] = (short) (metric / Hour.FIGURES + 1);
                readings[row] = hour.readings;
                firstAt[row] = hour.firstAt;
                lastAt[row] = hour.lastAt;
                total[row] = hour.figures[metric + Hour.TOTAL];
                low[row] = hour.figures[metric + Hour.LOWEST];
                high[row] = hour.figures[metric + Hour.HIGHEST];
                lastReceivedAt[row] = hour.lastReceivedAt;
            }
        }
        Object[] columns = {number, seriesId, position, readings, firstAt, lastAt, total, low, high, lastReceivedAt};
        for (int column = 0; column < columns.length; column++) {
            statement.setObject(column + 1, columns[column]);
        }
    }
}
