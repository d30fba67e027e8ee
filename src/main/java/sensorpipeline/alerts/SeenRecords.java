package sensorpipeline.alerts;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

/**
 * The last records that rules about silence have seen, as bytes: they change with every reading, so a row for each would be too much. The number of entries, then for each the id of the sensor,
 * that of the rule, the time of the record and its offset, in the format of {@link DataOutputStream}. Stateless.
 */
final class SeenRecords {

    private SeenRecords() {
    }

    static byte[] write(Map<SavedStates.Key, SavedStates.Seen> seen) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(seen.size() * 48);
        try (DataOutputStream data = new DataOutputStream(bytes)) {
            data.writeInt(seen.size());
            for (Map.Entry<SavedStates.Key, SavedStates.Seen> entry : seen.entrySet()) {
                data.writeUTF(entry.getKey().sensorId());
                data.writeLong(entry.getKey().ruleId());
                data.writeLong(entry.getValue().at());
                data.writeLong(entry.getValue().offset());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static Map<SavedStates.Key, SavedStates.Seen> read(byte[] bytes) {
        Map<SavedStates.Key, SavedStates.Seen> seen = new HashMap<>();
        try (DataInputStream data = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int count = data.readInt();
            for (int i = 0; i < count; i++) {
                SavedStates.Key key = new SavedStates.Key(data.readUTF(), data.readLong());
                seen.put(key, new SavedStates.Seen(data.readLong(), data.readLong()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return seen;
    }
}
