/** Connections to PostgreSQL. */
package sensorpipeline.database;
