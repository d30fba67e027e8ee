package sensorpipeline.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A copy of the route files with an additional step, for {@code ROUTES_DIR}, so that the program needs no test hooks. */
public final class HurtRoutes {

    private HurtRoutes() {
    }

    /**
     * @param file of a route, such as {@code consumer/store-readings.camel.yaml}
     * @param step id of a step in it
     * @return a folder of routes in which this one blocks just before the step
     */
    public static Path haltingBefore(String file, String step) {
        Path copy = ProgramProcess.folder("routes");
        Path routes = Path.of("routes");
        try (Stream<Path> files = Files.walk(routes)) {
            for (Path each : files.filter(Files::isRegularFile).toList()) {
                Path target = copy.resolve(routes.relativize(each).toString());
                Files.createDirectories(target.getParent());
                Files.copy(each, target);
            }
            Path route = copy.resolve(file);
            Files.writeString(route, halt(Files.readAllLines(route), step));
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String halt(List<String> lines, String step) {
        int id = IntStream.range(0, lines.size()).filter(i -> lines.get(i).strip().equals("id: " + step)).findFirst()
                .orElseThrow(() -> new AssertionError("The route has no step '" + step + "' before which it could be halted"));
        int start = IntStream.iterate(id, i -> i - 1).filter(i -> lines.get(i).strip().startsWith("- ")).findFirst().orElseThrow();
        String indent = " ".repeat(lines.get(start).indexOf('-'));
        List<String> delay = Stream.of("- delay:", "    asyncDelayed: \"false\"", "    constant:", "      expression: \"3600000\"")
                .map(line -> indent + line).toList();
        return String.join("\n", Stream.of(lines.subList(0, start), delay, lines.subList(start, lines.size()))
                .flatMap(List::stream).toList()) + "\n";
    }
}
