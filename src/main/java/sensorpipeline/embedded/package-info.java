/** A real Kafka broker and a real PostgreSQL inside the program, for when no others are given. */
package sensorpipeline.embedded;
