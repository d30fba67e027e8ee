package sensorpipeline.producer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.producer.CellNumber.Comma;

class CellNumberTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "5 | 5", "0 | 0", "-0 | -0", "21.4 | 21.4", "-17.25 | -17.25", "1e3 | 1e3", "1E+3 | 1E+3", "1.5e-05 | 1.5e-05", ".5 | 0.5", "-.5 | -0.5", "+.5 | 0.5", "+3.1 | 3.1",
        "5. | 5", "-5. | -5", ".5e3 | 0.5e3", "007.5 | 7.5", "007 | 7", "000 | 0", "-00.50 | -0.50", "\u22125.5 | -5.5", "12345678901234567890 | 12345678901234567890",
        "TRUE | true", "True | true", "true | true", "FALSE | false", "false | false",
        "21,4 | 21.4", "-0,123 | -0.123", ",5 | 0.5", "21,45 | 21.45", "1234,567 | 1234.567", "1,234.5 | 1234.5", "1,234,567 | 1234567", "-1,234.00 | -1234.00", "1.234,5 | 1234.5",
        "12.345.678,9 | 12345678.9", "1'234.5 | 1234.5", "1 234,5 | 1234.5", "1\u00A0234 | 1234", "1\u202F234\u202F567,8 | 1234567.8", "1\u2019234 | 1234",
    })
    void readsWhatIsPlainlyANumber(String cell, String expected) throws Exception {
        assertEquals(expected, CellNumber.json(cell, Comma.UNCLEAR));
        assertEquals(Boolean.parseBoolean(expected) || expected.equals("false"), new ObjectMapper().readTree(expected).isBoolean());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "-", "+", ",", "e5", "1e", "--5", "+-5", "5 C", "20.6 C", "50%", "$5", "5-6", "1/2", "12:30", "0x10", "1_000", "NaN", "nan", "Infinity", "-inf", "N/A", "null",
        "yes", "on", "1,234", "12,345", "1.2.3", "1,23,456", "1,2345.6", "0,123,456", "1.23,4.5", "1,2,3", "1 2", "1 23", "192.168.1.1", "192.168.100.200", "1.234.567", "2025-01-15", "٣", "1e3,5", "true1"})
    void leavesEverythingElseAsText(String cell) {
        assertNull(CellNumber.json(cell, Comma.UNCLEAR), cell);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"1,234 | DECIMAL | 1.234", "1,234 | GROUPS | 1234", "-12,345 | DECIMAL | -12.345", "21,4 | GROUPS | 21.4", "1,234.5 | DECIMAL | 1234.5"})
    void readsACommaAsTheOtherCellsOfItsColumnTell(String cell, Comma column, String expected) {
        assertEquals(expected, CellNumber.json(cell, column));
    }
}
