package sensorpipeline.contract;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import sensorpipeline.http.RequestError;
import sensorpipeline.reading.Quoted;

/** The media types that a client accepts, from the header Accept (RFC 9110, section 12.5.1). Immutable. */
final class AcceptHeader {

    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]++";
    private static final String QUOTED = "\"(?:[^\"\\\\]|\\\\.)*+\"";
    // Possessive quantifiers (*+, ++), so that matching takes linear time.
    private static final String PARAMETER = "\\s*+;\\s*+(?:(" + TOKEN + ")\\s*+=\\s*+(" + TOKEN + "|" + QUOTED + "))?+";
    private static final Pattern PARAMETERS = Pattern.compile(PARAMETER);
    /** One media range with its parameters. Old versions of Java send a lone * for any type. */
    private static final Pattern RANGE = Pattern.compile("\\s*+(?:(" + TOKEN + ")/(" + TOKEN + ")|\\*)((?:" + PARAMETER + ")*+)\\s*+");
    private static final Pattern WEIGHT = Pattern.compile("0?\\.[0-9]+|[01](\\.0*)?");
    /** Parameters that the REST API sends with each type; a client may name them. */
    private static final Map<String, String> SENT = Map.of("charset", "utf-8", "header", "present");

    private final String text;
    private final List<Range> ranges;

    private AcceptHeader(String text, List<Range> ranges) {
        this.text = text;
        this.ranges = ranges;
    }

    /**
     * A set of media types with the same weight.
     *
     * @param type such as text, or *
     * @param subtype such as csv, or *
     * @param parameters by name, without the weight
     * @param weight from 0 (not acceptable) to 1
     */
    private record Range(String type, String subtype, Map<String, String> parameters, double weight) {

        boolean contains(String mediaType) {
            String[] parts = mediaType.split("/");
            return (type.equals("*") || type.equals(parts[0])) && (subtype.equals("*") || subtype.equals(parts[1]))
                    && SENT.entrySet().containsAll(parameters.entrySet());
        }

        /** @return a greater number for a narrower range */
        int specificity() {
            return (type.equals("*") ? 0 : 1000) + (subtype.equals("*") ? 0 : 1000) + parameters.size();
        }
    }

    /**
     * @param header its value; a collection if it was sent several times, which is equivalent to one combined header; null
     *     if it was not sent. Elements that are not media ranges are ignored
     */
    static AcceptHeader of(Object header) {
        String text = header instanceof Collection<?> several ? several.stream().map(String::valueOf).collect(Collectors.joining(", "))
                : header == null ? "" : header.toString();
        List<Range> ranges = new ArrayList<>();
        for (String element : elements(text)) {
            Matcher range = RANGE.matcher(element);
            if (range.matches()) {
                add(ranges, range);
            }
        }
        return new AcceptHeader(text, ranges);
    }

    /** @return the elements between commas outside of quotes */
    private static List<String> elements(String text) {
        List<String> elements = new ArrayList<>();
        boolean isQuoted = false;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (isQuoted && character == '\\') {
                i++;
            } else if (character == '"') {
                isQuoted = !isQuoted;
            } else if (character == ',' && !isQuoted) {
                elements.add(text.substring(start, i));
                start = i + 1;
            }
        }
        elements.add(text.substring(start));
        return elements;
    }

    private static void add(List<Range> ranges, Matcher range) {
        String type = range.group(1) == null ? "*" : range.group(1).toLowerCase(Locale.ROOT);
        String subtype = range.group(1) == null ? "*" : range.group(2).toLowerCase(Locale.ROOT);
        Map<String, String> parameters = new HashMap<>();
        Matcher parameter = PARAMETERS.matcher(range.group(3));
        while (parameter.find()) {
            if (parameter.group(1) != null) {
                parameters.put(parameter.group(1).toLowerCase(Locale.ROOT), unquoted(parameter.group(2)).toLowerCase(Locale.ROOT));
            }
        }
        String weight = parameters.containsKey("q") ? parameters.remove("q") : "1";
        if (WEIGHT.matcher(weight).matches() && Double.parseDouble(weight) <= 1) {
            ranges.add(new Range(type, subtype, parameters, Double.parseDouble(weight)));
        }
    }

    private static String unquoted(String value) {
        return value.startsWith("\"") ? value.substring(1, value.length() - 1).replaceAll("\\\\(.)", "$1") : value;
    }

    /**
     * @param offered media types, the preferred one first; at least one
     * @return the one with the highest weight, which is that of the most specific range that matches. On a tie: the one with
     *     the more specific range, or else the earlier one; the first one if there is no header
     * @throws RequestError (406) if none is acceptable
     */
    String choose(List<String> offered) {
        if (text.isBlank()) {
            return offered.get(0);
        }
        String chosen = null;
        Range best = null;
        for (String mediaType : offered) {
            Range range = rangeOf(mediaType);
            if (range != null && range.weight > 0 && (best == null || isPreferred(range, best))) {
                chosen = mediaType;
                best = range;
            }
        }
        if (chosen == null) {
            throw new RequestError(406, "not_acceptable",
                    "this call answers " + String.join(", ", offered) + "; the header Accept was " + Quoted.of(text));
        }
        return chosen;
    }

    private Range rangeOf(String mediaType) {
        Range found = null;
        for (Range range : ranges) {
            if (range.contains(mediaType) && (found == null || range.specificity() > found.specificity())) {
                found = range;
            }
        }
        return found;
    }

    private boolean isPreferred(Range range, Range to) {
        if (range.weight != to.weight) {
            return range.weight > to.weight;
        }
        return range.specificity() != to.specificity() ? range.specificity() > to.specificity() : ranges.indexOf(range) < ranges.indexOf(to);
    }
}
