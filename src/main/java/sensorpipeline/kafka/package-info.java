/** Topics, tenants and dead letters: what the names on Kafka mean. */
package sensorpipeline.kafka;
