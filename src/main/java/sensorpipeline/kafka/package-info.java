/** Kafka clients, topics, tenants and dead letters. */
package sensorpipeline.kafka;
