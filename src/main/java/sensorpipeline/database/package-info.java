/** Connections to PostgreSQL, the schema, and SQL errors. */
package sensorpipeline.database;
