package sensorpipeline.alerts;

import java.time.ZoneId;

/**
 * How messages to people are written in this installation. Immutable.
 *
 * @param address of the dashboard, without a slash at its end, to which messages link; empty for no links
 * @param zone of times in messages about rules and to channels without a time zone of their own
 */
record MessageFormat(String address, ZoneId zone) {

    /**
     * @param path of a page of the dashboard
     * @return its address, or empty without that of the dashboard
     */
    String link(String path) {
        return address.isEmpty() ? "" : address + path;
    }
}
