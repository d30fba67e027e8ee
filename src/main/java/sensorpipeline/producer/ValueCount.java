package sensorpipeline.producer;

import sensorpipeline.reading.Quoted;

/** Counts the numbers and texts of one column or field. Not thread-safe. */
final class ValueCount {

    private final String name;
    private long numbers;
    private long texts;
    private String example;
    private long exampleLine;

    /** @param name of the column or field */
    ValueCount(String name) {
        this.name = name;
    }

    void number() {
        numbers++;
    }

    /** @param line of the file that contains it */
    void text(String text, long line) {
        if (texts++ == 0) {
            example = text;
            exampleLine = line;
        }
    }

    /** @return a warning about mixed values, or null if they are all numbers or all text */
    String remark() {
        return numbers == 0 || texts == 0 ? null : "%s: %d of %d values are text where others are numbers, such as %s in line %d; text is stored as an attribute, not as a metric"
                .formatted(Quoted.of(name), texts, numbers + texts, Quoted.of(example), exampleLine);
    }
}
