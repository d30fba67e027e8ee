package sensorpipeline.consumer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Finds out what became of each record of a batch: counts it, or makes it a dead letter if it contradicts what is stored. Thread-safe. */
public final class StoreResults {

    private final StoreFigures figures;

    /** @param figures count the records */
    public StoreResults(StoreFigures figures) {
        this.figures = figures;
    }

    /** @param batch all of whose readings were new */
    public void copied(NumberedBatch batch) {
        Count count = new Count(batch.origin());
        for (NumberedReading reading : batch.readings()) {
            if (reading.hasSeveralRecords()) {
                reading.settle(null, count);
            } else {
                count.records[NumberedReading.Outcome.STORED.ordinal()]++;
                count.addUnusual(reading.content());
            }
        }
        figures.stored(count);
    }

    /**
     * @param batch whose {@linkplain NumberedBatch#getHead first readings} were merged
     * @param answered rows of merge-readings.sql, for those of them that were not new
     * @return readings that are still to be merged: the others, and those of which some records contradict what is stored, without these records
     */
    public NumberedBatch merged(NumberedBatch batch, List<Map<String, Object>> answered) {
        Count count = new Count(batch.origin());
        int size = batch.getHead().getSize();
        List<NumberedReading> again = new ArrayList<>(batch.readings().subList(size, batch.getSize()));
        Map<?, ?>[] byPosition = new Map<?, ?>[size];
        answered.forEach(row -> byPosition[((Number) row.get("position")).intValue() - 1] = row);
        for (int i = 0; i < byPosition.length; i++) {
            NumberedReading reading = batch.readings().get(i);
            Map<?, ?> row = byPosition[i];
            if (row == null) {
                reading.settle(null, count);
                continue;
            }
            switch ((String) row.get("outcome")) {
                case "repeated" -> reading.settle(reading.content(), count);
                case "completed" -> reading.settle(before(row), count);
                case "conflict" -> {
                    NumberedReading rest = withoutConflicts(reading, before(row), count);
                    if (rest != null) {
                        again.add(rest);
                    }
                }
                case "again" -> again.add(reading);
                default -> throw new IllegalStateException("Unknown outcome " + row);
            }
        }
        figures.stored(count);
        return new NumberedBatch(batch.origin(), again);
    }

    private static Content before(Map<?, ?> row) {
        return Content.parse((String) row.get("stored_values"), (String) row.get("stored_attributes"));
    }

    /** @return the reading of the other records, or null if there is none */
    private static NumberedReading withoutConflicts(NumberedReading reading, Content before, Count count) {
        List<NumberedReading.Part> others = new ArrayList<>();
        reading.settle(before, (part, outcome, reason) -> {
            if (outcome == NumberedReading.Outcome.CONFLICT) {
                count.add(part, outcome, reason);
            } else {
                others.add(part);
            }
        });
        if (others.size() == reading.parts().size()) {
            // Only PostgreSQL finds a conflict; merging again would never end.
            others.forEach(part -> count.add(part, NumberedReading.Outcome.CONFLICT, "conflict: PostgreSQL cannot add it to the stored reading; together their attributes may be too large"));
            return null;
        }
        NumberedReading rest = null;
        for (NumberedReading.Part part : others) {
            if (rest == null) {
                rest = new NumberedReading(reading.series(), reading.at(), part.record(), part.content());
            } else {
                rest.add(part);
            }
        }
        return rest;
    }

    /** Numbers of records by outcome; conflicts become dead letters of their batch. Not thread-safe. */
    static final class Count implements NumberedReading.Outcomes {

        private final ReadingBatch batch;
        private final int[] records = new int[NumberedReading.Outcome.values().length];
        private int textsForNumbers;
        private int implausible;

        Count(ReadingBatch batch) {
            this.batch = batch;
        }

        @Override
        public void add(NumberedReading.Part part, NumberedReading.Outcome outcome, String reason) {
            records[outcome.ordinal()]++;
            if (outcome == NumberedReading.Outcome.CONFLICT) {
                batch.refuse(part.record(), reason);
            } else if (outcome != NumberedReading.Outcome.REPEATED) {
                addUnusual(part.content());
            }
        }

        private void addUnusual(Content content) {
            textsForNumbers += content.textsForNumbers();
            implausible += content.implausible();
        }

        int of(NumberedReading.Outcome outcome) {
            return records[outcome.ordinal()];
        }

        /** @return text where a number usually is, in records that were stored or merged */
        int textsForNumbers() {
            return textsForNumbers;
        }

        /** @return values that are not plausible, in records that were stored or merged */
        int implausible() {
            return implausible;
        }
    }
}
