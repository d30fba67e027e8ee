package sensorpipeline.access;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys as programs write them. */
class AccessKeyTest {

    private static final BigInteger LARGEST = BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE);

    @Test
    void aKeyHasTheSameLengthWhateverItsRandomBits() {
        for (BigInteger random : new BigInteger[] {BigInteger.ZERO, BigInteger.ONE, BigInteger.valueOf(61), LARGEST}) {
            AccessKey key = AccessKey.of(random);
            assertTrue(key.text().matches("spk_[0-9A-Za-z]{49}"), key.text());
            assertEquals(key.text(), AccessKey.parse(key.text()).map(AccessKey::text).orElse(""));
        }
        assertTrue(AccessKey.of(BigInteger.ONE).text().startsWith("spk_" + "0".repeat(42) + "1"));
    }

    @Test
    void everyTypingErrorIsFoundWithoutALookUp() {
        String text = AccessKey.create().text();
        for (int i = 0; i < text.length(); i++) {
            char other = text.charAt(i) == 'x' ? 'y' : 'x';
            String wrong = text.substring(0, i) + other + text.substring(i + 1);
            assertEquals(Optional.empty(), AccessKey.parse(wrong), wrong);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "spk_", "secret", "spk_0", "SPK_0000000000000000000000000000000000000000000000000", "spk_ 000000000000000000000000000000000000000000000000"})
    void whatHasNotTheShapeOfAKeyIsNone(String text) {
        assertEquals(Optional.empty(), AccessKey.parse(text));
        assertEquals(Optional.empty(), AccessKey.parse(AccessKey.create().text() + text + "0"));
    }

    @Test
    void keysDiffer() {
        Set<String> keys = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            assertTrue(keys.add(AccessKey.create().text()));
        }
    }

    @Test
    void onlyItsHashIsStoredAndItsTextIsNeverLogged() throws NoSuchAlgorithmException {
        AccessKey key = AccessKey.create();
        assertArrayEquals(MessageDigest.getInstance("SHA-256").digest(key.text().getBytes(StandardCharsets.US_ASCII)), key.hash());
        assertNotEquals(key.text(), key.toString());
        assertFalse(key.text().substring(4).contains(key.toString()));
        assertEquals("spk_...", key.toString());
    }
}
