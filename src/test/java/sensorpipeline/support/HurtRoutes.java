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
     * @param step id of a step in {@code consumer/store-readings.camel.yaml}
     * @return a folder of routes in which the store blocks just before this step
     */
    public static Path haltingBefore(String step) {
        Path copy = ProgramProcess.folder("routes");
        Path routes = Path.of("routes");
        try (Stream<Path> files = Files.walk(routes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = copy.resolve(routes.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
            Path route = copy.resolve("consumer/store-readings.camel.yaml");
            Files.writeString(route, halt(Files.readAllLines(route), step));
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String halt(List<String> lines, String step) {
        int id = IntStream.range(0, lines.size()).filter(i -> lines.get(i).strip().equals("id: " + step)).findFirst()
                .orElseThrow(() -> new AssertionError("store-readings has no step '" + step + "' before which it could be halted"));
        int start = IntStream.iterate(id, i -> i - 1).filter(i -> lines.get(i).strip().startsWith("- ")).findFirst().orElseThrow();
        String indent = " ".repeat(lines.get(start).indexOf('-'));
        List<String> delay = Stream.of("- delay:", "    asyncDelayed: \"false\"", "    constant:", "      expression: \"3600000\"")
                .map(line -> indent + line).toList();
        return String.join("\n", Stream.of(lines.subList(0, start), delay, lines.subList(start, lines.size()))
                .flatMap(List::stream).toList()) + "\n";
    }
}
