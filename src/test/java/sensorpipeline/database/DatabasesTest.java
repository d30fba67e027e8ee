package sensorpipeline.database;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.settings.Settings;

class DatabasesTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"db | db:6432", "db-1,db-2 | db-1:6432,db-2:6432", "db-1:1, db-2 | db-1:1,db-2:6432", "[fd00::1],[fd00::2]:7 | [fd00::1]:6432,[fd00::2]:7", "db-1, | db-1:6432"})
    void serversHaveTheirOwnPortOrTheCommonOne(String given, String hosts) {
        assertEquals(hosts, Databases.hosts(Settings.load(Map.of("DB_HOST", given, "DB_PORT", "6432"))));
    }
}
