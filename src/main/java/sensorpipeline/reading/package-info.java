/** What a reading is, and how bytes become one. Knows neither Kafka nor PostgreSQL. */
package sensorpipeline.reading;
