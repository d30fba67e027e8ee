package sensorpipeline.producer;

import sensorpipeline.producer.CellNumber.Comma;

/** A column of a CSV file: its name, and the type of its cells. Not thread-safe. */
final class CsvColumn {

    private final String name;
    private final ValueCount values;
    private boolean hasDecimalComma;
    private boolean hasGroups;
    private long unclear;
    private String unclearExample;
    private long unclearLine;

    CsvColumn(String name) {
        this.name = name;
        this.values = new ValueCount(name);
    }

    String name() {
        return name;
    }

    /** @return true if its cells are text even if they look like numbers */
    boolean isText() {
        return name.equals("sensor_id") || name.equals("location");
    }

    boolean isTime() {
        return name.equals("timestamp");
    }

    /**
     * Counts a cell, and infers the meaning of commas in this column from it.
     *
     * @param line of the file
     */
    void learn(String cell, long line) {
        if (isText() || isTime() || cell.isEmpty()) {
            return;
        }
        Comma comma = CellNumber.comma(cell);
        hasDecimalComma |= comma == Comma.DECIMAL;
        hasGroups |= comma == Comma.GROUPS;
        if (comma == Comma.UNCLEAR) {
            if (unclear++ == 0) {
                unclearExample = cell;
                unclearLine = line;
            }
        } else if (CellNumber.json(cell, Comma.UNCLEAR) != null) {
            values.number();
        } else {
            values.text(cell, line);
        }
    }

    /** @return the number or boolean of a cell in JSON, by what the column has learned; null if it is text */
    String number(String cell) {
        return CellNumber.json(cell, comma());
    }

    /** @return a warning about inconsistent cells, or null */
    String remark() {
        if (unclear > 0 && comma() == Comma.UNCLEAR) {
            return "'%s': %d values may have a decimal comma or a group of three digits, such as '%s' in line %d; they are stored as an attribute, not as a metric"
                    .formatted(name, unclear, unclearExample, unclearLine);
        }
        return values.remark();
    }

    private Comma comma() {
        return hasDecimalComma == hasGroups ? Comma.UNCLEAR : hasDecimalComma ? Comma.DECIMAL : Comma.GROUPS;
    }
}
