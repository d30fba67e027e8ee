package sensorpipeline.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Locale;
import java.util.Map;

/** Progress on standard error, figures on standard output. */
final class Output {

    private Output() {
    }

    /** Prints a line of progress to standard error. */
    static void say(String line, Object... values) {
        System.err.println(values.length == 0 ? line : String.format(Locale.ROOT, line, values));
    }

    /** Prints the figures to standard output as one line of JSON. */
    static void print(Map<String, Object> figures) {
        try {
            System.out.println(new ObjectMapper().writeValueAsString(figures));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @return the value rounded to this many decimals, or null if it is infinite or not a number (JSON has neither) */
    static Double rounded(double value, int decimals) {
        double factor = Math.pow(10, decimals);
        return Double.isFinite(value) ? Math.round(value * factor) / factor : null;
    }
}
