package sensorpipeline.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteConfigurationBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.settings.CannotStart;

/** All references from a step to another route are found, in YAML and in Java. */
class RouteLinksTest {

    private final CamelContext context = new DefaultCamelContext();

    private DeclaredRoute read(String file, String text) throws Exception {
        return new RouteReader(context, Path.of("routes")).read(new RouteFile(file.replaceFirst("/.*", ""), file.replaceFirst(".*/", ""), text, null), false);
    }

    private DeclaredRoute route(String steps) throws Exception {
        return read("api/example.camel.yaml", """
                - route:
                    id: example
                    description: Does something
                    routeConfigurationId: pass-on-errors
                    from:
                      uri: direct:example
                      steps:
                """ + steps.indent(8));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "- to: {uri: 'direct:found'}",
        "- to: {uri: 'direct://found?block=false'}",
        "- to: {uri: direct, parameters: {name: found}}",
        "- to: {uri: 'shared:direct:found'}",
        "- to: {uri: '{{missing:direct:found}}'}",
        "- toD: {uri: 'direct:found'}",
        "- wireTap: {uri: 'direct:found'}",
        "- poll: {uri: 'direct:found'}",
        "- enrich: {expression: {constant: {expression: 'direct:found'}}}",
        "- enrich: {expression: {simple: {expression: 'shared:direct:found'}}}",
        "- pollEnrich: {expression: {constant: {expression: 'direct:found'}}}",
        "- recipientList: {expression: {constant: {expression: 'direct:found, direct:found'}}}",
        "- recipientList: {delimiter: ';', expression: {constant: {expression: 'direct:found;direct:found'}}}",
        "- routingSlip: {expression: {constant: {expression: 'direct:found'}}}",
        "- choice: {when: [{expression: {simple: {expression: '${body}'}}, steps: [{to: {uri: 'direct:found'}}]}]}",
        "- choice: {when: [{expression: {simple: {expression: '${body}'}}, steps: [{stop: {}}]}], otherwise: {steps: [{to: {uri: 'direct:found'}}]}}",
        "- doTry: {steps: [{to: {uri: 'direct:found'}}], doFinally: {steps: [{stop: {}}]}}",
        "- doTry: {steps: [{stop: {}}], doCatch: [{exception: [java.lang.Exception], steps: [{to: {uri: 'direct:found'}}]}]}",
        "- doTry: {steps: [{stop: {}}], doFinally: {steps: [{to: {uri: 'direct:found'}}]}}",
        "- multicast: {steps: [{to: {uri: 'direct:found'}}]}",
        "- split: {expression: {simple: {expression: '${body}'}}, steps: [{filter: {expression: {simple: {expression: '${body}'}}, steps: [{to: {uri: 'direct:found'}}]}}]}",
        "- loadBalance: {roundRobinLoadBalancer: {}, steps: [{to: {uri: 'direct:found'}}]}",
        "- circuitBreaker: {steps: [{stop: {}}], onFallback: {steps: [{to: {uri: 'direct:found'}}]}}",
        "- saga: {compensation: 'direct:found', steps: [{stop: {}}]}",
        "- saga: {steps: [{to: {uri: 'direct:found'}}]}"})
    void aRouteThatAStepNamesIsFound(String step) throws Exception {
        assertEquals(List.of("direct:found"), route(step).targets(), step);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "- toD: {uri: 'direct:${header.name}'}",
        "- recipientList: {expression: {simple: {expression: '${header.names}'}}}",
        "- log: {message: 'direct:found'}"})
    void whatOnlyAMessageDecidesIsLeftOpen(String step) throws Exception {
        assertEquals(List.of(), route(step).targets());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "- to: {uri: 'kafka:readings'}",
        "- to: {uri: kafka, parameters: {topic: readings}}",
        "- toD: {uri: 'jdbc:${header.name}'}",
        "- enrich: {expression: {constant: {expression: 'jdbc:store-database'}}}",
        "- filter: {expression: {simple: {expression: '${body}'}}, steps: [{to: {uri: 'jdbc:store-database'}}]}"})
    void aStepThatLeavesTheProcessNeedsAnId(String step) throws Exception {
        assertTrue(assertThrows(CannotStart.class, () -> route(step)).getMessage().endsWith("must have an id, because it leaves the process"));
        route(step.replaceFirst("\\{uri: (kafka|'kafka|'jdbc)", "{id: outside, uri: $1").replace("enrich: {", "enrich: {id: outside, "));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "onException: [{onException: {exception: [java.lang.Exception], steps: [{to: {uri: 'direct:found'}}]}}]",
        "onCompletion: [{onCompletion: {steps: [{to: {uri: 'direct:found'}}]}}]",
        "intercept: [{intercept: {steps: [{to: {uri: 'direct:found'}}]}}]",
        "errorHandler: {deadLetterChannel: {deadLetterUri: 'direct:found'}}"})
    void aRouteThatAPolicyNamesIsFound(String part) throws Exception {
        assertEquals(List.of("direct:found"), read("shared/example.camel.yaml", """
                - routeConfiguration:
                    id: example
                    description: Does something
                """ + part.indent(4)).targets());
    }

    @Test
    void javaRoutesAndPoliciesAreReadAlike() throws Exception {
        context.addRoutesConfigurations(new RouteConfigurationBuilder() {
            @Override
            public void configuration() {
                routeConfiguration("given").description("Given").onException(Exception.class).to("direct:found");
            }
        });
        assertEquals(List.of("direct:first", "direct:second", "direct:third", "direct:fourth"), java("""
                onException(Exception.class).to("direct:first");
                errorHandler(deadLetterChannel("direct:fourth"));
                from("direct:example").routeId("example").description("Does something").routeConfigurationId("given")
                    .wireTap("direct:second")
                    .choice().when(body().isNull()).enrich("direct:third").otherwise().toD("direct:${body}");
                """).targets());
        assertEquals("direct:example", java("""
                from("direct:example").routeId("example").description("Does something").routeConfigurationId("given").stop();
                """).start());
    }

    private DeclaredRoute java(String statements) throws Exception {
        JavaRoutes loader = new JavaRoutes();
        loader.setCamelContext(context);
        context.getRegistry().bind("routes-builder-loader-java", loader);
        return read("api/Example.java", """
                import org.apache.camel.builder.RouteBuilder;
                public class Example extends RouteBuilder {
                    @Override
                    public void configure() {
                        %s
                    }
                }
                """.formatted(statements));
    }

    @Test
    void aJavaFileIsNamedAsItsClassAndItsRouteInLowerCaseWithHyphens() {
        assertEquals("count-refusals", RouteFile.id("CountRefusals.java"));
        assertEquals("count-refusals", RouteFile.id("count-refusals.camel.yaml"));
    }
}
