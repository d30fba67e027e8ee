package sensorpipeline.consumer;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import sensorpipeline.settings.RetentionTime;
import sensorpipeline.settings.Settings;

/**
 * How long readings and hourly rollups are kept: by the settings, or by the table tenant_retention for tenants listed there. SQL decides
 * what expires when (expiry() in the schema); this class knows the settings and which readings are too old to be stored. Thread-safe.
 */
public final class Retention {

    private static final String RAW = "retention.raw";
    private static final String ROLLUP = "retention.rollup";
    private static final String DEAD_LETTERS = "retention.dead.letters";
    /** Kafka's notation. */
    private static final long FOREVER = -1;

    private final Settings settings;
    private final RetentionTime raw;
    private final RetentionTime rollup;
    private final RetentionTime deadLetters;
    private final Duration interval;
    private volatile Instant nextRound;
    private volatile Map<String, CutOff> ofTenants = Map.of();
    private volatile boolean isRead;

    /**
     * @param settings default retention
     * @throws Settings.InvalidSetting if a setting that routes use is invalid, or rollups are kept shorter than readings
     */
    public Retention(Settings settings) {
        this.settings = settings;
        raw = RetentionTime.of(settings, RAW);
        rollup = RetentionTime.of(settings, ROLLUP);
        Instant now = Instant.now();
        if (cutOff(rollup, now) > cutOff(raw, now)) {
            throw new Settings.InvalidSetting(ROLLUP, settings.text(ROLLUP), "at least as long as "
                    + Settings.environmentName(RAW) + ", which is " + (settings.has(RAW) ? "'" + settings.text(RAW) + "'" : "forever"));
        }
        deadLetters = RetentionTime.of(settings, DEAD_LETTERS);
        interval = settings.duration("retention.interval");
        settings.duration("retention.refresh.interval");
        settings.duration("retention.drop.interval");
        settings.wholeNumber("retention.rows", 1, 1_000_000);
        nextRound = now;
    }

    /** @return how long readings are kept by default, in PostgreSQL's notation */
    public String raw() {
        return raw.text();
    }

    /** @return how long hourly rollups are kept by default, in PostgreSQL's notation */
    public String rollup() {
        return rollup.text();
    }

    /** @return how long dead letters are kept, in PostgreSQL's notation */
    public String deadLetters() {
        return deadLetters.text();
    }

    /** @return how long dead letters are kept, in milliseconds; -1 for forever */
    public long deadLettersMilliseconds() {
        OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC);
        return deadLetters.time() == null ? FOREVER : ChronoUnit.MILLIS.between(now.minus(deadLetters.time()), now);
    }

    /** Records that a round of expiry begins, from which the time of the next one follows. */
    public void beginRound() {
        nextRound = Instant.now().plus(interval);
    }

    /**
     * @param otherRaw value to try in place of RETENTION_RAW, or null
     * @param otherRollup value to try in place of RETENTION_ROLLUP, or null
     * @return the parameters of select-retention.sql
     * @throws Settings.InvalidSetting if a value to try would be rejected as a setting
     */
    public Map<String, Object> question(String otherRaw, String otherRollup) {
        RetentionTime.require("raw", otherRaw == null ? "" : otherRaw);
        RetentionTime.require("rollup", otherRollup == null ? "" : otherRollup);
        Retention asked = new Retention(settings.with(RAW, otherRaw == null ? settings.text(RAW) : otherRaw)
                .with(ROLLUP, otherRollup == null ? settings.text(ROLLUP) : otherRollup));
        return Map.of("raw", asked.raw(), "rollup", asked.rollup(), "next_round", nextRound.truncatedTo(ChronoUnit.SECONDS).toString(),
                "partition_width", settings.text("store.partition.width"));
    }

    /** @return true if the tenants' retention has not been {@linkplain #remember loaded} yet */
    public boolean isUnread() {
        return !isRead;
    }

    /** @param rows of select-tenant-cut-offs.sql, for tenants with their own retention; they replace the previous ones */
    public void remember(List<Map<String, Object>> rows) {
        Map<String, CutOff> read = new HashMap<>();
        for (Map<String, Object> row : rows) {
            Long cutOff = (Long) row.get("cut_off");
            read.put((String) row.get("tenant"), new CutOff((String) row.get("kept"), cutOff == null ? Long.MIN_VALUE : cutOff));
        }
        ofTenants = Map.copyOf(read);
        isRead = true;
    }

    /**
     * @param tenant of the readings
     * @param now time of receipt
     * @return the tenant's retention cutoff; the default one for a tenant without its own
     */
    CutOff cutOff(String tenant, Instant now) {
        CutOff own = ofTenants.get(tenant);
        return own != null ? own : new CutOff(raw.text(), cutOff(raw, now));
    }

    /**
     * @param kept the retention, for messages
     * @param at readings before this time, in microseconds since 1970, are too old; a full hour
     */
    record CutOff(String kept, long at) {

        /** @return why a reading with this time is not stored */
        String reason(String tenant, long readingAt) {
            return "expired: older than the %s that tenant '%s' keeps; timestamp %s"
                    .formatted(kept, tenant, Instant.EPOCH.plus(readingAt, ChronoUnit.MICROS));
        }
    }

    private static long cutOff(RetentionTime kept, Instant now) {
        return kept.time() == null ? Long.MIN_VALUE : ChronoUnit.MICROS.between(Instant.EPOCH, kept.before(now).truncatedTo(ChronoUnit.HOURS));
    }
}
