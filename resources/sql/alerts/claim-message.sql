-- Claims the message that a channel has to deliver now; no row if there is none.
SELECT message_id::text AS message_id, body::text AS body FROM claim_alert_message(:?channel_id::bigint, :?is_quiet::boolean)
