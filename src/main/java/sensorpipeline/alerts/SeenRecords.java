package sensorpipeline.alerts;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The last records that rules about silence have seen, as bytes: they change with every reading, so a row for each would be too much. {@link #WITH_LOCATIONS}, the number of entries, then for each
 * the id of the sensor, that of the rule, the time of the record, its offset and the location or an empty text, in the format of {@link DataOutputStream}. Earlier versions begin with the number
 * of entries, and have no locations. Stateless.
 */
final class SeenRecords {

    private static final int WITH_LOCATIONS = -1;

    private SeenRecords() {
    }

    static byte[] write(Map<SavedStates.Key, SavedStates.Seen> seen) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(seen.size() * 48);
        try (DataOutputStream data = new DataOutputStream(bytes)) {
            data.writeInt(WITH_LOCATIONS);
            data.writeInt(seen.size());
            for (Map.Entry<SavedStates.Key, SavedStates.Seen> entry : seen.entrySet()) {
                data.writeUTF(entry.getKey().sensorId());
                data.writeLong(entry.getKey().ruleId());
                data.writeLong(entry.getValue().at());
                data.writeLong(entry.getValue().offset());
                data.writeUTF(Objects.requireNonNullElse(entry.getValue().location(), ""));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static Map<SavedStates.Key, SavedStates.Seen> read(byte[] bytes) {
        Map<SavedStates.Key, SavedStates.Seen> seen = new HashMap<>();
        try (DataInputStream data = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int first = data.readInt();
            boolean haveLocations = first == WITH_LOCATIONS;
            int count = haveLocations ? data.readInt() : first;
            for (int i = 0; i < count; i++) {
                SavedStates.Key key = new SavedStates.Key(data.readUTF(), data.readLong());
                seen.put(key, new SavedStates.Seen(data.readLong(), data.readLong(), haveLocations ? location(data.readUTF()) : null));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return seen;
    }

    private static String location(String text) {
        return text.isEmpty() ? null : text;
    }
}
