import java.util.Map;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.model.ChoiceDefinition;

public class SendFormatted extends RouteBuilder {

    /** JSON is left to send-json, as in every other answer. */
    private static final Map<String, String> CONTENT_TYPES = Map.of(
            "csv", "text/csv; charset=utf-8; header=present",
            "ndjson", "application/x-ndjson");

    @Override
    public void configure() {
        ChoiceDefinition format = from("direct:send-formatted")
                .routeId("send-formatted")
                .description("Sends the body with the content type of the format that the caller asked for")
                .routeConfigurationId("pass-on-errors")
                .choice();
        CONTENT_TYPES.forEach((name, type) -> format
                .when(simple("${header.CamelJdbcParameters[format]} == '" + name + "'"))
                    .removeHeaders("*")
                    .setHeader("Content-Type", constant(type)));
        format.otherwise()
                .to("direct:send-json");
    }
}
