package sensorpipeline.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;

class SavedNewestReadingsTest {

    private static final long TEN = 600_000_000L;

    @Test
    void whatTheVersionBeforeSavedIsReadSoThatAnUpgradeFiresNothingOld() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream data = new DataOutputStream(new DeflaterOutputStream(bytes))) {
            data.writeInt(1);
            data.writeUTF("temperature");
            data.writeInt(1);
            data.writeUTF("sensor-1");
            data.writeInt(10);
            data.writeBoolean(false);
            data.writeInt(1);
            data.writeInt(0);
            data.writeLong(TEN);
        }
        Map<String, NewestTimes> saved = NewestReadings.read(bytes.toByteArray());
        assertEquals(10, saved.get("sensor-1").minute());
        NewestTimes.OfMetric temperature = saved.get("sensor-1").of("temperature");
        assertTrue(temperature.isAfter(TEN - 1));
        assertTrue(saved.get("sensor-1").advance(new NewestTimes.OfMetric[] {temperature}, "office", TEN, TEN - 1));
    }
}
