package sensorpipeline.consumer;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAmount;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import sensorpipeline.settings.Settings;

/**
 * How long readings, and statistics by hour, are kept: as the settings say, or for a tenant as the table tenant_retention
 * says. What goes when is decided in SQL (V5__retention.sql); this knows the settings, and what is too old to be stored.
 * Safe for use by many threads.
 */
public final class Retention {

    private static final String RAW = "retention.raw";
    private static final String ROLLUP = "retention.rollup";
    /** Short enough for PostgreSQL to subtract from now. */
    private static final Pattern TIME = Pattern.compile("[1-9]\\d{0,4}[hd]|[1-9]\\d{0,3}w|[1-9]\\d{0,2}y");

    private final Settings settings;
    private final Kept raw;
    private final Kept rollup;
    private final Duration interval;
    private volatile Instant nextRound;
    private volatile Map<String, CutOff> ofTenants = Map.of();
    private volatile boolean isRead;

    /**
     * @param settings how long data are kept overall
     * @throws Settings.InvalidSetting if one that routes use is not as it must be, or statistics are kept shorter than readings
     */
    public Retention(Settings settings) {
        this.settings = settings;
        raw = kept(settings, RAW);
        rollup = kept(settings, ROLLUP);
        Instant now = Instant.now();
        if (rollup.cutOff(now) > raw.cutOff(now)) {
            throw new Settings.InvalidSetting(ROLLUP, settings.text(ROLLUP), "at least as long as "
                    + Settings.environmentName(RAW) + ", which is " + (settings.has(RAW) ? "'" + settings.text(RAW) + "'" : "for ever"));
        }
        interval = settings.duration("retention.interval");
        settings.duration("retention.refresh.interval");
        settings.duration("retention.drop.interval");
        settings.wholeNumber("retention.rows", 1, 1_000_000);
        nextRound = now;
    }

    private static Kept kept(Settings settings, String key) {
        if (!settings.has(key)) {
            return new Kept("infinity", null);
        }
        String time = settings.text(key);
        if (!TIME.matcher(time).matches()) {
            throw new Settings.InvalidSetting(key, time, "a time such as 12h, 90d, 8w or 5y, or empty for ever");
        }
        int number = Integer.parseInt(time.substring(0, time.length() - 1));
        return switch (time.charAt(time.length() - 1)) {
            case 'h' -> new Kept(number + " hours", Duration.ofHours(number));
            case 'd' -> new Kept(number + " days", Period.ofDays(number));
            case 'w' -> new Kept(number * 7 + " days", Period.ofWeeks(number));
            default -> new Kept(number + " years", Period.ofYears(number));
        };
    }

    /** @return how long readings are kept overall, as PostgreSQL writes it */
    public String raw() {
        return raw.text;
    }

    /** @return how long statistics by hour are kept overall, as PostgreSQL writes it */
    public String rollup() {
        return rollup.text;
    }

    /** Notes that a round of expiring begins, for those who ask when the next one will. */
    public void beginRound() {
        nextRound = Instant.now().plus(interval);
    }

    /**
     * @param otherRaw to be tried in place of RETENTION_RAW, or null
     * @param otherRollup to be tried in place of RETENTION_ROLLUP, or null
     * @return the parameters of select-retention.sql
     * @throws Settings.InvalidSetting if what is to be tried would be refused as a setting
     */
    public Map<String, Object> question(String otherRaw, String otherRollup) {
        Retention asked = new Retention(settings.with(RAW, otherRaw == null ? settings.text(RAW) : otherRaw)
                .with(ROLLUP, otherRollup == null ? settings.text(ROLLUP) : otherRollup));
        return Map.of("raw", asked.raw(), "rollup", asked.rollup(), "next_round", nextRound.truncatedTo(ChronoUnit.SECONDS).toString(),
                "partition_width", settings.text("store.partition.width"));
    }

    /** @return true if nobody has {@linkplain #remember read} yet what tenants keep */
    public boolean isUnread() {
        return !isRead;
    }

    /** @param rows of select-tenant-cut-offs.sql, for the tenants with values of their own; they replace those before */
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
     * @param tenant whose readings come
     * @param now when they come
     * @return from when on they are stored; the overall one for a tenant without values of its own
     */
    CutOff cutOff(String tenant, Instant now) {
        CutOff own = ofTenants.get(tenant);
        return own != null ? own : new CutOff(raw.text, raw.cutOff(now));
    }

    /**
     * @param kept how long, for people
     * @param at readings before this time, in microseconds since 1970, are too old; a full hour
     */
    record CutOff(String kept, long at) {

        /** @return why a reading of that time is not stored */
        String reason(String tenant, long readingAt) {
            return "expired: older than the %s that tenant '%s' keeps; timestamp %s"
                    .formatted(kept, tenant, Instant.EPOCH.plus(readingAt, ChronoUnit.MICROS));
        }
    }

    /**
     * @param text as PostgreSQL writes it
     * @param time the same, or null for ever
     */
    private record Kept(String text, TemporalAmount time) {

        long cutOff(Instant now) {
            return time == null ? Long.MIN_VALUE : ChronoUnit.MICROS.between(Instant.EPOCH,
                    OffsetDateTime.ofInstant(now, ZoneOffset.UTC).minus(time).truncatedTo(ChronoUnit.HOURS).toInstant());
        }
    }
}
