package sensorpipeline.access;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * A key, with which a program makes requests: {@code spk_}, 256 random bits in base 62, and their checksum. It is a secret: it is shown once to who makes
 * it, and only its hash is stored. Thread-safe.
 */
public final class AccessKey {

    private static final String PREFIX = "spk_";
    private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int RANDOM_BITS = 256;
    private static final int RANDOM_LENGTH = 43;
    private static final int CHECKSUM_LENGTH = 6;
    private static final Pattern SHAPE = Pattern.compile(PREFIX + "[0-9A-Za-z]{" + (RANDOM_LENGTH + CHECKSUM_LENGTH) + "}");
    private static final SecureRandom RANDOM = new SecureRandom();

    private final String text;

    private AccessKey(String text) {
        this.text = text;
    }

    /** @return a new key */
    public static AccessKey create() {
        return of(new BigInteger(RANDOM_BITS, RANDOM));
    }

    /** @return the key with these random bits */
    static AccessKey of(BigInteger random) {
        String begin = PREFIX + base62(random, RANDOM_LENGTH);
        return new AccessKey(begin + checksum(begin));
    }

    /**
     * @param text of a request
     * @return the key; empty if the text is none, such as one with a typing error
     */
    public static Optional<AccessKey> parse(String text) {
        if (!SHAPE.matcher(text).matches()) {
            return Optional.empty();
        }
        int end = text.length() - CHECKSUM_LENGTH;
        return text.substring(end).equals(checksum(text.substring(0, end))) ? Optional.of(new AccessKey(text)) : Optional.empty();
    }

    private static String checksum(String begin) {
        CRC32 checksum = new CRC32();
        checksum.update(begin.getBytes(StandardCharsets.US_ASCII));
        return base62(BigInteger.valueOf(checksum.getValue()), CHECKSUM_LENGTH);
    }

    private static String base62(BigInteger number, int length) {
        char[] digits = new char[length];
        BigInteger rest = number;
        for (int i = length - 1; i >= 0; i--) {
            BigInteger[] parts = rest.divideAndRemainder(BigInteger.valueOf(DIGITS.length()));
            digits[i] = DIGITS.charAt(parts[1].intValue());
            rest = parts[0];
        }
        return new String(digits);
    }

    /** @return the key itself, for the one who made it */
    public String text() {
        return text;
    }

    /** @return its SHA-256. The key is random enough that it needs neither salt nor a slow hash */
    public byte[] hash() {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @return that it is a key, and not which one */
    @Override
    public String toString() {
        return PREFIX + "...";
    }
}
