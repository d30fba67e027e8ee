/** The REST API: readings as JSON, CSV and NDJSON, charts, the live stream, and answers that callers share. */
package sensorpipeline.api;
