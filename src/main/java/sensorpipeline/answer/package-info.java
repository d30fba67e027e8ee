/** The REST API: its parameters, and its answers as JSON, CSV and NDJSON. */
package sensorpipeline.answer;
