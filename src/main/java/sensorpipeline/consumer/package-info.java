/** From Kafka records to PostgreSQL rows: the values that the routes in routes/consumer pass between their steps. */
package sensorpipeline.consumer;
