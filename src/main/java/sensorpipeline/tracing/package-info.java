/** Traces for an OpenTelemetry collector: of a reading from its producer to its row, and of a request. */
package sensorpipeline.tracing;
