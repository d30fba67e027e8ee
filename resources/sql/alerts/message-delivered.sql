-- Records that a message is delivered.
SELECT alert_message_delivered(:?message_id::uuid)
