package sensorpipeline.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.support.Database;
import sensorpipeline.support.Servers;

class EmbeddedServersTest {

    @ParameterizedTest
    @CsvSource({"fsync, on", "synchronous_commit, on", "full_page_writes, on", "listen_addresses, 127.0.0.1"})
    void theEmbeddedPostgresqlIsAsDurableAsAnyAndKeepsToThisMachine(String setting, String value) {
        assertEquals(value, new Database(Servers.settings()).ask("SHOW " + setting));
    }
}
