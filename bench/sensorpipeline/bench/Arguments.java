package sensorpipeline.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A command line of {@code --name value} options and {@code --name} flags. */
final class Arguments {

    private final Map<String, String> given = new HashMap<>();

    /**
     * @param arguments of the command line
     * @param options names that take a value, with their hyphens
     * @param flags names that take none
     * @throws Misuse if an option is unknown or lacks its value
     */
    Arguments(String[] arguments, Set<String> options, Set<String> flags) {
        for (int i = 0; i < arguments.length; i++) {
            String name = arguments[i];
            if (options.contains(name)) {
                if (++i == arguments.length) {
                    throw new Misuse(name + " needs a value; --help lists the options");
                }
                given.put(name, arguments[i]);
            } else if (flags.contains(name)) {
                given.put(name, "");
            } else {
                throw new Misuse("Unknown option '" + name + "'; --help lists the options");
            }
        }
    }

    /** @return true if the user asks for help, whatever else the command line has */
    static boolean askForHelp(String[] arguments) {
        return List.of(arguments).contains("--help") || List.of(arguments).contains("-h");
    }

    boolean has(String name) {
        return given.containsKey(name);
    }

    /** @return the value as given, or null */
    String text(String name) {
        return given.get(name);
    }

    /**
     * @return the whole number, or the fallback if the option is not given
     * @throws Misuse if it is not a whole number in the range
     */
    long whole(String name, long fallback, long least, long most) {
        return has(name) ? (long) parsed(name, "whole number", "\\d{1,12}", least, most) : fallback;
    }

    /**
     * @return the number, or the fallback if the option is not given
     * @throws Misuse if it is not a number in the range
     */
    double number(String name, double fallback, double least, double most) {
        return has(name) ? parsed(name, "number", "\\d{1,12}(\\.\\d{1,9})?", least, most) : fallback;
    }

    private double parsed(String name, String kind, String form, double least, double most) {
        String text = given.get(name);
        if (text.matches(form)) {
            double number = Double.parseDouble(text);
            if (number >= least && number <= most) {
                return number;
            }
        }
        throw new Misuse("%s must be a %s from %s to %s; got '%s'".formatted(name, kind, plain(least), plain(most), text));
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? String.valueOf((long) number) : String.valueOf(number);
    }
}
