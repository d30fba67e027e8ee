package sensorpipeline.rules;

import java.util.List;

/** Patterns of names such as {@code bed-*}, in which an asterisk stands for any text. Immutable. */
public final class NamePatterns {

    private final List<String> patterns;

    /** @param patterns of which a name has to match one; without any, all names match, and so does a missing one */
    NamePatterns(List<String> patterns) {
        this.patterns = List.copyOf(patterns);
    }

    /**
     * @param patterns of which a name has to match one; without any, all names match
     * @return the patterns
     */
    public static NamePatterns of(List<String> patterns) {
        return new NamePatterns(patterns);
    }

    /**
     * @param name of a sensor or location, or null
     * @return whether it matches
     */
    public boolean match(String name) {
        return patterns.isEmpty() || name != null && patterns.stream().anyMatch(pattern -> match(pattern, name));
    }

    /** Goes back to the last asterisk only, so that no pattern takes longer than its length times that of the name. */
    private static boolean match(String pattern, String name) {
        int asterisk = -1;
        int afterAsterisk = 0;
        int place = 0;
        for (int i = 0; i < name.length();) {
            if (place < pattern.length() && pattern.charAt(place) == '*') {
                asterisk = place++;
                afterAsterisk = i;
            } else if (place < pattern.length() && pattern.charAt(place) == name.charAt(i)) {
                place++;
                i++;
            } else if (asterisk >= 0) {
                place = asterisk + 1;
                i = ++afterAsterisk;
            } else {
                return false;
            }
        }
        return pattern.chars().skip(place).allMatch(character -> character == '*');
    }

    /** @return those of the patterns that are names */
    public List<String> names() {
        return patterns.stream().filter(pattern -> pattern.indexOf('*') < 0).toList();
    }

    /** @return the same patterns for the operator LIKE of SQL, or null if all names match */
    public String[] forLike() {
        return patterns.isEmpty() ? null : patterns.stream()
                .map(pattern -> pattern.replaceAll("\\*+", "*").replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace('*', '%')).toArray(String[]::new);
    }
}
