/** A real Kafka broker and PostgreSQL server that the program runs itself if no others are configured. */
package sensorpipeline.embedded;
