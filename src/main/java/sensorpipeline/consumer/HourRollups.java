package sensorpipeline.consumer;

import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntToLongFunction;
import sensorpipeline.reading.Reading;

/** Hourly rollups of some batches, in the shape of the table rollup_hour. Not thread-safe. */
final class HourRollups {

    /** A row costs about as much as three readings: one per fifty readings is negligible, and so are a few at any time. */
    private static final int READINGS_A_ROW = 50;
    private static final int FEW_ROWS = 1000;
    /** 70 to 200 bytes each. */
    private static final int MOST_ROWS = 250_000;
    /** Queries add up the readings of pending batches themselves, which takes about two seconds for so many. */
    private static final int MOST_READINGS = 2_000_000;

    /**
     * 2^64 divided by the golden ratio, as in Knuth's multiplicative hashing; odd, so no two keys become equal. Netty's map combines the halves of a key with XOR only:
     * without this, the hours of a fleet that catches up on a day collide, and each lookup probes thousands of them.
     */
    private static final long SPREAD = 0x9E3779B97F4A7C15L;

    private final IntToLongFunction wait;
    private final LongObjectMap<Hour> hours = new LongObjectHashMap<>();
    private final List<Long> batches = new ArrayList<>();
    private long generation;
    private long readings;
    private int rows;
    private long firstStored;
    private long lastStored;

    /**
     * @param wait nanoseconds that a number of rows may be pending, from the first batch stored without its rollups on. Where nothing was stored for
     *     as long as no rows may be, none wait any longer: to write them then costs nobody anything
     */
    HourRollups(IntToLongFunction wait) {
        this.wait = wait;
    }

    /** One hour of one series. */
    private static final class Hour extends MetricFigures {

        private final int seriesId;
        private final long number;

        Hour(int seriesId, long number, int metrics) {
            super(metrics);
            this.seriesId = seriesId;
            this.number = number;
        }
    }

    /**
     * Adds the readings of a batch. Beyond the maximum number of rows, the rollups stay incomplete.
     *
     * @param batch in which the readings of a series are adjacent
     */
    void add(NumberedBatch batch) {
        if (readings == 0) {
            generation = batch.origin().generation();
        }
        Hour hour = null;
        for (NumberedReading reading : batch.readings()) {
            if (areTooMany()) {
                return;
            }
            int seriesId = reading.series().number();
            long number = Reading.hourOf(reading.at());
            Content content = reading.content();
            if (hour == null || hour.seriesId != seriesId || hour.number != number) {
                hour = hourOf(seriesId, number, content.count());
            }
            rows += hour.add(content, reading.at(), reading.receivedAt());
        }
        readings += batch.getSize();
    }

    private Hour hourOf(int seriesId, long number, int metrics) {
        long key = (number << 32 | seriesId) * SPREAD;
        Hour hour = hours.get(key);
        if (hour == null) {
            hour = new Hour(seriesId, number, metrics);
            hours.put(key, hour);
        }
        return hour;
    }

    /** @param batchId a batch that these rollups include, stored but not yet rolled up */
    void noteStored(long batchId) {
        if (batches.isEmpty()) {
            firstStored = System.nanoTime();
        }
        lastStored = System.nanoTime();
        batches.add(batchId);
    }

    /** @return the generation of the series of the first batch, see hold_series(): if the database has another one now, the ids of the batches may belong to other batches */
    long generation() {
        return generation;
    }

    /** @return the included batches that are stored but not yet rolled up */
    long[] batches() {
        return batches.stream().mapToLong(Long::longValue).toArray();
    }

    /** @return whether they are due: few rows for their readings, so cheap to write, or pending for long enough */
    boolean areDue() {
        return !areTooMany() && (rows <= Math.max(FEW_ROWS, readings / READINGS_A_ROW) || readings > MOST_READINGS || haveWaitedLongEnough());
    }

    boolean haveWaitedLongEnough() {
        long now = System.nanoTime();
        return !batches.isEmpty() && (now - firstStored > wait.applyAsLong(rows) || now - lastStored > wait.applyAsLong(0));
    }

    int rows() {
        return rows;
    }

    /** @return whether they have so few rows that a batch need not wait long for them to be written */
    boolean areFew() {
        return rows <= FEW_ROWS;
    }

    /** @return whether they have so many rows that recomputing them from the readings is cheaper than keeping them */
    boolean areTooMany() {
        return rows > MOST_ROWS;
    }

    /** Sets the parameters of add-rollups.sql, one array per column, in the order of hours and series: PostgreSQL sorts rows in order in a third of the time. */
    void fill(PreparedStatement statement) throws SQLException {
        long[] number = new long[rows];
        int[] seriesId = new int[rows];
        short[] position = new short[rows];
        long[] readings = new long[rows];
        long[] events = new long[rows];
        long[] firstAt = new long[rows];
        long[] lastAt = new long[rows];
        double[] total = new double[rows];
        double[] low = new double[rows];
        double[] high = new double[rows];
        long[] lastReceivedAt = new long[rows];
        int row = 0;
        Hour[] sorted = hours.values().toArray(Hour[]::new);
        Arrays.sort(sorted, Comparator.comparingLong((Hour hour) -> hour.number).thenComparingInt(hour -> hour.seriesId));
        for (Hour hour : sorted) {
            for (int index = 0; index < hour.metrics(); index++, row++) {
                number[row] = hour.number;
                seriesId[row] = hour.seriesId;
                position[row] = (short) (hour.position(index) + 1);
                readings[row] = (long) hour.figure(index, MetricFigures.READINGS);
                events[row] = (long) hour.figure(index, MetricFigures.EVENTS);
                firstAt[row] = (long) hour.figure(index, MetricFigures.FIRST_AT);
                lastAt[row] = (long) hour.figure(index, MetricFigures.LAST_AT);
                total[row] = hour.figure(index, MetricFigures.TOTAL);
                low[row] = hour.figure(index, MetricFigures.LOWEST);
                high[row] = hour.figure(index, MetricFigures.HIGHEST);
                lastReceivedAt[row] = (long) hour.figure(index, MetricFigures.LAST_RECEIVED_AT);
            }
        }
        Object[] columns = {number, seriesId, position, readings, events, firstAt, lastAt, total, low, high, lastReceivedAt};
        for (int column = 0; column < columns.length; column++) {
            statement.setObject(column + 1, columns[column]);
        }
    }
}
