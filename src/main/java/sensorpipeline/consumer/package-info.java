/** From records of Kafka to rows of PostgreSQL: the values that the routes in routes/consumer hand from step to step. */
package sensorpipeline.consumer;
