package sensorpipeline.producer;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Recognizes numbers in the cells of a CSV file, and converts them to JSON. Stateless. */
final class CellNumber {

    /** Meaning of a comma between digits. */
    enum Comma {
        /** A decimal point: {@code 21,4}. */
        DECIMAL,
        /** A group separator, between three digits: {@code 1,234.5}. */
        GROUPS,
        /** Either one: {@code 1,234}. */
        UNCLEAR
    }

    private static final Pattern PLAIN = Pattern.compile("([+-]?)([0-9]*)(?:\\.([0-9]*))?([eE][+-]?[0-9]+)?");
    private static final Pattern DECIMAL_COMMA = Pattern.compile("[+-]?[0-9]*,[0-9]+");
    private static final Pattern COMMA_GROUPS = Pattern.compile("[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+(\\.[0-9]*)?");
    /** Points without a comma are not group separators: 192.168.100.200 is an address. */
    private static final Pattern POINT_GROUPS = Pattern.compile("[+-]?[1-9][0-9]{0,2}(\\.[0-9]{3})+,[0-9]+");
    /** Spaces of several widths and apostrophes, the group separators of France and Switzerland. */
    private static final String GROUP_SIGNS = "[ \\u00A0\\u202F\\u2009'\\u2019]";
    private static final Pattern OTHER_GROUPS = Pattern.compile("[+-]?[1-9][0-9]{0,2}(" + GROUP_SIGNS + "[0-9]{3})+([.,][0-9]+)?");

    private CellNumber() {
    }

    /** @return the meaning of the comma in a cell, by this cell alone; null if it has none or is not a number */
    static Comma comma(String cell) {
        if (cell.indexOf(',') < 0) {
            return null;
        }
        if (COMMA_GROUPS.matcher(cell).matches()) {
            return cell.indexOf(',') == cell.lastIndexOf(',') && cell.indexOf('.') < 0 ? Comma.UNCLEAR : Comma.GROUPS;
        }
        boolean isDecimal = DECIMAL_COMMA.matcher(cell).matches() || POINT_GROUPS.matcher(cell).matches() || OTHER_GROUPS.matcher(cell).matches();
        return isDecimal ? Comma.DECIMAL : null;
    }

    /**
     * @param cell a trimmed cell
     * @param unclear meaning of a comma that the cell alone does not determine
     * @return the number or boolean in JSON, or null if the cell is not clearly one
     */
    static String json(String cell, Comma unclear) {
        if (cell.isEmpty()) {
            return null;
        }
        char last = cell.charAt(cell.length() - 1);
        if (last != '.' && (last < '0' || last > '9')) {
            return cell.equalsIgnoreCase("true") ? "true" : cell.equalsIgnoreCase("false") ? "false" : null;
        }
        // The typographic minus sign.
        String number = cell.charAt(0) == '\u2212' ? "-" + cell.substring(1) : cell;
        Matcher plain = PLAIN.matcher(number);
        if (plain.matches()) {
            return plainJson(plain);
        }
        Comma comma = comma(number);
        if ((comma == Comma.UNCLEAR ? unclear : comma) == Comma.GROUPS) {
            return json(number.replace(",", ""), Comma.UNCLEAR);
        }
        if ((comma == Comma.UNCLEAR ? unclear : comma) == Comma.DECIMAL) {
            return json(number.replaceAll("\\.|" + GROUP_SIGNS, "").replace(',', '.'), Comma.UNCLEAR);
        }
        return comma == null && OTHER_GROUPS.matcher(number).matches() ? json(number.replaceAll(GROUP_SIGNS, ""), Comma.UNCLEAR) : null;
    }

    private static String plainJson(Matcher number) {
        String whole = number.group(2);
        String fraction = number.group(3) == null ? "" : number.group(3);
        if (whole.isEmpty() && fraction.isEmpty()) {
            return null;
        }
        String digits = whole.replaceFirst("^0+(?=[0-9])", "");
        return (number.group(1).equals("-") ? "-" : "") + (digits.isEmpty() ? "0" : digits) + (fraction.isEmpty() ? "" : "." + fraction)
                + (number.group(4) == null ? "" : number.group(4));
    }
}
