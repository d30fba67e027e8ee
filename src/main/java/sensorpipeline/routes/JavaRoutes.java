package sensorpipeline.routes;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import javax.tools.ToolProvider;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.dsl.java.joor.JavaRoutesBuilderLoader;
import org.apache.camel.spi.Resource;
import sensorpipeline.settings.CannotStart;

/**
 * Loads route files written in Java. A file that the build has compiled, and that has not changed since, needs no
 * compiler; all others are compiled here, one by one, each time they are loaded.
 */
final class JavaRoutes extends JavaRoutesBuilderLoader {

    @Override
    public void preParseRoutes(Collection<Resource> resources) {
        // Files are compiled one by one when they are loaded, so that an error names its file.
    }

    @Override
    protected Collection<RoutesBuilder> doLoadRoutesBuilders(Collection<Resource> resources) throws Exception {
        List<RoutesBuilder> builders = new ArrayList<>();
        for (Resource resource : resources) {
            String text = text(resource);
            String location = resource.getLocation();
            String name = location.substring(location.lastIndexOf('/') + 1).replace(RouteFile.JAVA, "");
            requireName(name, text);
            Class<?> compiled = CompiledRoutes.find(location, text);
            if (compiled == null) {
                builders.addAll(compile(resource));
            } else if (compiled.getDeclaredConstructor().newInstance() instanceof RouteBuilder builder) {
                builder.setCamelContext(getCamelContext());
                builder.setResource(resource);
                builders.add(builder);
            }
        }
        return builders;
    }

    private static String text(Resource resource) throws IOException {
        try (InputStream stream = resource.getInputStream()) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void requireName(String name, String text) {
        if (!name.matches("[A-Z][A-Za-z0-9]*")) {
            StringBuilder proposal = new StringBuilder();
            for (String word : name.split("[^A-Za-z0-9]+")) {
                proposal.append(word.substring(0, 1).toUpperCase(Locale.ROOT)).append(word.substring(1));
            }
            throw new CannotStart("a Java file must be named as its class, such as %s.java for the route %s".formatted(proposal, RouteFile.id(proposal + RouteFile.JAVA)));
        }
        if (text.matches("(?s)(.*\\R)?\\s*package\\s+[\\w.]+\\s*;.*")) {
            throw new CannotStart("a route file has no package statement; each file stands alone");
        }
    }

    private Collection<RoutesBuilder> compile(Resource resource) throws Exception {
        if (ToolProvider.getSystemJavaCompiler() == null) {
            throw new CannotStart("it must be compiled, but this Java (%s) has no compiler; run with a JDK instead of a JRE, or build again"
                    .formatted(System.getProperty("java.home")));
        }
        // Not earlier, because it adds a class loader through which Camel would find each packaged route twice.
        start();
        return super.doLoadRoutesBuilders(List.of(resource));
    }
}
