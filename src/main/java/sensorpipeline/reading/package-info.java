/** What a reading is, and how it is parsed. Independent of Kafka and PostgreSQL. */
package sensorpipeline.reading;
