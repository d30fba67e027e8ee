package sensorpipeline.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorAnswerTest {

    @ParameterizedTest
    @CsvSource({
        "08006, 503, database_unavailable, 5", "57P03, 503, database_unavailable, 5", "28P01, 503, database_unavailable, 5", "3D000, 503, database_unavailable, 5",
        "53300, 503, database_busy, 5", "40P01, 503, database_busy, 5", "55P03, 503, database_busy, 5", "57014, 503, query_timeout, 5", "25006, 503, database_read_only, 5",
        "42P01, 503, database_not_migrated, 5", "42501, 500, database_permission_missing,", "23505, 409, already_exists,", "23503, 409, conflict,", "23514, 409, conflict,",
        "22003, 500, internal_error,", "42601, 500, internal_error,", "XX001, 500, internal_error,"})
    void aRefusalOfTheDatabaseIsToldAsWhatItIs(String state, int status, String code, String retryAfter) {
        ErrorAnswer answer = ErrorAnswer.of(new IllegalStateException(new SQLException("relation \"secret\"", state)), "request-1");
        assertEquals(status, answer.status());
        assertEquals(code, answer.code());
        assertEquals(retryAfter, answer.retryAfter(), "to try again helps only where it passes by itself");
        assertEquals("database_unavailable".equals(code) && state.startsWith("08"), answer.message().contains("does not answer"), answer.message());
        assertFalse(answer.message().contains("secret"), "names of the database are not the caller's");
    }
}
