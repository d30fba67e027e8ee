package sensorpipeline.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sensorpipeline.Pipeline;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Http;

/** A new service needs a folder of routes and one class. */
class AddedServiceTest {

    /** That class. */
    private static final class GreeterBeans implements Service {

        private final Greetings greetings = new Greetings();

        @Override
        public String name() {
            return "greeter";
        }

        @Override
        public void bind(ServiceContext context) {
            context.bind("greetings", greetings);
        }
    }

    /** The bean that its route calls. */
    public static final class Greetings {

        private final AtomicInteger count = new AtomicInteger();

        /** Counts a greeting. */
        public void greet() {
            count.incrementAndGet();
        }
    }

    @Test
    void itsRoutesRunWithAnyServersAndAreSeenOnHealth(@TempDir Path routes) throws Exception {
        copyShared(routes);
        Files.writeString(Files.createDirectory(routes.resolve("greeter")).resolve("greet-people.camel.yaml"), """
                - route:
                    id: greet-people
                    description: Greets whoever is there, ten times a second
                    routeConfigurationId: try-again-later
                    from:
                      uri: timer:greet-people
                      parameters:
                        period: 100
                      steps:
                        - bean:
                            id: greet
                            ref: greetings
                            method: greet
                """);
        GreeterBeans greeter = new GreeterBeans();
        Settings settings = Settings.load(Map.of()).with("routes.dir", routes).with("management.port", 0);
        try (Pipeline pipeline = new Pipeline(settings, Set.of(greeter))) {
            pipeline.start();
            Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> greeter.greetings.count.get() > 2);
            assertEquals(200, new Http(pipeline.port("management.port")).get("/health").statusCode());
        }
    }

    private static void copyShared(Path routes) throws IOException {
        Path shared = Files.createDirectory(routes.resolve("shared"));
        try (Stream<Path> files = Files.list(Path.of("routes/shared"))) {
            for (Path file : files.toList()) {
                Files.copy(file, shared.resolve(file.getFileName()));
            }
        }
    }
}
