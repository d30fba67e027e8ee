package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Contract;
import sensorpipeline.support.Http;
import sensorpipeline.support.Servers;

/** Whoever says which version of an alert rule or a channel a change is for does not overwrite what somebody else has changed meanwhile. */
class LostUpdatesTest {

    private static final Settings SETTINGS = Servers.settings();
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.ALERTS, Services.API));
    private static Http api;
    private static Contract contract;

    /** What can be changed by several people. */
    enum Kind {
        RULE("/alert-rules", "SavedAlertRule", "{\"name\":\"%s\",\"metric\":\"x\",\"severity\":\"info\",\"above\":%d}"),
        CHANNEL("/alert-channels", "SavedAlertChannel", "{\"name\":\"%s\",\"email\":{\"to\":[\"a@example.org\"]},\"after\":\"%dm\"}");

        final String path;
        final String schema;
        final String body;

        Kind(String path, String schema, String body) {
            this.path = path;
            this.schema = schema;
            this.body = body;
        }

        String body(int number) {
            return body.formatted(this, number);
        }

        /** @return its path */
        String add() {
            HttpResponse<String> answer = api.post(path, body(1));
            assertEquals(201, answer.statusCode(), answer.body());
            return path + "/" + contract.valid(answer, schema).path("data").path("id").asText();
        }

        JsonNode read(String one) {
            return contract.valid(api.get(one), schema).path("data");
        }
    }

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
        contract = new Contract(api);
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
    }

    private static HttpResponse<String> put(String one, String body, String... conditions) {
        return api.call("PUT", one, HttpRequest.BodyPublishers.ofString(body), Stream.concat(Stream.of("Content-Type", "application/json"), conditional(conditions)).toArray(String[]::new));
    }

    private static HttpResponse<String> delete(String one, String... conditions) {
        return api.call("DELETE", one, conditional(conditions).toArray(String[]::new));
    }

    private static Stream<String> conditional(String... conditions) {
        return Stream.of(conditions).flatMap(one -> Stream.of("If-Match", one));
    }

    private static String refusal(HttpResponse<String> answer) {
        JsonNode error = contract.error(answer, 412);
        assertEquals("changed_meanwhile", error.path("code").asText());
        return error.path("message").asText();
    }

    @ParameterizedTest
    @EnumSource
    void theSecondOfTwoChangesOfTheSameVersionIsRefusedAndChangesNothing(Kind kind) {
        String one = kind.add();
        try {
            assertEquals(200, put(one, kind.body(2), "\"1\"").statusCode());
            String message = refusal(put(one, kind.body(3), "\"1\""));
            assertTrue(message.contains("has version 2") && message.contains("read it"), message);
            JsonNode stored = kind.read(one);
            assertEquals(2, stored.path("version").asInt());
            assertEquals(kind == Kind.RULE ? "2" : "2m", stored.path(kind == Kind.RULE ? "above" : "after").asText());
            refusal(delete(one, "\"1\""));
            assertEquals(200, put(one, kind.body(4), "\"1\", \"2\"").statusCode(), "one of several versions");
            assertEquals(200, put(one, kind.body(5), "\"1\"", "\"3\"").statusCode(), "in several lines");
            assertEquals(200, put(one, kind.body(6), "*").statusCode());
            assertEquals(200, put(one, kind.body(7)).statusCode(), "without a condition, the last one wins");
            assertEquals(6, kind.read(one).path("version").asInt());
            assertEquals(200, delete(one, "\"6\"").statusCode());
            assertEquals(404, put(one, kind.body(8), "\"6\"").statusCode());
        } finally {
            delete(one);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theTagOfAResponseIsACondition(Kind kind) {
        String one = kind.add();
        try {
            String tag = api.get(one).headers().firstValue("ETag").orElseThrow();
            assertTrue(tag.matches("\"1-[\\w-]+\""), tag);
            assertEquals(304, api.get(one, "If-None-Match", tag).statusCode());
            HttpResponse<String> changed = put(one, kind.body(2), tag);
            assertEquals(200, changed.statusCode(), "the tag is that of the version");
            assertFalse(changed.headers().firstValue("ETag").isPresent(), "it would tell that what was sent is what is read");
            assertNotEquals(tag, api.get(one).headers().firstValue("ETag").orElseThrow());
            refusal(put(one, kind.body(3), tag));
            refusal(put(one, kind.body(3), "W/" + tag));
            assertEquals(200, put(one, kind.body(3), "W/" + api.get(one).headers().firstValue("ETag").orElseThrow()).statusCode(), "from behind a proxy that compresses");
            refusal(put(one, kind.body(4), "W/\"mkT7ibcPVOyVN4bE\""));
            refusal(put(one, kind.body(4), "\"99999999999999999999\""));
            assertEquals(3, kind.read(one).path("version").asInt());
        } finally {
            delete(one);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "\"1", "", "\"1\" \"2\"", "w/\"1\"", "*, \"1\"", "1; DROP TABLE alert_rule"})
    void aConditionThatIsNoneIsRefused(String condition) {
        String one = Kind.RULE.add();
        try {
            JsonNode error = contract.error(put(one, Kind.RULE.body(2), condition), 400);
            assertEquals("invalid_if_match", error.path("code").asText());
            assertTrue(error.path("message").asText().startsWith("If-Match must be a version in quotes, such as \"7\""), error::toString);
            contract.error(delete(one, condition), 400);
            assertEquals(1, Kind.RULE.read(one).path("version").asInt());
        } finally {
            delete(one);
        }
    }

    @ParameterizedTest
    @EnumSource
    void ofChangesAtTheSameTimeOneSucceeds(Kind kind) {
        String one = kind.add();
        try {
            List<Integer> statuses = IntStream.range(2, 10).parallel().mapToObj(number -> put(one, kind.body(number), "\"1\"").statusCode()).toList();
            assertEquals(1, Collections.frequency(statuses, 200), statuses::toString);
            assertEquals(7, Collections.frequency(statuses, 412), statuses::toString);
            assertEquals(2, kind.read(one).path("version").asInt());
        } finally {
            delete(one);
        }
    }

    @Test
    void aChannelThatIsRenamedChangesTheVersionOfItsFallback() {
        String one = Kind.CHANNEL.add();
        String fallback = "/alert-channels/" + contract.valid(api.post("/alert-channels", "{\"name\":\"fallback\",\"email\":{\"to\":[\"a@example.org\"]},\"fallback_for\":[\"CHANNEL\"]}"), "SavedAlertChannel")
                .path("data").path("id").asText();
        try {
            assertEquals(200, put(one, Kind.CHANNEL.body(2).replace("CHANNEL", "renamed")).statusCode());
            assertEquals(2, Kind.CHANNEL.read(fallback).path("version").asInt());
        } finally {
            delete(fallback);
            delete(one);
        }
    }
}
