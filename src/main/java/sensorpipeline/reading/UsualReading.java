package sensorpipeline.reading;

import java.time.Instant;

/** Parses records of the form that nearly all devices send, and leaves all others to the full parser. Not thread-safe; reused for each record. */
final class UsualReading {

    private final UsualRecord record = new UsualRecord();
    private final ReadingDraft draft = new ReadingDraft();

    /** @return true if {@link #draft} is complete; false if the record has another form, and must be parsed again in full */
    boolean read(byte[] bytes, Instant now) throws RefusedReading {
        record.open(bytes);
        draft.clear();
        UsualRecord.Member member = record.next();
        while (member == UsualRecord.Member.TEXT ? readText(now) : member == UsualRecord.Member.NUMBER && readNumber(now)) {
            member = record.next();
        }
        return member == UsualRecord.Member.END && draft.isComplete();
    }

    /** @return the last reading; valid until the next record */
    ReadingDraft draft() {
        return draft;
    }

    private boolean readText(Instant now) throws RefusedReading {
        switch (record.name()) {
            case "sensor_id" -> draft.setSensorId(record.text());
            case "location" -> draft.setLocation(record.knownText());
            case "timestamp" -> {
                long micros = EventTime.parseUsual(record.bytes(), record.textStart(), record.textEnd(), now);
                if (micros == EventTime.UNUSUAL) {
                    return false;
                }
                draft.setTime(micros);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean readNumber(Instant now) throws RefusedReading {
        if (!ReadingParser.NOT_FOR_METRICS.contains(record.name())) {
            draft.addMetric(record.name(), record.number());
            return true;
        }
        if (!record.isWhole()) {
            return false;
        }
        switch (record.name()) {
            case "sensor_id" -> draft.setSensorId(record.text());
            case "timestamp" -> {
                long micros = EventTime.parseUsual(record.whole(), now);
                if (micros == EventTime.UNUSUAL) {
                    return false;
                }
                draft.setTime(micros);
            }
            default -> {
                return false;
            }
        }
        return true;
    }
}
