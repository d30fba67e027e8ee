-- Records that an attempt to deliver a message has failed.
SELECT alert_message_failed(:?message_id::uuid, :?reason::text, :?retry_hours::integer)
