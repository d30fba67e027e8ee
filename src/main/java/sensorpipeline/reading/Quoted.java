package sensorpipeline.reading;

/** Quotes input in error messages: short, and without characters that could corrupt a log or a terminal. */
public final class Quoted {

    private static final int LONGEST = 60;

    private Quoted() {
    }

    /** @return the text in quotes, truncated to 60 characters, with "?" for characters that are not plain */
    public static String of(String text) {
        String start = text.length() > LONGEST ? text.substring(0, LONGEST) : text;
        String shown = start.codePoints()
                .map(character -> isPlain(character) ? character : '?')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return "'" + shown + "'" + (start.length() < text.length() ? "... (" + text.length() + " characters)" : "");
    }

    /** @return true for a plain character: not a control character and not half of a surrogate pair */
    public static boolean isPlain(int character) {
        return !Character.isISOControl(character) && (character < Character.MIN_SURROGATE || character > Character.MAX_SURROGATE);
    }
}
