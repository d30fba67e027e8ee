package sensorpipeline.reading;

/** Shows what was given in the message that refuses it: short, and with nothing that could upset a log or a screen. */
public final class Quoted {

    private static final int LONGEST = 60;

    private Quoted() {
    }

    /** @return the text in quotes, cut after 60 characters, each character that is not plain text as "?" */
    public static String of(String text) {
        String start = text.length() > LONGEST ? text.substring(0, LONGEST) : text;
        String shown = start.codePoints()
                .map(character -> isPlain(character) ? character : '?')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return "'" + shown + "'" + (start.length() < text.length() ? "... (" + text.length() + " characters)" : "");
    }

    /** @return true for a character that stands for itself: no control character and no half of a surrogate pair */
    public static boolean isPlain(int character) {
        return !Character.isISOControl(character) && (character < Character.MIN_SURROGATE || character > Character.MAX_SURROGATE);
    }
}
