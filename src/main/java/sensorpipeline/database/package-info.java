/** Connections to PostgreSQL, and statements for it. */
package sensorpipeline.database;
