/** What the REST API answers: readings as JSON, CSV and NDJSON, answers that callers share, and what a caller has already. */
package sensorpipeline.api;
