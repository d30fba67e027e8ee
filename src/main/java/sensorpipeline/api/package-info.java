/** The REST API: readings as JSON, CSV and NDJSON, charts, the live stream, and shared answers. */
package sensorpipeline.api;
