package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** Lists have one order in every PostgreSQL, whatever its locale. */
class LocaleTest {

    private static final List<String> SENSORS = List.of("A1", "B1", "a1", "b1", "sensor-2", "sensor10", "Ä");

    @Test
    void pagesOfSensorsAreCompleteInADatabaseWithTheOrderOfALanguage() throws Exception {
        Settings here = Servers.settings();
        Settings english = here.with("db.name", here.text("db.name") + "_english");
        new Database(here).run("CREATE DATABASE " + english.text("db.name") + " TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C'");
        try (Pipeline pipeline = new Pipeline(english, Set.of(Services.CONSUMER, Services.API)); Readings devices = new Readings(english)) {
            pipeline.start();
            devices.sendTo(english.text("topic.name"), SENSORS.stream().map(sensor -> Readings.json(sensor, Instant.now().toString(), 1)).toList());
            new Database(english).awaitReadings(SENSORS.size());
            Http api = new Http(pipeline.port("api.port"));
            for (String filter : List.of("", "&status=online", "&search=1", "&sensor_id=a1,B1,sensor10")) {
                List<String> all = names(api, "/sensors?limit=100" + filter, "");
                assertEquals(all.stream().sorted().toList(), all, filter);
                assertEquals(all, walked(api, filter), filter);
            }
            assertEquals(SENSORS, names(api, "/sensors?limit=100", ""));
        }
    }

    private static List<String> walked(Http api, String filter) throws Exception {
        List<String> walked = new ArrayList<>();
        String next = "";
        while (!next.equals("&cursor=null")) {
            String path = "/sensors?limit=1" + filter;
            walked.addAll(names(api, path, next));
            next = "&cursor=" + Http.json(api.get(path + next)).path("next").asText();
        }
        return walked;
    }

    private static List<String> names(Http api, String path, String cursor) throws Exception {
        return Http.json(api.get(path + cursor)).path("data").findValuesAsText("sensor_id");
    }
}
