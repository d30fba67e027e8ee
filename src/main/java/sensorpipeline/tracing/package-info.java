/** Traces of what happens to a reading, from its producer to its row, and to a request, for a collector of OpenTelemetry. */
package sensorpipeline.tracing;
